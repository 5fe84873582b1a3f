"""Temporary aid of Jinjiang and Minhou, disaster relief, staff (JJ-11 to 13, MH-06, 07, 15, 17)."""

from typing import Any

import pytest

from kernel.errors import Refused
from policy.parameters import ParameterBook
from policy.rules import Decision, decide
from tests.policy.places import DAY, JINJIANG, MINHOU, fen


def minhou(rule_id: str, **case: Any) -> Decision:
    return decide(rule_id, case, region_chain=MINHOU, on=DAY)


def jinjiang(rule_id: str, **case: Any) -> Decision:
    return decide(rule_id, case, region_chain=JINJIANG, on=DAY)


def rigid(category: str, cost: float, already: float = 0) -> tuple[str, int | None, int]:
    decision = minhou(
        "MH-06",
        category=category,
        own_cost_fen=fen(cost),
        temporary_aid_already_fen=fen(already),
    )
    return decision.outcome, decision.amount_fen, decision.held_fen


@pytest.mark.parametrize(
    ("category", "amount"),
    [("tekun", 12_000), ("dibao", 6_000), ("registered_poor", 6_000), ("dibao_edge", 3_600)],
)
def test_own_cost_of_12000_is_shared_by_category(category: str, amount: float) -> None:
    assert rigid(category, 12_000) == ("granted", fen(amount), 0)


@pytest.mark.parametrize(
    ("category", "cost", "already", "paid", "held"),
    [
        ("tekun", 26_000, 0, 20_000, 6_000),
        ("dibao_edge", 70_000, 0, 20_000, 1_000),
        ("dibao", 10_000, 18_000, 2_000, 3_000),
        ("dibao", 10_000, 25_000, 0, 5_000),
    ],
)
def test_above_the_maximum_is_held_for_a_collective_decision(
    category: str, cost: float, already: float, paid: float, held: float
) -> None:
    assert rigid(category, cost, already) == ("collective_decision", fen(paid), fen(held))


def test_share_is_rounded_half_up_once() -> None:
    assert rigid("dibao", 0.01) == ("granted", 1, 0)
    assert rigid("dibao_edge", 0.01) == ("granted", 0, 0)
    assert rigid("dibao_edge", 0.05) == ("granted", 2, 0)


def test_anybody_else_is_no_business_of_this_rule_even_with_unknown_cost() -> None:
    decision = minhou("MH-06", category="none", temporary_aid_already_fen=0)
    assert (decision.outcome, decision.amount_fen) == ("not_covered", None)


def test_without_a_maximum_the_rule_refuses_naming_it() -> None:
    case = {"category": "dibao", "own_cost_fen": 100, "temporary_aid_already_fen": 0}
    book = ParameterBook.load().without("temporary_aid.maximum_fen")
    with pytest.raises(Refused) as no:
        decide("MH-06", case, region_chain=MINHOU, on=DAY, book=book)
    assert no.value.code == "parameter_missing"
    assert "temporary_aid.maximum_fen" in no.value.message


@pytest.mark.parametrize(
    ("severity", "members", "already", "paid", "held"),
    [
        ("light", 1, 0, 1_040, 0),
        ("medium", 2, 0, 6_240, 0),
        ("severe", 4, 0, 20_000, 4_960),
        ("light", 1, 19_500, 500, 540),
    ],
)
def test_tier_three_gets_the_monthly_standard_up_to_the_same_maximum(
    severity: str, members: int, already: float, paid: float, held: float
) -> None:
    decision = minhou(
        "MH-07", severity=severity, members=members, temporary_aid_already_fen=fen(already)
    )
    assert (decision.amount_fen, decision.held_fen) == (fen(paid), fen(held))


@pytest.mark.parametrize(
    ("relief", "rate"), [("emergency", 130), ("transition", 780), ("winter_spring", 130)]
)
def test_disaster_rates_carry_the_uplift(relief: str, rate: float) -> None:
    decision = minhou("MH-15", relief=relief, members=1, transition_months=3)
    assert decision.values["disaster_rate_fen"] == fen(rate)


def test_four_people_for_three_months_of_transition() -> None:
    decision = minhou("MH-15", relief="transition", members=4, transition_months=3)
    assert (decision.outcome, decision.amount_fen) == ("granted", fen(9_360))


@pytest.mark.parametrize("months", [2, 7])
def test_transition_outside_three_to_six_months_has_no_amount(months: int) -> None:
    decision = minhou("MH-15", relief="transition", members=1, transition_months=months)
    assert (decision.outcome, decision.amount_fen) == ("months_out_of_range", None)


def test_months_matter_only_in_the_transition() -> None:
    assert minhou("MH-15", relief="emergency", members=3).amount_fen == fen(390)
    unknown = minhou("MH-15", relief="transition", members=3)
    assert (unknown.outcome, unknown.unknown_inputs) == ("unknown", ("transition_months",))


@pytest.mark.parametrize(
    ("population", "staff"), [(19_999, 1), (20_000, 2), (50_000, 2), (50_001, 3)]
)
def test_staff_follows_the_population(population: int, staff: int) -> None:
    decision = minhou("MH-17", registered_population=population)
    assert decision.values["staff_minimum"] == staff


@pytest.mark.parametrize(
    ("amount", "outcome"),
    [
        (999.99, "below_minimum"),
        (1_000, "granted"),
        (5_000, "granted"),
        (5_000.01, "above_maximum"),
    ],
)
def test_urgent_aid_keeps_both_ends(amount: float, outcome: str) -> None:
    decision = jinjiang("JJ-11", urgent_amount_fen=fen(amount))
    assert decision.outcome == outcome
    assert decision.amount_fen == (fen(amount) if outcome == "granted" else None)


@pytest.mark.parametrize(("amount", "outcome"), [(1_000, "township"), (1_000.01, "county")])
def test_township_decides_small_cash(amount: float, outcome: str) -> None:
    assert jinjiang("JJ-12", township_cash_fen=fen(amount)).outcome == outcome


@pytest.mark.parametrize(
    ("goods", "cash", "outcome"),
    [(500, 0, "township"), (500.01, 0, "over_limit"), (100, 0.01, "already_cash")],
)
def test_green_channel_goods_stand_instead_of_cash(goods: float, cash: float, outcome: str) -> None:
    decision = jinjiang("JJ-13", goods_value_fen=fen(goods), township_cash_fen=fen(cash))
    assert decision.outcome == outcome
