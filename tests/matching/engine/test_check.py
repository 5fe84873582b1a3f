"""The checker must be able to fail: each constraint is broken once, by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from matching.engine.check import violations
from tests.matching.engine import make

Grant = tuple[int, int, int]

BROKEN: list[tuple[str, dict[str, Any], list[Grant]]] = [
    ("not_eligible", {"pairs": [(0, 0)]}, [(1, 1, 5)]),
    ("amount", {"project_min_fen": [6, 1]}, [(0, 0, 5)]),
    ("amount", {"project_max_fen": [4, 99]}, [(0, 0, 5)]),
    ("amount", {}, [(0, 0, 0)]),
    ("over_gap", {}, [(0, 0, 60), (0, 1, 41)]),
    ("over_budget", {"budget_fen": [99, 300]}, [(0, 0, 50), (1, 0, 50)]),
    ("over_quota", {"project_quota": [1, 1]}, [(0, 0, 5), (1, 0, 5)]),
    ("over_cap", {"household_cap_fen": [9, 9]}, [(0, 0, 5), (0, 1, 5)]),
    ("shared_exclusive", {"project_exclusive": [False, True]}, [(0, 0, 5), (0, 1, 5)]),
    ("too_many_funders", {"need_max_grants": [1, 1]}, [(0, 0, 5), (0, 1, 5)]),
    ("pins_changed", {"pins": [(0, 0, 5)]}, [(0, 0, 6)]),
    ("pins_changed", {"pins": [(0, 0, 5)]}, []),
]


@pytest.mark.parametrize(("broken", "columns", "grants"), BROKEN)
def test_each_broken_constraint_is_counted_and_no_other(
    broken: str, columns: dict[str, Any], grants: list[Grant]
) -> None:
    problem = make.problem(**({"gap_fen": [100, 100], "budget_fen": [300, 300]} | columns))
    need, project, fen = np.array(grants, np.int64).reshape(-1, 3).T
    found = {k: v for k, v in asdict(violations(problem, need, project, fen)).items() if v}
    assert found == {broken: 1}


def test_the_same_pair_twice_is_counted() -> None:
    problem = make.problem(gap_fen=[100], budget_fen=[300])
    twice = np.array([0, 0])
    assert violations(problem, twice, twice, np.array([5, 5])).repeated == 1


def test_a_household_served_twice_by_one_project_takes_one_slot() -> None:
    problem = make.problem(
        gap_fen=[100, 100], budget_fen=[300], project_quota=[1], need_household=[0, 0]
    )
    zero = np.array([0, 0])
    assert violations(problem, np.array([0, 1]), zero, np.array([5, 5])).total == 0
