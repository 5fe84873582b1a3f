"""Arithmetic of a need's aid and the meaning of the overlap codes (domain.md section 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

#: Outcome of each code that this app reports.
OUTCOMES = {
    "O-01": "BLOCK",
    "O-03": "BLOCK",
    "O-04": "BLOCK",
    "O-05": "REASON",
    "O-06": "BLOCK",
    "O-13": "REASON",
    "O-14": "REASON",
    "W-01": "WANTED",
    "": "REPORT",
}

#: Strictest first.
STRICTNESS = ("BLOCK", "REASON", "REPORT", "WANTED")

STATE_LAYERS = frozenset({"insurance", "government", "reserve"})


@dataclass(frozen=True)
class Line:
    """One ledger line as far as sums need it; ``of_kind`` is the kind of the entry it names."""

    kind: str
    layer: str
    amount_fen: int
    of_kind: str = ""


def active_fen(lines: Iterable[Line]) -> int:
    """Return promised - released + reported - reversed (of reported facts), in fen.

    A payment draws on its promise and adds nothing; taking a payment back opens the promise again.

    >>> active_fen([Line("promise", "charity", 500), Line("payment", "charity", 300, "promise")])
    500
    """
    total = 0
    for line in lines:
        if line.kind in ("promise", "reported"):
            total += line.amount_fen
        elif line.kind == "release" or (line.kind == "reversal" and line.of_kind == "reported"):
            total -= line.amount_fen
    return total


def residual_fen(net_fen: int | None, active: int) -> int | None:
    """Return what is left of an assessed net, never below 0; ``None`` while it is not assessed.

    >>> residual_fen(13_000_000, 2_490_000 + 500_000)
    10010000
    >>> residual_fen(None, 0) is None
    True
    """
    return None if net_fen is None else max(net_fen - active, 0)


def prevented_fen(asked_fen: int, residual: int) -> int:
    """Return the part of what was asked that would have been paid twice.

    >>> prevented_fen(950_000, 900_000)
    50000
    """
    return max(asked_fen - max(residual, 0), 0)


def coverage_percent(net_fen: int, active: int) -> str:
    """Return how much of the net is covered, with one decimal, half up.

    >>> coverage_percent(13_000_000, 2_990_000)
    '23.0'
    """
    if net_fen <= 0:
        return "100.0"
    tenths = int(Fraction(active * 1000, net_fen) + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def classify(
    *, layer: str, asked_fen: int, net_fen: int | None, active: int, state_active: int
) -> str:
    """Return the code of an ask on an assessed need: O-03, O-14, W-01 or ``""``.

    W-01: society fills at most what the state's aid leaves (the state is at its cap). Needs without
    an assessed net are judged by the database, which knows the limits.

    >>> classify(layer="charity", asked_fen=500_000, net_fen=13_000_000,
    ...          active=2_490_000, state_active=2_490_000)
    'W-01'
    >>> classify(layer="government", asked_fen=2, net_fen=1, active=0, state_active=0)
    'O-14'
    """
    above = net_fen is not None and active + asked_fen > net_fen
    if layer in STATE_LAYERS:
        return "O-14" if above else ""
    if above:
        return "O-03"
    return "W-01" if state_active > 0 else ""


def strictest(outcomes: Iterable[str]) -> str:
    """Return the strictest of several outcomes.

    >>> strictest(["WANTED", "REASON", "REPORT"])
    'REASON'
    """
    return min(outcomes, key=STRICTNESS.index)
