"""The valid upper bound of a tier at any prices >= 0, and what the prices make each need choose."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matching.engine.kernels import price
from matching.engine.problem import Floats
from matching.engine.table import Tier

ROUNDING = 1e-9
"""Relative allowance for float sums over a city, added to every bound so that it stays one."""


@dataclass(frozen=True)
class Relaxed:
    """The tier with budgets, quotas and household caps priced instead of kept."""

    bound: float
    household: Floats  # (h,) price of one more fen under the cap, found by the kernel
    surplus: Floats  # (n,) value of each need's choice after paying its prices
    used: Floats  # (p,) fen the choices use
    slots: Floats  # (p,) slots the choices use
    active: Floats  # (k,) 0..1, how far each pair was chosen


def relax(tier: Tier, budget_price: Floats, quota_price: Floats, share: Floats) -> Relaxed:
    """Return the relaxation at the prices; ``share`` sums to at most 1 within each group."""
    projects = len(tier.budget)
    result = Relaxed(
        0.0,
        np.zeros(len(tier.household)),
        np.zeros(len(tier.need)),
        np.zeros(projects),
        np.zeros(projects),
        np.zeros(len(tier.pair)),
    )
    bound = price(
        tier.table, budget_price, quota_price, share,
        result.household, result.surplus, result.used, result.slots, result.active,
    )  # fmt: skip
    # fsum: exact whatever the memory layout, so that equal runs print equal bounds.
    bound += math.fsum(budget_price * tier.budget) + math.fsum(quota_price * tier.quota)
    object.__setattr__(result, "bound", bound * (1 + ROUNDING))
    return result
