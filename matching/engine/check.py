"""Counts broken constraints of a set of grants. Shares no code with the solver, on purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Floats, Ints, Problem


@dataclass(frozen=True)
class Violations:
    """How many rows break each constraint; all 0 for a sound answer."""

    not_eligible: int  # grants on a pair that is neither a candidate nor pinned
    repeated: int  # second grants of one project on one need
    amount: int  # new grants outside the project's minimum and maximum, or not positive
    over_gap: int  # needs paid beyond their gap
    over_budget: int  # projects
    over_quota: int  # projects
    over_cap: int  # households
    shared_exclusive: int  # needs where an exclusive project is not alone
    too_many_funders: int  # needs
    pins_changed: int  # pinned grants missing or with another amount

    @property
    def total(self) -> int:
        return sum(vars(self).values())


def violations(problem: Problem, need: Ints, project: Ints, fen: Ints) -> Violations:
    """Return what the grants (need[g], project[g], fen[g]) break of ``problem``."""
    width = max(problem.projects, 1)
    code = need * width + project
    candidates = np.repeat(np.arange(problem.needs), np.diff(problem.pair_start)) * width
    candidates = candidates + problem.pair_project
    pins = dict(
        zip((problem.pin_need * width + problem.pin_project).tolist(), problem.pin_fen, strict=True)
    )
    pinned = np.isin(code, np.array(list(pins), np.int64))
    given = dict(zip(code.tolist(), fen, strict=True))
    outside = (fen < problem.project_min_fen[project]) | (fen > problem.project_max_fen[project])
    households = problem.need_household[need]
    served = np.unique(households * width + project) % width
    funders = np.bincount(need, minlength=problem.needs)
    exclusive = np.bincount(need[problem.project_exclusive[project]], minlength=problem.needs)
    return Violations(
        not_eligible=int((~np.isin(code, candidates) & ~pinned).sum()),
        repeated=len(code) - len(np.unique(code)),
        amount=int(((outside & ~pinned) | (fen <= 0)).sum()),
        over_gap=_over(need, fen, problem.need_gap_fen),
        over_budget=_over(project, fen, problem.project_budget_fen),
        over_quota=int(
            (np.bincount(served, minlength=problem.projects) > problem.project_quota).sum()
        ),
        over_cap=_over(households, fen, problem.household_cap_fen),
        shared_exclusive=int(((exclusive > 0) & (funders > 1)).sum()),
        too_many_funders=int((funders > problem.need_max_grants).sum()),
        pins_changed=sum(int(given.get(pin, -1)) != int(amount) for pin, amount in pins.items()),
    )


def _over(owner: Ints, fen: Ints, limit: Ints) -> int:
    total = np.zeros(len(limit), np.int64)
    np.add.at(total, owner, fen)
    return int((total > limit).sum())


def value_by_tier(problem: Problem, need: Ints, project: Ints, fen: Ints) -> Floats:
    """Return (tiers,) the value of the new grants; what is pinned has only used up the first part
    of its gap, which then no longer earns the fairness value."""
    tiers = int(problem.need_tier.max(initial=0)) + 1
    result = np.zeros(tiers)
    width = max(problem.projects, 1)
    code = need * width + project
    new = ~np.isin(code, problem.pin_need * width + problem.pin_project)
    candidates = np.repeat(np.arange(problem.needs), np.diff(problem.pair_start)) * width
    candidates = candidates + problem.pair_project
    order = np.argsort(candidates)
    pair = order[np.searchsorted(candidates, code[new], sorter=order)]
    worth = fen[new] * problem.need_weight[need[new]] * problem.pair_weight[pair]
    worth = worth + problem.pair_bonus[pair] + problem.pair_keep_bonus[pair]
    np.add.at(result, problem.need_tier[need[new]], worth)
    pinned = np.zeros(problem.needs, np.int64)
    np.add.at(pinned, problem.pin_need, problem.pin_fen)
    total = pinned.copy()
    np.add.at(total, need[new], fen[new])
    first = np.floor(problem.fairness_share * problem.need_gap_fen).astype(np.int64)
    fair = np.minimum(total, first) - np.minimum(pinned, first)
    worth_each = problem.fairness_weight * problem.need_weight * fair
    np.add.at(result, problem.need_tier, worth_each)
    return result
