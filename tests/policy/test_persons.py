"""Rules about one person: medical alert, unattended child's difference (SM-01, CH-01)."""

from typing import Any

import pytest

from policy.rules import decide
from tests.policy.places import DAY, LONGHAI, SANMEN, fen


@pytest.mark.parametrize("region_chain", [SANMEN, LONGHAI])
@pytest.mark.parametrize(
    ("category", "measure", "amount", "outcome"),
    [
        ("dibao", "medical_expenditure_fen", 20_000, "none"),
        ("dibao", "medical_expenditure_fen", 20_000.01, "alert_listed"),
        ("dibao_edge", "medical_expenditure_fen", 20_000.01, "alert_listed"),
        ("tekun", "medical_expenditure_fen", 20_000.01, "alert_listed"),
        ("none", "medical_self_paid_fen", 40_000, "none"),
        ("none", "medical_self_paid_fen", 40_000.01, "alert_unlisted"),
    ],
)
def test_each_group_is_measured_by_its_own_line_and_the_other_measure_may_be_unknown(
    region_chain: tuple[str, ...], category: str, measure: str, amount: float, outcome: str
) -> None:
    case: dict[str, Any] = {"person_category": category, measure: fen(amount)}
    assert decide("SM-01", case, region_chain=region_chain, on=DAY).outcome == outcome


@pytest.mark.parametrize(
    ("category", "given", "missing"),
    [
        ("dibao", "medical_self_paid_fen", "medical_expenditure_fen"),
        ("none", "medical_expenditure_fen", "medical_self_paid_fen"),
    ],
)
def test_measure_that_matters_is_unknown(category: str, given: str, missing: str) -> None:
    case: dict[str, Any] = {"person_category": category, given: fen(1_000_000)}
    decision = decide("SM-01", case, region_chain=SANMEN, on=DAY)
    assert (decision.outcome, decision.unknown_inputs) == ("unknown", (missing,))


@pytest.mark.parametrize(
    ("dibao", "disability", "outcome", "amount"),
    [
        (900, 0, "difference", 900),
        (0, 0, "difference", 1_800),
        (900, 899.99, "difference", 0.01),
        (900, 900, "nothing_due", 0),
        (2_000, 0, "nothing_due", 0),
    ],
)
def test_unattended_child_gets_the_difference(
    dibao: float, disability: float, outcome: str, amount: float
) -> None:
    case = {
        "child_dibao_fen": fen(dibao),
        "child_tekun_fen": 0,
        "child_disability_subsidy_fen": fen(disability),
    }
    decision = decide("CH-01", case, region_chain=LONGHAI, on=DAY)
    assert (decision.outcome, decision.amount_fen) == (outcome, fen(amount))


def test_child_whose_other_benefits_are_unknown_is_not_paid_in_full() -> None:
    case = {"child_dibao_fen": None, "child_tekun_fen": 0, "child_disability_subsidy_fen": 0}
    decision = decide("CH-01", case, region_chain=LONGHAI, on=DAY)
    assert (decision.outcome, decision.amount_fen) == ("unknown", None)
