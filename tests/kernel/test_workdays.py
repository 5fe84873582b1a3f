"""Deadlines in working days."""

from datetime import date

import pytest

from kernel.errors import Refused
from kernel.workdays import Calendar, Deadline, add_workdays, count_workdays
from kernel.workdays_data import known_calendar, known_days

PUBLISHED = known_calendar(2025, 2026)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2025, 9, 26), 3, date(2025, 9, 30)),
        (date(2025, 9, 26), 10, date(2025, 10, 16)),
        (date(2025, 9, 15), 30, date(2025, 10, 31)),
        (date(2025, 9, 26), 1, date(2025, 9, 28)),
        (date(2025, 9, 27), 0, date(2025, 9, 27)),
    ],
)
def test_the_verified_deadlines(start: date, count: int, due: date) -> None:
    assert add_workdays(start, count, PUBLISHED) == Deadline(due, assumed=False)
    assert count_workdays(start, due, PUBLISHED) == count


@pytest.mark.parametrize(
    "day", [date(2025, 9, 28), date(2026, 2, 14), date(2026, 2, 28), date(2026, 10, 10)]
)
def test_a_shifted_weekend_is_worked(day: date) -> None:
    assert PUBLISHED.is_workday(day)
    assert not Calendar().is_workday(day)


def test_a_deadline_crossing_into_an_unpublished_year_says_so() -> None:
    due = add_workdays(date(2026, 11, 22), 30, PUBLISHED)

    # 28 working days are left in 2026; 1 January 2027 is a Friday and counted for lack of a table.
    assert due == Deadline(date(2027, 1, 1), assumed=True)
    assert add_workdays(date(2026, 11, 22), 29, PUBLISHED) == Deadline(
        date(2026, 12, 31), assumed=False
    )


def test_an_unpublished_year_in_between_is_not_forgotten() -> None:
    due = add_workdays(date(2026, 12, 30), 3, Calendar(known_years=frozenset({2025, 2027})))

    assert due == Deadline(date(2027, 1, 4), assumed=True)


def test_a_table_of_exceptions_alone_is_enough() -> None:
    days = {**known_days(2025), **known_days(2026)}
    exceptions = {day: worked for day, worked in days.items() if worked != (day.weekday() < 5)}
    short = Calendar(exceptions, frozenset({2025, 2026}))

    assert len(exceptions) < 80
    for start in days:
        if start < date(2026, 10, 1):
            assert add_workdays(start, 20, short) == add_workdays(start, 20, PUBLISHED)


def test_a_negative_count_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_workdays(date(2026, 1, 1), -1, PUBLISHED)


def test_a_year_without_shifts_is_refused_by_name() -> None:
    with pytest.raises(Refused) as no:
        known_days(2027)

    assert no.value.code == "calendar_year_unknown"
    assert "2027年" in no.value.message
    assert 2027 not in known_calendar(2026, 2027).known_years


def test_a_known_year_has_all_its_days() -> None:
    assert len(known_days(2024)) == 366
    assert len(known_days(2025)) == 365
