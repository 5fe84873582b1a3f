"""The engine itself: exact int64, unknown inputs, batches, and what a decision stores."""

import doctest
import importlib
import json
import pkgutil
from datetime import date
from typing import Any

import numpy as np
import pytest
from openfisca_core.simulations import SimulationBuilder

from kernel.errors import Refused
from policy import engine
from policy.engine.rule import Entity, Formula, parameter_column
from policy.engine.system import PERIOD, WholeNumber, build_system, variable_name
from policy.parameters import ParameterBook, lookup
from policy.rules import RULES, Place, decide, evaluate
from tests.policy.places import DAY, DEHUA, JINJIANG, LONGHAI, MINHOU, fen

ABOVE_INT32 = 2_150_000_000  # 21.5 million yuan in fen


def test_examples_in_the_docstrings_hold() -> None:
    names = [f"policy.engine.{module.name}" for module in pkgutil.iter_modules(engine.__path__)]
    results = [
        doctest.testmod(importlib.import_module(name))
        for name in ("policy.rules", "policy.parameters", *names)
    ]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= 15


@pytest.mark.parametrize("cost_fen", [ABOVE_INT32 - 1, ABOVE_INT32, 2**31, 2**40 + 1])
def test_amounts_above_21_million_yuan_stay_exact(cost_fen: int) -> None:
    case = {"housing_cost_fen": cost_fen}
    book = ParameterBook.load().with_value(
        "housing.subsidy_maximum_fen", "350582", 10**13, from_day=date(2024, 1, 1)
    )
    decision = decide("JJ-04", case, region_chain=JINJIANG, on=DAY, book=book)
    assert decision.amount_fen == cost_fen


def test_members_incomes_sum_exactly_where_float_would_lose_fen() -> None:
    incomes = np.array([2**53, 1, 1, 7], dtype=np.int64) // np.array([2**13, 1, 1, 1])
    decisions = evaluate(
        "JJ-08",
        {"person_income_fen": incomes},
        [Place(JINJIANG, DAY)] * 2,
        household_of=np.array([0, 0, 0, 1]),
    )
    assert decisions.columns["household_income_fen"].tolist() == [2**40 + 2, 7]
    assert decisions.columns["household_income_fen"].dtype == np.int64
    assert decisions.columns["members"].tolist() == [3, 1]


def test_household_is_unknown_when_one_member_s_income_is() -> None:
    decisions = evaluate(
        "JJ-08",
        {"person_income_fen": [0, None, 50_000, 0]},
        [Place(JINJIANG, DAY)] * 2,
        household_of=np.array([0, 0, 1, 1]),
    )
    assert decisions.outcomes.tolist() == ["unknown", "dibao"]
    assert decisions.decision(1).amount_fen == fen(1_300)


def test_product_beyond_64_bits_is_refused_and_never_wraps() -> None:
    book = ParameterBook.load().with_value(
        "dibao.standard_fen_per_month", "350582", 10**13, from_day=date(2024, 1, 1)
    )
    case = {"members": 10**7, "household_income_fen": 0}
    with pytest.raises(Refused) as no:
        decide("JJ-08", case, region_chain=JINJIANG, on=DAY, book=book)
    assert no.value.code == "amount_too_large"


def test_formula_that_leaves_whole_numbers_is_an_error() -> None:
    broken = Formula("broken", Entity.HOUSEHOLD, "坏公式", lambda of: of("members") / 2)
    rule = RULES["JJ-08"]
    changed = type(rule)(**{**vars(rule), "formulas": (*rule.formulas, broken)})
    simulation = SimulationBuilder.build_default_simulation(build_system([changed]), 1)
    with pytest.raises(TypeError, match="broken gave float64"):
        simulation.calculate("broken", PERIOD)


def test_every_variable_holds_64_bits() -> None:
    for variable in build_system(RULES.values()).variables.values():
        assert isinstance(variable, WholeNumber)
        assert variable.dtype == np.int64


@pytest.mark.parametrize("rule_id", RULES)
def test_rule_declares_exactly_the_inputs_and_parameters_its_formulas_read(rule_id: str) -> None:
    rule = RULES[rule_id]
    simulation = SimulationBuilder.build_default_simulation(build_system([rule]), 1)
    simulation.trace = True
    for made in (rule.outcome, rule.amount, rule.held, *rule.formulas):
        if made:
            simulation.calculate(made.name, PERIOD)
    read = {key.partition("<")[0] for key in simulation.tracer.get_flat_trace()}
    declared = {item.name for item in rule.inputs}
    declared |= {variable_name(rule.entity, parameter_column(name)) for name in rule.parameters}
    formulas = {made.name for made in rule.formulas}
    persons = {item.person_sum.name for item in rule.inputs if item.person_sum}
    assert read - formulas - persons == declared


