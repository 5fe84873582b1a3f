"""The published working-day shifts that a fresh installation starts from."""

from datetime import date, timedelta

import chinese_calendar

from kernel.errors import Refused
from kernel.workdays import Calendar

# The first and last years this version of the package holds; it raises outside them.
FIRST_YEAR = min(day.year for day in chinese_calendar.holidays)
LAST_YEAR = max(day.year for day in chinese_calendar.holidays)


def known_days(year: int) -> dict[date, bool]:
    """Return every day of ``year`` with whether it is worked.

    Raises ``Refused("calendar_year_unknown")`` for a year whose shifts the package does not hold.

    >>> known_days(2026)[date(2026, 2, 14)], known_days(2026)[date(2026, 10, 1)]
    (True, False)
    """
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    days = (first + timedelta(days=step) for step in range(length))
    try:
        return {day: bool(chinese_calendar.is_workday(day)) for day in days}
    except NotImplementedError as unknown:
        raise Refused(
            "calendar_year_unknown", f"{year}年的放假和调休安排尚未收录，请按国务院通知录入"
        ) from unknown


def known_calendar(first_year: int, last_year: int) -> Calendar:
    """Return the calendar of both years and those between, leaving out the unknown ones.

    >>> sorted(known_calendar(2025, 2030).known_years)
    [2025, 2026]
    """
    years = range(max(first_year, FIRST_YEAR), min(last_year, LAST_YEAR) + 1)
    days = {day: worked for year in years for day, worked in known_days(year).items()}
    return Calendar(days, frozenset(years))
