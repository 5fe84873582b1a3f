"""The business date. Business dates are Shanghai dates; audit times come from the database."""

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_fixed: date | None = None


def today() -> date:
    """Return the business date: the Shanghai calendar date, or the one fixed for a demo or test."""
    if _fixed is not None:
        return _fixed
    pinned = os.environ.get("BUSINESS_DATE")
    return date.fromisoformat(pinned) if pinned else datetime.now(SHANGHAI).date()


def now() -> datetime:
    """Return the aware current time in Shanghai."""
    return datetime.now(SHANGHAI)


def fix_today(day: date | None) -> None:
    """Pin the business date for this process (demo and tests only); ``None`` lets it run again."""
    global _fixed
    _fixed = day
