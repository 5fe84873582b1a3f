"""Working-day arithmetic on a calendar of published shifts; the day of the event is not counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked.

    ``days`` may hold every day of a known year or only those that differ from Monday to Friday.
    Years outside ``known_years`` fall back to Monday to Friday, and answers say so.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < 5)

    def knows(self, day: date) -> bool:
        return day.year in self.known_years


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date; ``assumed`` when a year without a published calendar was crossed on the way."""

    on: date
    assumed: bool


def _days_after(start: date) -> Iterator[date]:
    day = start
    while True:
        day += timedelta(days=1)
        yield day


def add_workdays(start: date, count: int, calendar: Calendar) -> Deadline:
    """Return the ``count``-th working day after ``start``; with 0 it is ``start`` itself.

    >>> add_workdays(date(2026, 11, 20), 3, Calendar(known_years=frozenset({2026})))
    Deadline(on=datetime.date(2026, 11, 25), assumed=False)
    >>> add_workdays(date(2026, 11, 20), 30, Calendar(known_years=frozenset({2026}))).assumed
    True
    """
    if count < 0:
        raise ValueError(f"count of working days must not be negative: {count}")
    left, assumed, last = count, False, start
    for day in _days_after(start):
        if not left:
            break
        assumed = assumed or not calendar.knows(day)
        left -= calendar.is_workday(day)
        last = day
    return Deadline(last, assumed)


def count_workdays(start: date, end: date, calendar: Calendar) -> int:
    """Return the working days after ``start`` up to and including ``end``; 0 if ``end`` is earlier.

    >>> count_workdays(date(2026, 11, 20), date(2026, 11, 25), Calendar())
    3
    """
    span = (end - start).days
    return sum(calendar.is_workday(start + timedelta(days=step)) for step in range(1, span + 1))
