"""Prices by projected subgradient, then grants by sweeps at falling shares of those prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matching.engine.bound import Relaxed, relax
from matching.engine.greedy import greedy_tier
from matching.engine.kernels import State, improve, sweep
from matching.engine.problem import Floats, Ints
from matching.engine.table import Tier

FIRST_STEP, LAST_STEP = 0.3, 0.003  # share of a typical price, falling geometrically
WARM_STEP = 0.03
MOMENTUM = 0.7
SHARE_FIRST, SHARE_LAST = 0.3, 0.05  # how fast a slot's price moves to the needs that use it
SCALES = (1.0, 0.7, 0.3, 0.0)  # shares of the prices at which the sweeps go
MOVES_PER_ITERATION = 100  # improvement moves per price iteration and 1,000 needs
SETTLING = 20  # most closing sweeps; two or three are usual
MOVES_AT_LEAST = 50  # per price iteration, however small the tier
CHUNK = 20_000  # moves between looks at the clock


@dataclass
class Answer:
    """One tier solved: the best state found and the best bound, with the prices that prove it."""

    state: State
    value: float
    bound: float
    budget_price: Floats
    quota_price: Floats
    household_price: Floats
    iterations: int
    stopped: bool


def solve_tier(
    tier: Tier,
    weight: Floats,
    *,
    seed: int,
    iterations: int,
    start: tuple[Floats, Floats] | None,
    out_of_time: Callable[[], bool],
    tick: Callable[[float], None],
) -> Answer:
    """Return the tier solved. ``start`` are prices of an earlier run; ``tick`` hears 0..1."""
    state, value = greedy_tier(tier, weight)
    if not len(tier.need):
        nothing = np.zeros(len(tier.budget))
        return Answer(state, 0.0, 0.0, nothing, nothing, np.zeros(0), 0, False)
    search = _Prices(tier, start)
    done = 0
    while done < iterations and not out_of_time():
        search.step(done / iterations)
        done += 1
        tick(0.6 * done / iterations)
    if not done:
        search.look()
    at = search.best
    # The prices are now fixed; what remains is to find grants that suit them.
    for ordering in (-at.surplus, -at.surplus / tier.table.gap):
        trial, worth = _round(tier, search, np.argsort(ordering, kind="stable"))
        if worth > value:
            state, value = trial, worth
    moves = done * (MOVES_AT_LEAST + MOVES_PER_ITERATION * len(tier.need) // 1000)
    for first in range(0, moves, CHUNK):
        if out_of_time():
            break
        value = improve(
            tier.table, state, search.best_budget, search.best_quota, at.household,
            min(CHUNK, moves - first), np.uint64(seed * 1_000_003 + first),
        )  # fmt: skip
        tick(0.6 + 0.4 * first / moves)
    value = _settle(tier, state, value, np.argsort(-at.surplus, kind="stable"))
    return Answer(
        state, float(value), at.bound, search.best_budget, search.best_quota, at.household,
        done, out_of_time(),
    )  # fmt: skip


def _settle(tier: Tier, state: State, value: float, order: Ints) -> float:
    """Sweep without prices until nothing changes: no feasible offer of worth stays unused."""
    free = np.zeros(len(tier.budget))
    for _ in range(SETTLING):
        before = value
        value = sweep(tier.table, state, order, free, free, np.zeros(len(tier.household)), 0.0)
        if value <= before:
            break
    return value


def _round(tier: Tier, search: _Prices, order: Ints) -> tuple[State, float]:
    """Return grants made in ``order`` at falling shares of the best prices."""
    state = tier.empty()
    worth = 0.0
    for scale in SCALES:
        worth = sweep(
            tier.table, state, order, search.best_budget, search.best_quota,
            search.best.household, scale,
        )  # fmt: skip
    return state, worth


class _Prices:
    """Projected subgradient on budget and quota prices, each scaled to what is usual for it."""

    def __init__(self, tier: Tier, start: tuple[Floats, Floats] | None) -> None:
        self.tier = tier
        table = tier.table
        self.budget = np.maximum(tier.budget, 1).astype(np.float64)
        self.quota = np.maximum(tier.quota, 1).astype(np.float64)
        self.budget_unit = float(np.mean(table.value)) or 1.0
        bonus = float(np.max(table.bonus, initial=0.0))
        typical = np.minimum(self.budget / self.quota, table.hi)
        self.quota_unit = self.budget_unit * np.maximum(typical, 1.0) + bonus
        self.first_step = FIRST_STEP if start is None else WARM_STEP
        if start is None:
            self.at_budget = np.full(len(self.budget), 0.5 * self.budget_unit)
            self.at_quota = np.zeros(len(self.budget))
        else:
            self.at_budget, self.at_quota = start[0].copy(), start[1].copy()
        self.share = tier.shares()
        size = np.bincount(table.group, minlength=tier.groups)
        self.split = np.flatnonzero((size > 1)[table.group] & (self.share > 0))
        self.group = np.unique(table.group[self.split], return_inverse=True)[1]
        self.size = size[table.group[self.split]]
        self.pull_budget = np.zeros(len(self.budget))
        self.pull_quota = np.zeros(len(self.budget))
        self.best: Relaxed | None = None  # type: ignore[assignment]

    best: Relaxed

    def look(self) -> Relaxed:
        """Price the tier here; keep it if it is the lowest bound so far."""
        here = relax(self.tier, self.at_budget, self.at_quota, self.share)
        if self.best is None or here.bound < self.best.bound:
            self.best = here
            self.best_budget, self.best_quota = self.at_budget.copy(), self.at_quota.copy()
        return here

    def step(self, progress: float) -> None:
        """Look, then move the prices towards where supply meets demand."""
        here = self.look()
        length = self.first_step * (LAST_STEP / self.first_step) ** progress
        over = np.clip(here.used / self.budget - 1.0, -1.0, 1.0)
        self.pull_budget += (1 - MOMENTUM) * (over - self.pull_budget)
        over = np.clip(here.slots / self.quota - 1.0, -1.0, 1.0)
        self.pull_quota += (1 - MOMENTUM) * (over - self.pull_quota)
        move = length * self.budget_unit * self.pull_budget
        self.at_budget = np.maximum(self.at_budget + move, 0.0)
        move = length * self.quota_unit * self.pull_quota
        self.at_quota = np.maximum(self.at_quota + move, 0.0)
        self._split_slots(here.active, SHARE_FIRST * (SHARE_LAST / SHARE_FIRST) ** progress)

    def _split_slots(self, active: Floats, length: float) -> None:
        """Let the needs of one household that use a slot carry its price; shares still sum to 1."""
        if not len(self.split):
            return
        group = self.group
        mean = np.bincount(group, active[self.split])[group] / self.size
        share = self.share[self.split] + length * (active[self.split] - mean)
        share = np.clip(share, 0.0, 1.0)
        self.share[self.split] = share / np.bincount(group, share)[group]
