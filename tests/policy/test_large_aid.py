"""Dehua's large temporary aid in both versions (DH-01)."""

from datetime import date

import pytest

from policy.rules import Decision, decide
from tests.policy.places import DEHUA, DEHUA_V1, DEHUA_V2, fen


def large(
    cost: float, category: str, on: date, supplement: float = 0, paid: float = 0, aided: float = 0
) -> Decision:
    case = {
        "category": category,
        "two_year_medical_cost_fen": fen(cost),
        "supplement_asked_fen": fen(supplement),
        "paid_this_year_fen": fen(paid),
        "cost_already_aided_fen": fen(aided),
    }
    return decide("DH-01", case, region_chain=DEHUA, on=on)


@pytest.mark.parametrize(
    ("cost", "category", "supplement", "already", "outcome", "paid", "held"),
    [
        (79_999.99, "none", 0, 0, "not_eligible", None, 0),
        (80_000, "none", 0, 0, "granted", 12_000, 0),
        (39_999.99, "dibao", 0, 0, "not_eligible", None, 0),
        (40_000, "dibao", 0, 0, "granted", 8_000, 0),
        (40_000, "tekun", 0, 0, "granted", 8_000, 0),
        (40_000, "registered_poor", 0, 0, "granted", 8_000, 0),
        (40_000, "dibao_edge", 0, 0, "not_eligible", None, 0),
        (132_666.67, "none", 0, 0, "granted", 19_900, 0),
        (160_000, "none", 10_000, 0, "granted", 34_000, 0),
        (160_000, "dibao", 10_000, 0, "collective_decision", 40_000, 2_000),
        (200_000, "dibao", 10_000, 0, "collective_decision", 40_000, 10_000),
        (300_000, "dibao", 0, 0, "collective_decision", 40_000, 20_000),
        (100_000, "none", 15_000, 0, "granted", 25_000, 0),
        (100_000, "none", 0, 30_000, "collective_decision", 10_000, 5_000),
        (79_999.99, "none", 10_000, 0, "not_eligible", None, 0),
    ],
)
def test_version_two(
    cost: float,
    category: str,
    supplement: float,
    already: float,
    outcome: str,
    paid: float | None,
    held: float,
) -> None:
    decision = large(cost, category, DEHUA_V2, supplement, already)
    expected = (outcome, None if paid is None else fen(paid), fen(held))
    assert (decision.outcome, decision.amount_fen, decision.held_fen) == expected


@pytest.mark.parametrize(
    ("cost", "category", "outcome", "paid"),
    [
        (99_999, "none", "not_eligible", None),
        (100_000, "none", "granted", 10_000),
        (50_000, "dibao", "granted", 7_500),
        (800_000, "none", "granted", 80_000),
    ],
)
def test_version_one_has_neither_supplement_nor_total(
    cost: float, category: str, outcome: str, paid: float | None
) -> None:
    decision = large(cost, category, DEHUA_V1, supplement=10_000)
    assert (decision.outcome, decision.held_fen) == (outcome, 0)
    assert decision.amount_fen == (None if paid is None else fen(paid))


def test_threshold_counts_all_bills_but_the_base_leaves_out_those_aided_before() -> None:
    decision = large(100_000, "none", DEHUA_V2, aided=60_000)
    assert (decision.outcome, decision.amount_fen) == ("granted", fen(6_000))


def test_decision_stores_the_version_it_used() -> None:
    used = {parameter.id for parameter in large(80_000, "none", DEHUA_V2).parameters}
    assert "temporary_aid.large_threshold_ordinary_fen@350526#v2" in used
    earlier = {parameter.id for parameter in large(80_000, "none", DEHUA_V1).parameters}
    assert "temporary_aid.large_threshold_ordinary_fen@350526#v1" in earlier
