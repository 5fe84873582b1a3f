"""Housing: Jinjiang's subsidy and guarantee, Minhou's public rent (JJ-04, JJ-05, MH-14)."""

from typing import Any

import pytest

from policy.rules import Decision, decide
from tests.policy.places import DAY, JINJIANG, MINHOU, fen


def guarantee(build: float, furniture: float, area_m2: float, **changes: Any) -> Decision:
    case = {
        "category": "dibao",
        "wholly_unable_to_build": True,
        "build_cost_fen": fen(build),
        "furniture_cost_fen": fen(furniture),
        "built_area_dm2": round(area_m2 * 100),
    }
    return decide("JJ-05", case | changes, region_chain=JINJIANG, on=DAY)


@pytest.mark.parametrize(
    ("build", "furniture", "area_m2", "fiscal", "charity"),
    [
        (120_000, 10_000, 120, 110_000, 20_000),
        (150_000, 10_000, 150, 110_000, 50_000),
        (95_000, 8_000, 95, 95_000, 8_000),
    ],
)
def test_guarantee_is_split_between_fiscal_and_charity_money(
    build: float, furniture: float, area_m2: float, fiscal: float, charity: float
) -> None:
    decision = guarantee(build, furniture, area_m2)
    assert decision.outcome == "granted"
    assert decision.values["housing_guarantee_fiscal_fen"] == fen(fiscal)
    assert decision.values["housing_guarantee_charity_fen"] == fen(charity)
    assert decision.amount_fen == fen(fiscal + charity)


@pytest.mark.parametrize(
    ("build", "furniture", "area_m2", "outcome"),
    [
        (150_001, 10_000, 151, "over_total"),
        (130_000, 10_000, 120, "over_per_m2"),
        (120_000.01, 0, 120, "over_per_m2"),
        (100_000, 10_000.01, 120, "over_furniture"),
    ],
)
def test_guarantee_over_a_limit_names_the_limit_and_gives_no_amount(
    build: float, furniture: float, area_m2: float, outcome: str
) -> None:
    decision = guarantee(build, furniture, area_m2)
    assert (decision.outcome, decision.amount_fen) == (outcome, None)


@pytest.mark.parametrize("changes", [{"category": "dibao_edge"}, {"wholly_unable_to_build": False}])
def test_guarantee_is_for_dibao_families_wholly_unable_to_build(changes: dict[str, Any]) -> None:
    assert guarantee(95_000, 8_000, 95, **changes).outcome == "not_eligible"


@pytest.mark.parametrize(
    ("cost", "outcome", "amount"),
    [(80_000, "granted", 80_000), (80_000.01, "capped", 80_000), (50_000, "granted", 50_000)],
)
def test_building_subsidy_stops_at_its_maximum(cost: float, outcome: str, amount: float) -> None:
    case = {"housing_cost_fen": fen(cost)}
    decision = decide("JJ-04", case, region_chain=JINJIANG, on=DAY)
    assert (decision.outcome, decision.amount_fen) == (outcome, fen(amount))


def test_partly_supported_family_pays_the_reduced_rent() -> None:
    case = {"tenancy": "partial_dibao", "rented_area_dm2": 5_250, "rent_months": 6}
    decision = decide("MH-14", case, region_chain=MINHOU, on=DAY)
    assert (decision.outcome, decision.amount_fen) == ("rent_due", fen(252))


def test_fully_supported_family_pays_nothing_whatever_the_area() -> None:
    decision = decide("MH-14", {"tenancy": "full_dibao"}, region_chain=MINHOU, on=DAY)
    assert (decision.outcome, decision.amount_fen) == ("free", 0)


def test_edge_tier_is_allotted_by_direction() -> None:
    decision = decide("MH-14", {"tenancy": "tier2"}, region_chain=MINHOU, on=DAY)
    assert (decision.outcome, decision.amount_fen) == ("directed_allocation", None)
