from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.engine.problem import ProblemError
from matching.engine.solve import solve
from tests.matching.engine import make

GOOD: dict[str, Any] = {"gap_fen": [500, 400, 300], "budget_fen": [900, 800]}

WRONG: list[tuple[str, dict[str, Any], str, tuple[int, ...]]] = [
    ("negative gap", {"gap_fen": [500, -1, -2]}, "need_gap_fen", (1, 2)),
    ("negative budget", {"budget_fen": [900, -1]}, "project_budget_fen", (1,)),
    ("missing weight", {"need_weight": [1.0, np.nan, 1.0]}, "need_weight", (1,)),
    ("negative bonus", {"pair_bonus": [0.0, 0, 0, -1, 0, 0]}, "pair_bonus", (3,)),
    ("amount too large", {"gap_fen": [10**16, 1, 1]}, "need_gap_fen", (0,)),
    (
        "max below min",
        {"project_min_fen": [9, 9], "project_max_fen": [9, 8]},
        "project_max_fen",
        (1,),
    ),
    ("min of zero", {"project_min_fen": [0, 1]}, "project_min_fen", (0,)),
    ("in kind with a range", {"project_in_kind": [False, True]}, "project_in_kind", (1,)),
    ("negative quota", {"project_quota": [-1, 1]}, "project_quota", (0,)),
    ("no such project", {"pairs": [(0, 0), (1, 2)]}, "pair_project", (1,)),
    ("a pair twice", {"pairs": [(0, 0), (0, 1), (0, 1)]}, "pair_project", (2,)),
    ("a key twice", {"need_key": [4, 7, 4]}, "need_key", (2,)),
    ("four funders", {"need_max_grants": [1, 4, 1]}, "need_max_grants", (1,)),
    ("fairness share of zero", {"fairness_share": 0.0}, "fairness_share", ()),
    ("must assign", {"must_assign": True}, "must_assign", ()),
    ("pin over the gap", {"pins": [(2, 0, 100), (1, 0, 401)]}, "pin_fen", (1,)),
    ("pins over the budget", {"pins": [(0, 1, 450), (1, 1, 400)]}, "pin_fen", (0, 1)),
    (
        "pins over the quota",
        {"pins": [(0, 0, 1), (1, 0, 1)], "project_quota": [1, 9]},
        "pin_project",
        (0, 1),
    ),
    (
        "pin over the cap",
        {"pins": [(0, 0, 300)], "household_cap_fen": [299, 9, 9]},
        "pin_fen",
        (0,),
    ),
    ("a pin twice", {"pins": [(0, 0, 3), (0, 0, 3)]}, "pin_project", (1,)),
    ("pin of no need", {"pins": [(3, 0, 3)]}, "pin_need", (0,)),
    (
        "pins share an exclusive project's need",
        {"pins": [(0, 0, 3), (0, 1, 3)], "project_exclusive": [True, False]},
        "pin_project",
        (0,),
    ),
]


@pytest.mark.parametrize(
    ("wrong", "field", "rows"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG]
)
def test_a_wrong_problem_is_refused_before_solving_naming_field_and_rows(
    wrong: dict[str, Any], field: str, rows: tuple[int, ...]
) -> None:
    with pytest.raises(ProblemError) as no:
        solve(make.problem(**(GOOD | wrong)))
    assert (no.value.field, no.value.rows) == (field, rows)
    assert no.value.index == (rows[0] if rows else -1)
    assert field in str(no.value)


def test_the_good_problem_of_the_table_is_accepted() -> None:
    make.problem(**GOOD).validate()


def test_wrong_length_and_wrong_type_are_refused() -> None:
    good = make.problem(**GOOD)
    with pytest.raises(ProblemError) as no:
        replace(good, need_tier=np.zeros(2, np.int64)).validate()
    assert no.value.field == "need_tier"
    with pytest.raises(ProblemError) as no:
        replace(good, need_gap_fen=np.array([1.5, 2, 3])).validate()
    assert no.value.field == "need_gap_fen"


def test_keys_may_be_text() -> None:
    problem = make.problem(**GOOD)
    text = replace(problem, need_key=np.array(["c", "a", "b"]), project_key=np.array(["y", "x"]))
    assert solve(text).certificate.violations.total == 0
