"""The engine's one entry: solve a problem, tier by tier, and certify the answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from matching.engine import check
from matching.engine.bound import relax
from matching.engine.dual import Answer, solve_tier
from matching.engine.greedy import greedy_tier
from matching.engine.problem import Floats, Ints, Problem
from matching.engine.solution import Cancelled, Certificate, Prices, Solution, TierCertificate
from matching.engine.table import Left, Sorted, Tier, sort, tier_of

ITERATIONS = 70

Progress = Callable[[float], None]
Cancel = Callable[[], bool]


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    iterations: int = ITERATIONS,
    time_limit_s: float | None = None,
    warm: Solution | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Solution:
    """Return grants for ``problem`` with prices and certificate.

    Determined by the problem (whatever its row order), ``seed`` and ``iterations``, unless
    ``time_limit_s`` cuts it, which the certificate records; each tier then still has a feasible
    answer and a valid bound. ``warm`` is an earlier answer whose prices are the start.
    ``progress`` hears 0..1; ``cancel`` is asked between iterations.

    Raises ``ProblemError`` before any work, and ``Cancelled``.
    """
    problem.validate()
    ordered = sort(problem)
    began = time.monotonic()

    def out_of_time() -> bool:
        if cancel is not None and cancel():
            raise Cancelled
        return time_limit_s is not None and time.monotonic() - began > time_limit_s

    def tier_solver(tier: Tier, weight: Floats, number: int, done: float, part: float) -> Answer:
        def tick(here: float) -> None:
            if progress is not None:
                progress(min(1.0, done + part * here))

        return solve_tier(
            tier,
            weight,
            seed=seed + number,
            iterations=iterations,
            start=_start(warm, ordered, number),
            out_of_time=out_of_time,
            tick=tick,
        )

    return _lexicographic(ordered, tier_solver, progress)


def greedy(problem: Problem) -> Solution:
    """Return the baseline's answer; its certificate has the trivial bound (all prices 0)."""
    problem.validate()

    def tier_solver(tier: Tier, weight: Floats, number: int, done: float, part: float) -> Answer:
        state, value = greedy_tier(tier, weight)
        free = np.zeros(len(tier.budget))
        at = relax(tier, free, free, tier.shares())
        return Answer(state, value, at.bound, free, free, at.household, 0, False)

    return _lexicographic(sort(problem), tier_solver, None)


def _lexicographic(
    ordered: Sorted,
    tier_solver: Callable[[Tier, Floats, int, float, float], Answer],
    progress: Progress | None,
) -> Solution:
    """Solve tier after tier, each with what the frozen ones leave, and put the answer together."""
    problem = ordered.problem
    tiers = int(problem.need_tier.max(initial=0)) + 1
    left = Left.after_pins(problem)
    weight_of_tier = np.bincount(problem.need_tier, np.diff(problem.pair_start), tiers) + 1.0
    budget, quota = np.zeros((tiers, problem.projects)), np.zeros((tiers, problem.projects))
    household = np.zeros((tiers, problem.households))
    grants = [(problem.pin_need, problem.pin_project, problem.pin_fen)]
    certificates = []
    iterations, stopped, done = 0, False, 0.0
    for number in range(tiers):
        tier = tier_of(problem, left, number)
        part = float(weight_of_tier[number] / weight_of_tier.sum())
        answer = tier_solver(tier, problem.need_weight[tier.need], number, done, part)
        done += part
        grants.append(tier.grants(answer.state))
        left.take(problem, *grants[-1])
        budget[number], quota[number] = answer.budget_price, answer.quota_price
        household[number, tier.household] = answer.household_price
        certificates.append(TierCertificate(number, answer.value, answer.bound))
        iterations += answer.iterations
        stopped |= answer.stopped
    need, project, fen = (np.concatenate(part) for part in zip(*grants, strict=True))
    pinned = np.arange(len(need)) < len(problem.pin_need)
    order = np.lexsort((project, need))
    need, project, fen, pinned = need[order], project[order], fen[order], pinned[order]
    if progress is not None:
        progress(1.0)
    return Solution(
        need=ordered.need[need],
        project=ordered.project[project],
        fen=fen,
        pinned=pinned,
        prices=Prices(
            ordered.problem.project_key[_inverse(ordered.project)],
            budget[:, _inverse(ordered.project)],
            quota[:, _inverse(ordered.project)],
            _spread(household, ordered),
        ),
        certificate=Certificate(
            value=sum(each.value for each in certificates),
            bound=sum(each.bound for each in certificates),
            tiers=tuple(certificates),
            violations=check.violations(problem, need, project, fen),
            stopped_by_time=stopped,
            iterations=iterations,
            input_hash=ordered.digest,
        ),
    )


def _start(warm: Solution | None, ordered: Sorted, tier: int) -> tuple[Floats, Floats] | None:
    """Prices of ``warm`` for this tier on sorted rows; a project it did not know starts at 0."""
    if warm is None or tier >= len(warm.prices.budget):
        return None
    keys = ordered.problem.project_key
    order = np.argsort(warm.prices.project_key, kind="stable")
    known = warm.prices.project_key[order]
    place = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
    if not len(known):
        return None
    same = known[place] == keys
    row = order[place]
    return (
        np.where(same, warm.prices.budget[tier, row], 0.0),
        np.where(same, warm.prices.quota[tier, row], 0.0),
    )


def _inverse(order: Ints) -> Ints:
    result = np.empty(len(order), np.int64)
    result[order] = np.arange(len(order))
    return result


def _spread(household: Floats, ordered: Sorted) -> Floats:
    """Household prices on the stated rows; households without needs have none."""
    total = ordered.stated_households
    result = np.zeros((len(household), total))
    result[:, ordered.household] = household
    return result
