"""Medical warning SM-01: two lines with two different measures (domain.md section 1.4)."""

from dataclasses import dataclass

MEDICAL_ALERT = "SM-01"


@dataclass(frozen=True)
class Alert:
    """What was compared with which line, in fen."""

    measure: str
    amount_fen: int
    line_fen: int


def medical_alert(
    *,
    listed: bool,
    gross_fen: int,
    self_paid_fen: int,
    listed_line_fen: int,
    unlisted_line_fen: int,
) -> Alert | None:
    """Return the alert of a year's bills, or ``None``: a line has to be passed, not reached.

    Listed people (minimum living guarantee, edge, destitute) by what the treatment cost, all
    others by what they paid themselves.

    >>> medical_alert(listed=True, gross_fen=2_000_000, self_paid_fen=0,
    ...     listed_line_fen=2_000_000, unlisted_line_fen=4_000_000) is None
    True
    >>> medical_alert(listed=False, gross_fen=9_000_000, self_paid_fen=4_000_001,
    ...     listed_line_fen=2_000_000, unlisted_line_fen=4_000_000)
    Alert(measure='self_paid', amount_fen=4000001, line_fen=4000000)
    """
    measure, amount, line = (
        ("gross", gross_fen, listed_line_fen)
        if listed
        else ("self_paid", self_paid_fen, unlisted_line_fen)
    )
    return Alert(measure, amount, line) if amount > line else None
