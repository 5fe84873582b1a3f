"""What a run hands back: grants, prices, and the certificate that says how good they are."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.check import Violations
from matching.engine.problem import Bools, Floats, Ints, Keys


class Cancelled(Exception):
    """The cancel callback said so; there is no result."""


@dataclass(frozen=True)
class Prices:
    """Shadow prices, one row per tier, on the rows of the stated problem. All >= 0.

    They say what one more fen or slot is worth to that tier given the higher tiers; needs outside
    the tier play no part in its row.
    """

    project_key: Keys  # (P,) whose prices these are, so that a later run can start from them
    budget: Floats  # (T, P) value of one more fen of budget
    quota: Floats  # (T, P) value of one more slot
    household: Floats  # (T, H) value of one more fen under the household's yearly cap


@dataclass(frozen=True)
class TierCertificate:
    """One tier, given the frozen grants of the tiers above and the pins."""

    tier: int
    value: float
    bound: float  # no answer with the same higher tiers has more value than this

    @property
    def ratio(self) -> float:
        return self.value / self.bound if self.bound > 0 else 1.0


@dataclass(frozen=True)
class Certificate:
    """How good the answer is, provably. ``value`` and ``bound`` are sums over the tiers, so the
    bound holds among answers that put urgent tiers first in the same way."""

    value: float
    bound: float
    tiers: tuple[TierCertificate, ...]
    violations: Violations  # counted by ``check``, which shares no code with the solver
    stopped_by_time: bool
    iterations: int  # price iterations done, over all tiers
    input_hash: str  # of the sorted input; the same whatever the order of rows

    @property
    def ratio(self) -> float:
        return self.value / self.bound if self.bound > 0 else 1.0


@dataclass(frozen=True)
class Solution:
    """Grants on the rows of the stated problem, by need key and then project key."""

    need: Ints  # (G,)
    project: Ints  # (G,)
    fen: Ints  # (G,)
    pinned: Bools  # (G,) approved before, kept exactly
    prices: Prices
    certificate: Certificate
