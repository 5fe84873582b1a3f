"""How good and how fast the matching engine is on a synthetic city, beside greedy.

``matching.city_quick``: one seed not used for tuning, compiled code warm. Baselines are greedy on
the same instance; bounds are the engine's own certificate.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from matching.engine import instances
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.solve import greedy, solve

SEED = 1798
WARM_UP = instances.Size(60, 120, 6, 400, counties=1)
RATIO_GOAL, SECONDS_GOAL = 98.5, 45.0


def figures() -> list[dict[str, Any]]:
    """Return the rows of ``make bench`` for this app."""
    began = time.perf_counter()
    _both(instances.make(WARM_UP, 0))
    compile_s = time.perf_counter() - began

    tiered = instances.make(instances.CITY, SEED)
    # One tier: every need in one sum, the setting in which greedy's share of the bound is known.
    flat = instances.make(instances.Size(**{**vars(instances.CITY), "tiers": 1}), SEED)
    base, base_s, best, best_s = _both(flat)
    bound = best.certificate.bound
    urgent_base, _, urgent, urgent_s = _both(tiered)
    lowest = min(tier.ratio for tier in urgent.certificate.tiers)
    broken = best.certificate.violations.total + urgent.certificate.violations.total
    covered, covered_base = _covered(tiered, urgent), _covered(tiered, urgent_base)
    return [
        _row(
            "matching.city_quick",
            100 * best.certificate.value / bound,
            "% of bound, one tier",
            100 * base.certificate.value / bound,
            f">= {RATIO_GOAL}",
            100 * best.certificate.value / bound >= RATIO_GOAL,
        ),
        _row(
            "matching.city_quick", best_s, "s, one tier", base_s, f"<= {SECONDS_GOAL:g}",
            best_s <= SECONDS_GOAL,
        ),
        _row(
            "matching.city_quick", 100 * lowest, "% of bound, lowest of three tiers", None,
            f">= {RATIO_GOAL}", 100 * lowest >= RATIO_GOAL,
        ),
        _row(
            "matching.city_quick", urgent_s, "s, three tiers", None, f"<= {SECONDS_GOAL:g}",
            urgent_s <= SECONDS_GOAL,
        ),
        _row(
            "matching.city_quick", covered, "% of urgent fen covered", covered_base,
            ">= greedy", covered >= covered_base,
        ),
        _row("matching.city_quick", float(broken), "violations", None, "0", broken == 0),
        _row("matching.city_quick", compile_s, "s to load or compile", None, "", True),
    ]  # fmt: skip


def _both(problem: Problem) -> tuple[Solution, float, Solution, float]:
    began = time.perf_counter()
    base = greedy(problem)
    middle = time.perf_counter()
    best = solve(problem)
    return base, middle - began, best, time.perf_counter() - middle


def _covered(problem: Problem, answer: Solution) -> float:
    """Percent of the most urgent tier's gaps that is paid."""
    urgent = problem.need_tier == 0
    paid = np.bincount(answer.need, answer.fen, problem.needs)
    return 100 * float(paid[urgent].sum() / problem.need_gap_fen[urgent].sum())


def _row(
    name: str, figure: float, unit: str, baseline: float | None, goal: str, met: bool
) -> dict[str, Any]:
    ratio = None if not baseline else round(figure / baseline, 3)
    return {
        "name": name,
        "figure": round(figure, 3),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 3),
        "ratio": ratio,
        "goal": goal,
        "met": met,
    }
