"""Region chains and days of the six systems, as the tests use them."""

from datetime import date

JINJIANG = ("350582", "350500", "350000", "CN")
MINHOU = ("350121", "350100", "350000", "CN")
DEHUA = ("350526", "350500", "350000", "CN")
SANMEN = ("331022", "331000", "330000", "CN")
LONGHAI = ("350604", "350600", "350000", "CN")

DAY = date(2026, 11, 22)
DEHUA_V1 = date(2022, 6, 1)
DEHUA_V2 = date(2023, 6, 1)


def fen(yuan: float) -> int:
    """Yuan of a test vector in fen."""
    return round(yuan * 100)
