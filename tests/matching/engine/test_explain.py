from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import check
from matching.engine.explain import Cost, Explainer, Hurdle, Term, Unmet
from matching.engine.solve import solve
from tests.matching.engine import make


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_terms_of_all_grants_sum_to_the_value_and_every_gap_has_a_reason(seed: int) -> None:
    problem = make.random_problem(seed, 12, 4, tiers=2)
    answer = solve(problem, iterations=15)
    explain = Explainer(problem, answer)
    matches = [
        explain.match(i, j)
        for i, j in zip(answer.need.tolist(), answer.project.tolist(), strict=True)
    ]
    assert sum(m.value for m in matches) == pytest.approx(answer.certificate.value)
    worth = check.value_by_tier(problem, answer.need, answer.project, answer.fen)
    assert sum(m.value for m in matches) == pytest.approx(worth.sum())
    granted = set(zip(answer.need.tolist(), answer.project.tolist(), strict=True))
    for need in range(problem.needs):
        start, end = problem.pair_start[need : need + 2]
        reasons = explain.unmet(need)
        explained = {(need, reason.project) for reason in reasons}
        pairs = {(need, int(j)) for j in problem.pair_project[start:end]}
        assert explained == pairs - granted
        assert all(
            reason.have < reason.wanted or reason.hurdle is Hurdle.WORTH for reason in reasons
        )
        # A feasible offer of worth to a need that has nothing would have been used.
        if not any(i == need for i, _ in granted):
            assert all(reason.hurdle is not Hurdle.WORTH for reason in reasons)


def test_a_match_names_its_terms_costs_next_best_and_margin() -> None:
    problem = make.problem(
        gap_fen=[500, 500, 500],
        budget_fen=[500, 500],
        need_weight=[3.0, 2.0, 1.0],
        need_max_grants=[1, 1, 1],
        pair_weight=[1.5, 1.0, 1.0, 1.0, 1.0, 1.0],
        pair_bonus=[10.0, 0, 0, 0, 0, 0],
    )
    answer = solve(problem)
    match = Explainer(problem, answer).match(0, 0)
    assert match.terms == {
        Term.PRIORITY: 1500.0,
        Term.FIT: 750.0,
        Term.BONUS: 10.0,
        Term.KEEP: 0.0,
        Term.FAIRNESS: 0.0,
    }
    assert match.value == 2260.0
    assert match.costs[Cost.BUDGET] == answer.prices.budget[0, 0] * 500
    assert match.next_best == 1
    prices = answer.prices.budget[0]
    assert match.margin == pytest.approx(760.0 - 500 * (prices[0] - prices[1]))


def test_a_pinned_grant_is_said_to_be_decided_before() -> None:
    problem = make.problem(gap_fen=[500], budget_fen=[500], pins=[(0, 0, 100)])
    match = Explainer(problem, solve(problem)).match(0, 0)
    assert (match.pinned, match.fen, match.terms) == (True, 100, {})
    with pytest.raises(KeyError):
        Explainer(problem, solve(problem)).match(0, 1)


UNMET: list[tuple[dict[str, Any], Unmet]] = [
    ({"project_min_fen": [501]}, Unmet(0, Hurdle.GAP, 500, 501)),
    (
        {"project_min_fen": [400], "household_cap_fen": [10**9, 300]},
        Unmet(0, Hurdle.HOUSEHOLD_CAP, 300, 400),
    ),
    ({"project_quota": [1]}, Unmet(0, Hurdle.QUOTA, 0, 1)),
    ({"budget_fen": [700], "project_min_fen": [300]}, Unmet(0, Hurdle.BUDGET, 200, 300)),
    (
        {
            "pins": [(1, 0, 100)],
            "pairs": [(1, 0), (1, 1)],
            "budget_fen": [500, 500],
            "need_max_grants": [1, 1],
        },
        Unmet(1, Hurdle.FUNDERS, 0, 1),
    ),
]


@pytest.mark.parametrize(("columns", "expected"), UNMET)
def test_an_unmatched_need_hears_the_first_failing_test_with_its_number(
    columns: dict[str, Any], expected: Unmet
) -> None:
    weight = {"need_weight": [2.0, 1.0]}
    problem = make.problem(**({"gap_fen": [500, 500], "budget_fen": [5000]} | weight | columns))
    assert Explainer(problem, solve(problem)).unmet(1) == [expected]


def test_reasons_are_plain_numbers() -> None:
    problem = make.problem(gap_fen=[500], budget_fen=[500], project_min_fen=[501])
    reason = Explainer(problem, solve(problem)).unmet(0)[0]
    assert not isinstance(reason.have, np.generic)
