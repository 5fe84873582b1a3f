"""Synthetic cities for benchmarks and tests: seeded, with the sizes and tensions of a real one.

Amounts, proportions and eligibility are samples, not statistics of any place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Floats, Ints, Problem


@dataclass(frozen=True)
class Size:
    """How big an instance is; ``pairs`` is met within 2 %."""

    households: int
    needs: int
    projects: int
    pairs: int
    counties: int
    tiers: int = 3


COUNTY = Size(5_500, 11_000, 60, 160_000, counties=1)
CITY = Size(60_000, 120_000, 300, 1_760_000, counties=11)
PURPOSES = 8


def make(size: Size, seed: int) -> Problem:
    """Return a city: money is short (about a third of all gaps can be met), projects are narrow.

    >>> make(Size(20, 40, 6, 120, counties=1), seed=1).needs
    40
    """
    rng = np.random.default_rng(seed)
    county = rng.integers(size.counties, size=size.households)
    household = np.concatenate(
        [np.arange(size.households), rng.integers(size.households, size=size.needs)]
    )[: size.needs]
    purpose = rng.integers(PURPOSES, size=size.needs)
    gap = _round(rng.lognormal(np.log(6_000_00), 1.0, size.needs), 300_00, 120_000_00)
    rank = np.arange(1, size.tiers + 1)
    tier = rng.choice(size.tiers, size.needs, p=rank / rank.sum())  # the urgent are the fewest
    weight = rng.uniform(0.5, 2.0, size.needs)
    category = rng.integers(5, size=size.needs)  # dibao, tekun, edge, rigid, other

    city_wide = rng.random(size.projects) < 0.3
    region = np.where(city_wide, -1, rng.integers(size.counties, size=size.projects))
    purposes = rng.random((size.projects, PURPOSES)) < 0.45
    purposes[np.arange(size.projects), rng.integers(PURPOSES, size=size.projects)] = True
    categories = rng.random((size.projects, 5)) < 0.7
    in_kind = rng.random(size.projects) < 0.15
    low = _round(rng.lognormal(np.log(500_00), 0.7, size.projects), 100_00, 5_000_00)
    high = low * rng.integers(2, 21, size.projects)
    low = np.where(in_kind, _round(rng.uniform(300_00, 2_000_00, size.projects), 1, 10**9), low)
    high = np.where(in_kind, low, high)

    owner, partner = [], []
    for j in range(size.projects):
        near = (region[j] < 0) | (county[household] == region[j])
        able = near & purposes[j][purpose] & categories[j][category] & (gap >= low[j])
        owner.append(np.flatnonzero(able))
        partner.append(np.full(len(owner[-1]), j))
    row, column = np.concatenate(owner), np.concatenate(partner)
    kept = np.sort(rng.permutation(len(row))[: size.pairs])
    row, column = row[kept], column[kept]
    order = np.lexsort((column, row))
    row, column = row[order], column[order]
    start = np.zeros(size.needs + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=size.needs), out=start[1:])

    # Budgets and quotas follow demand: a project's share of what its eligible needs ask for.
    asked = np.bincount(
        column, np.minimum(gap[row], high[column]) / np.diff(start)[row], size.projects
    )
    budget = _round(asked * rng.lognormal(np.log(0.7), 0.8, size.projects), 1_000_00, 10**13)
    typical = np.clip(np.sqrt(low * high.astype(float)), 1, None)
    quota = np.maximum(1, budget / typical * rng.uniform(0.25, 0.8, size.projects)).astype(np.int64)
    cap = np.where(
        rng.random(size.households) < 0.2,
        _round(rng.uniform(2_000_00, 20_000_00, size.households), 0, 10**9),
        200_000_00,
    )
    none = np.empty(0, np.int64)
    return Problem(
        need_key=np.arange(size.needs),
        need_household=household,
        need_gap_fen=gap,
        need_tier=tier,
        need_weight=weight,
        need_max_grants=rng.choice([1, 2, 3], size.needs, p=[0.4, 0.4, 0.2]),
        household_cap_fen=cap,
        project_key=np.arange(size.projects),
        project_budget_fen=budget,
        project_quota=quota,
        project_min_fen=low,
        project_max_fen=high,
        project_exclusive=in_kind | (rng.random(size.projects) < 0.2),
        project_in_kind=in_kind,
        pair_start=start,
        pair_project=column,
        pair_weight=rng.uniform(0.6, 1.4, len(row)),
        pair_bonus=np.zeros(len(row)),
        pair_keep_bonus=np.zeros(len(row)),
        pin_need=none,
        pin_project=none,
        pin_fen=none,
    )


def _round(amount: Floats, low: int, high: int) -> Ints:
    """Whole yuan as fen within bounds."""
    return np.clip(np.round(amount / 100).astype(np.int64) * 100, low, high)
