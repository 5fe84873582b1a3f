"""Properties every answer has: sound, certified, determined, pins kept, urgent first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import check
from matching.engine.bound import relax
from matching.engine.problem import Problem
from matching.engine.solution import Cancelled, Solution
from matching.engine.solve import greedy, solve
from matching.engine.table import Left, sort, tier_of
from tests.matching.engine import exact, make

seeds = st.integers(0, 10_000)
quick = settings(max_examples=60, deadline=None)


def fen_of(solution: Solution, problem: Problem) -> dict[tuple[Any, Any], int]:
    """Fen by (need key, project key)."""
    need, project = problem.need_key[solution.need], problem.project_key[solution.project]
    return dict(zip(zip(need.tolist(), project.tolist(), strict=True), solution.fen, strict=True))


def shuffled(problem: Problem, seed: int) -> Problem:
    """The same problem with every kind of row in another order."""
    rng = np.random.default_rng(seed)
    need, project = rng.permutation(problem.needs), rng.permutation(problem.projects)
    household, pin = rng.permutation(problem.households), rng.permutation(len(problem.pin_need))
    place_of_need, place_of_project = np.argsort(need), np.argsort(project)
    place_of_household = np.argsort(household)
    owner = place_of_need[problem.pair_need()]
    pair = np.lexsort((rng.permutation(problem.pairs), owner))
    start = np.zeros(problem.needs + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=problem.needs), out=start[1:])
    columns: dict[str, Any] = {
        name: value[{"need": need, "project": project, "pair": pair, "pin": pin}[kind]]
        for name, value in vars(problem).items()
        if (kind := name.split("_")[0]) in ("need", "project", "pair", "pin")
        and name != "pair_start"
    }
    columns["need_household"] = place_of_household[columns["need_household"]]
    columns["household_cap_fen"] = problem.household_cap_fen[household]
    columns["pair_start"] = start
    columns["pair_project"] = place_of_project[columns["pair_project"]]
    columns["pin_need"] = place_of_need[columns["pin_need"]]
    columns["pin_project"] = place_of_project[columns["pin_project"]]
    return replace(problem, **columns)


@quick
@given(seed=seeds, needs=st.integers(1, 14), projects=st.integers(1, 5), tiers=st.integers(1, 3))
def test_an_answer_breaks_nothing_stays_below_its_bound_and_is_worth_what_it_says(
    seed: int, needs: int, projects: int, tiers: int
) -> None:
    problem = make.random_problem(seed, needs, projects, tiers)
    for answer in (solve(problem, iterations=15), greedy(problem)):
        assert answer.certificate.violations.total == 0
        worth = check.value_by_tier(problem, answer.need, answer.project, answer.fen)
        for tier in answer.certificate.tiers:
            assert tier.value <= tier.bound + 1e-6
            assert tier.value == pytest.approx(worth[tier.tier])


@settings(max_examples=40, deadline=None)
@given(seed=seeds, needs=st.integers(1, 9), projects=st.integers(1, 4))
def test_the_exact_optimum_lies_between_value_and_bound(
    seed: int, needs: int, projects: int
) -> None:
    problem = make.random_problem(seed, needs, projects)
    best = exact.optimum(problem)
    for answer in (solve(problem, iterations=25), greedy(problem)):
        # HiGHS may pay parts of a fen: 1e-5 of slack relative, not of ours.
        assert answer.certificate.value <= best * (1 + 1e-5) + 1e-3
        assert answer.certificate.bound >= best * (1 - 1e-6) - 1e-3


def test_on_small_random_problems_the_answer_is_near_the_exact_optimum() -> None:
    problems = [make.random_problem(seed, 9, 4) for seed in range(30)]
    ratio = [solve(each).certificate.value / exact.optimum(each) for each in problems]
    assert np.mean(ratio) > 0.99
    assert min(ratio) > 0.9


@quick
@given(seed=seeds, order=seeds)
def test_the_order_of_rows_changes_nothing(seed: int, order: int) -> None:
    problem = make.random_problem(seed, 12, 4, tiers=2)
    other = shuffled(problem, order)
    one, two = solve(problem, iterations=10), solve(other, iterations=10)
    assert fen_of(one, problem) == fen_of(two, other)
    assert one.certificate == two.certificate


def test_the_same_input_gives_the_same_answer_and_another_input_another_hash() -> None:
    problem = make.random_problem(3, 30, 5)
    one, two = solve(problem, seed=7), solve(problem, seed=7)
    assert fen_of(one, problem) == fen_of(two, problem)
    assert one.certificate == two.certificate
    richer = replace(problem, project_budget_fen=problem.project_budget_fen + 1)
    assert solve(richer).certificate.input_hash != one.certificate.input_hash


@quick
@given(seed=seeds)
def test_pinned_grants_are_kept_exactly(seed: int) -> None:
    problem = make.random_problem(seed, 14, 4, tiers=2)
    answer = solve(problem, iterations=10)
    kept = zip(
        answer.need[answer.pinned], answer.project[answer.pinned], answer.fen[answer.pinned],
        strict=True,
    )  # fmt: skip
    pins = zip(problem.pin_need, problem.pin_project, problem.pin_fen, strict=True)
    assert sorted(kept) == sorted(pins)


@quick
@given(seed=seeds)
def test_needs_of_a_lower_tier_do_not_change_what_the_urgent_get(seed: int) -> None:
    problem = make.random_problem(seed, 14, 4, tiers=2)
    pinned = np.isin(np.arange(problem.needs), problem.pin_need)
    keep = np.flatnonzero((problem.need_tier == 0) | pinned)
    pair = np.flatnonzero(np.isin(problem.pair_need(), keep))
    start = np.zeros(len(keep) + 1, np.int64)
    np.cumsum(np.diff(problem.pair_start)[keep], out=start[1:])
    urgent = replace(
        problem,
        pair_start=start,
        pin_need=np.searchsorted(keep, problem.pin_need),
        **{
            name: value[keep if name.startswith("need_") else pair]
            for name, value in vars(problem).items()
            if name.startswith(("need_", "pair_")) and name != "pair_start"
        },
    )
    with_lower, alone = solve(problem, iterations=10), solve(urgent, iterations=10)
    assert with_lower.certificate.tiers[0] == alone.certificate.tiers[0]


def test_the_urgent_are_served_first_even_where_others_are_worth_more() -> None:
    problem = make.problem(
        gap_fen=[500, 500], budget_fen=[500], need_tier=[1, 0], need_weight=[9.0, 1.0]
    )
    assert fen_of(solve(problem), problem) == {(1, 0): 500}


def test_keeping_bonus_keeps_a_proposed_pair_between_equals() -> None:
    problem = make.problem(
        gap_fen=[500, 500], budget_fen=[500], pair_keep_bonus=[0.0, 1.0], project_quota=[1]
    )
    assert fen_of(solve(problem), problem) == {(1, 0): 500}


CASES: list[tuple[str, dict[str, Any], dict[tuple[int, int], int], float]] = [
    ("the gap limits", {"gap_fen": [300], "budget_fen": [900]}, {(0, 0): 300}, 300.0),
    ("the budget limits", {"gap_fen": [900], "budget_fen": [300]}, {(0, 0): 300}, 300.0),
    (
        "below the smallest grant nothing is paid",
        {"gap_fen": [900], "budget_fen": [900], "project_min_fen": [901]},
        {},
        0.0,
    ),
    (
        "two projects share a need",
        {"gap_fen": [900], "budget_fen": [500, 300]},
        {(0, 0): 500, (0, 1): 300},
        800.0,
    ),
    (
        "an exclusive project does not share",
        {"gap_fen": [900], "budget_fen": [500, 300], "project_exclusive": [True, False]},
        {(0, 0): 500},
        500.0,
    ),
    (
        "one funder only",
        {"gap_fen": [900], "budget_fen": [500, 300], "need_max_grants": [1]},
        {(0, 0): 500},
        500.0,
    ),
    (
        "the household's cap holds over its needs",
        {
            "gap_fen": [900, 900],
            "budget_fen": [5000],
            "need_household": [0, 0],
            "need_weight": [1.0, 2.0],
            "household_cap_fen": [1000],
        },
        {(1, 0): 900, (0, 0): 100},
        1900.0,
    ),
    (
        "one slot serves all needs of a household",
        {
            "gap_fen": [300, 300, 500],
            "budget_fen": [5000],
            "need_household": [0, 0, 1],
            "project_quota": [1],
        },
        {(0, 0): 300, (1, 0): 300},
        600.0,
    ),
    (
        "the flexible need leaves the narrow project to the other",
        {
            "gap_fen": [500, 500],
            "budget_fen": [500, 500],
            "pairs": [(0, 0), (0, 1), (1, 0)],
            "need_weight": [2.0, 1.0],
            "pair_weight": [1.1, 1.0, 1.0],
        },
        {(0, 1): 500, (1, 0): 500},
        1500.0,
    ),
    (
        "fairness splits what priority alone would give to one",
        {
            "gap_fen": [1000, 1000],
            "budget_fen": [1000],
            "need_weight": [1.1, 1.0],
            "fairness_weight": 1.0,
        },
        {(0, 0): 500, (1, 0): 500},
        2100.0,
    ),
    (
        "what is pinned uses gap and budget and is kept",
        {"gap_fen": [900, 400], "budget_fen": [1000], "pins": [(0, 0, 700)]},
        {(0, 0): 700, (1, 0): 300},
        300.0,
    ),
    ("no projects", {"gap_fen": [900], "budget_fen": []}, {}, 0.0),
    ("no needs", {"gap_fen": [], "budget_fen": [100]}, {}, 0.0),
]


@pytest.mark.parametrize(
    ("columns", "grants", "value"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_small_cases_worked_out_by_hand(
    columns: dict[str, Any], grants: dict[tuple[int, int], int], value: float
) -> None:
    problem = make.problem(**columns)
    answer = solve(problem)
    assert fen_of(answer, problem) == grants
    assert answer.certificate.value == pytest.approx(value)


def test_a_warm_start_gives_a_valid_certificate_and_knows_projects_by_key() -> None:
    problem = make.random_problem(11, 40, 6)
    first = solve(problem, iterations=60)
    moved = shuffled(problem, 5)
    again = solve(moved, iterations=5, warm=first)
    cold = solve(moved, iterations=5)
    assert again.certificate.violations.total == 0
    assert again.certificate.bound < cold.certificate.bound
    newcomer = replace(moved, project_key=moved.project_key + 100)
    assert solve(newcomer, iterations=5, warm=first).certificate.violations.total == 0


def test_a_time_limit_cuts_the_run_and_is_recorded() -> None:
    problem = make.random_problem(2, 40, 6, tiers=2)
    answer = solve(problem, iterations=10**6, time_limit_s=0.05)
    assert answer.certificate.stopped_by_time
    assert answer.certificate.iterations < 10**6
    assert answer.certificate.violations.total == 0
    assert answer.certificate.value <= answer.certificate.bound


def test_progress_rises_to_one_and_cancel_stops_without_a_result() -> None:
    problem = make.random_problem(2, 40, 6, tiers=2)
    heard: list[float] = []
    solve(problem, iterations=10, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    with pytest.raises(Cancelled):
        solve(problem, cancel=lambda: True)


def test_more_budget_never_lowers_the_bound_at_the_same_prices() -> None:
    problem = sort(make.random_problem(4, 20, 4)).problem
    richer = replace(problem, project_budget_fen=problem.project_budget_fen + 500)
    prices = np.full(4, 0.8), np.full(4, 30.0)
    bounds = []
    for each in (problem, richer):
        tier = tier_of(each, Left.after_pins(each), 0)
        bounds.append(relax(tier, *prices, tier.shares()).bound)
    assert bounds[0] <= bounds[1]
