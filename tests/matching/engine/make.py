"""Small problems for the tests: hand-written ones by default values, random ones by seed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from matching.engine.problem import Problem

Pair = tuple[int, int]


def problem(
    *,
    gap_fen: list[int],
    budget_fen: list[int],
    pairs: Iterable[Pair] | None = None,
    pins: Iterable[tuple[int, int, int]] = (),
    **columns: Any,
) -> Problem:
    """Return a problem; every need may go to every project unless ``pairs`` (need, project) say so.

    Columns not given are generous: own household, tier 0, weight 1, no limits but gap and budget.
    """
    n, p = len(gap_fen), len(budget_fen)
    both = sorted(pairs if pairs is not None else [(i, j) for i in range(n) for j in range(p)])
    owner = np.array([i for i, _ in both], np.int64)
    k = len(both)
    households = int(np.max(columns.get("need_household", np.arange(n)), initial=-1)) + 1
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=n), out=start[1:])
    pinned = np.array(list(pins), np.int64).reshape(-1, 3)
    defaults: dict[str, Any] = {
        "need_key": np.arange(n),
        "need_household": np.arange(n),
        "need_tier": np.zeros(n, np.int64),
        "need_weight": np.ones(n),
        "need_max_grants": np.full(n, 3),
        "household_cap_fen": np.full(households, 10**12),
        "project_key": np.arange(p),
        "project_quota": np.full(p, 10**6),
        "project_min_fen": np.ones(p, np.int64),
        "project_max_fen": np.full(p, 10**12),
        "project_exclusive": np.zeros(p, np.bool_),
        "project_in_kind": np.zeros(p, np.bool_),
        "pair_weight": np.ones(k),
        "pair_bonus": np.zeros(k),
        "pair_keep_bonus": np.zeros(k),
    }
    scalars: dict[str, Any] = {
        name: columns.pop(name) for name in list(columns) if np.ndim(columns[name]) == 0
    }
    filled: dict[str, Any] = {
        name: np.asarray(columns.get(name, default), default.dtype)
        for name, default in defaults.items()
    }
    return Problem(
        need_gap_fen=np.array(gap_fen, np.int64),
        project_budget_fen=np.array(budget_fen, np.int64),
        pair_start=start,
        pair_project=np.array([j for _, j in both], np.int64),
        pin_need=pinned[:, 0].copy(),
        pin_project=pinned[:, 1].copy(),
        pin_fen=pinned[:, 2].copy(),
        **filled,
        **scalars,
    )


def random_problem(seed: int, needs: int, projects: int, tiers: int = 1) -> Problem:
    """Return a tight problem that uses every feature, with some feasible pins."""
    rng = np.random.default_rng(seed)
    households = max(1, needs * 2 // 3)
    low = rng.integers(1, 6, projects) * 100
    in_kind = rng.random(projects) < 0.2
    high = np.where(in_kind, low, low * rng.integers(1, 8, projects))
    pairs = [(i, j) for i in range(needs) for j in range(projects) if rng.random() < 0.7]
    gap = rng.integers(100, 2000, needs)
    household = rng.integers(households, size=needs)
    budget = rng.integers(300, 400 * max(1, needs // 2), projects)
    cap = rng.choice([700, 1500, 10**6], households)
    pins: list[tuple[int, int, int]] = []
    for i in range(needs):
        j = int(rng.integers(projects))
        fen = int(min(gap[i], high[j], cap[household[i]], budget[j]) // 2)
        if (
            rng.random() < 0.15
            and fen > 0
            and not any(household[i] == household[a] for a, _, _ in pins)
        ):
            pins.append((i, j, fen))
    quota = rng.integers(1, max(2, needs // 2), projects)
    for j in range(projects):
        budget[j] = max(budget[j], sum(fen for _, b, fen in pins if b == j))
        quota[j] = max(quota[j], sum(b == j for _, b, _ in pins))
    return problem(
        gap_fen=gap.tolist(),
        budget_fen=budget.tolist(),
        pairs=pairs,
        pins=pins,
        need_household=household,
        need_tier=rng.integers(tiers, size=needs),
        need_weight=rng.uniform(0.5, 2, needs),
        need_max_grants=rng.integers(1, 4, needs),
        household_cap_fen=np.concatenate([cap])[: int(household.max()) + 1],
        project_quota=quota,
        project_min_fen=low,
        project_max_fen=high,
        project_exclusive=in_kind | (rng.random(projects) < 0.2),
        project_in_kind=in_kind,
        pair_weight=rng.uniform(0.5, 1.5, len(pairs)),
        pair_bonus=rng.choice([0.0, 50.0], len(pairs)),
        pair_keep_bonus=rng.choice([0.0, 80.0], len(pairs)),
        fairness_weight=float(rng.choice([0.0, 0.5])),
        fairness_share=float(rng.choice([0.3, 1.0])),
    )