@pytest.mark.parametrize("rule_id", [rule_id for rule_id in RULES if RULES[rule_id].inputs])
def test_nothing_known_is_unknown_and_has_no_amount(rule_id: str) -> None:
    rule = RULES[rule_id]
    chain = next(
        chain
        for chain in (JINJIANG, MINHOU, DEHUA, LONGHAI)
        if all(_known(name, chain) for name in rule.parameters)
    )
    decision = decide(rule_id, {}, region_chain=chain, on=DAY)
    assert (decision.outcome, decision.amount_fen, decision.held_fen) == ("unknown", None, 0)
    assert decision.unknown_inputs
    assert decision.trace[-1].startswith("结论：无法判定，缺少 ")


def _known(name: str, chain: tuple[str, ...]) -> bool:
    try:
        lookup(name, region_chain=chain, on=DAY)
    except Refused:
        return False
    return True


def test_batch_gives_each_row_its_own_place_and_day() -> None:
    places = [
        Place(JINJIANG, date(2022, 3, 31)),
        Place(JINJIANG, date(2022, 4, 1)),
        Place(LONGHAI, DAY),
        Place(JINJIANG, date(2022, 3, 31)),
    ]
    columns = {
        "members": np.array([1, 2, 1, 3], dtype=np.int64),
        "household_income_fen": np.ma.MaskedArray(
            np.array([0, 1, 0, 0], dtype=np.int64), mask=[False, False, False, True]
        ),
    }
    decisions = evaluate("JJ-08", columns, places)
    assert decisions.outcomes.tolist() == ["dibao", "dibao", "dibao", "unknown"]
    assert decisions.amounts_fen.tolist() == [77_500, 179_999, 88_000, None]
    for row, place in enumerate(places):
        case = {
            "members": int(columns["members"][row]),
            "household_income_fen": None if row == 3 else int(columns["household_income_fen"][row]),
        }
        alone = decide("JJ-08", case, region_chain=place.region_chain, on=place.on)
        assert decisions.decision(row) == alone


def test_empty_batch_gives_no_rows() -> None:
    decisions = evaluate("JJ-08", {"members": [], "household_income_fen": []}, [])
    assert (len(decisions), decisions.outcomes.tolist()) == (0, [])


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ({"members": 4, "household_income_fen": 100.5}, "整数"),
        ({"members": 4, "household_income_fen": "100"}, "整数"),
        ({"members": 4, "household_income_fen": True}, "整数"),
        ({"members": 4, "household_income_fen": -1}, "超出范围"),
        ({"members": 4, "household_income_fen": 10**30}, "超出范围"),
        ({"members": 0, "household_income_fen": 1}, "超出范围"),
        ({"members": 4, "income": 1}, "没有输入项 income"),
    ],
)
def test_bad_input_is_refused_naming_it(case: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused) as no:
        decide("JJ-08", case, region_chain=JINJIANG, on=DAY)
    assert no.value.code == "bad_input"
    assert word in no.value.message


def test_unknown_category_code_is_refused() -> None:
    case = {"category": "rich", "own_cost_fen": 1, "temporary_aid_already_fen": 0}
    with pytest.raises(Refused, match="没有“rich”这一项"):
        decide("MH-06", case, region_chain=MINHOU, on=DAY)


def test_snapshot_is_plain_json_with_ids_and_values_of_all_it_used() -> None:
    case = {"members": 4, "household_income_fen": fen(1_520)}
    decision = decide("JJ-08", case, region_chain=JINJIANG, on=DAY)
    stored = json.loads(json.dumps(decision.snapshot(), ensure_ascii=False))
    assert stored["inputs"] == case
    assert [(used["id"], used["value"]) for used in stored["parameters"]] == [
        ("dibao.standard_fen_per_month@350582#2022-04-01", 90_000),
        ("dibao.edge_ratio_basis_points@CN#2021-07-01", 15_000),
    ]
    assert stored["amount_fen"] == fen(2_080)
    assert stored["trace"] == list(decision.trace)


def test_what_if_changes_one_value_and_leaves_the_book_alone() -> None:
    book = ParameterBook.load()
    more = book.with_value(
        "dibao.standard_fen_per_month", "350582", 100_000, from_day=date(2026, 1, 1)
    )
    case = {"members": 1, "household_income_fen": 0}
    for used, amount in ((more, 100_000), (book, 90_000)):
        decision = decide("JJ-08", case, region_chain=JINJIANG, on=DAY, book=used)
        assert decision.amount_fen == amount
