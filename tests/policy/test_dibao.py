"""Dibao and the published standards of Jinjiang (JJ-07 to JJ-10)."""

from datetime import date

import pytest

from policy.rules import decide
from tests.policy.places import DAY, JINJIANG, LONGHAI, fen

BEFORE, AFTER = date(2022, 3, 31), date(2022, 4, 1)


@pytest.mark.parametrize(
    ("income_per_head", "outcome", "amount_fen"),
    [
        (0, "dibao", fen(3600)),
        (380, "dibao", fen(2080)),
        (899.99, "dibao", 4),
        (900, "dibao_edge", None),
        (1349.99, "dibao_edge", None),
        (1350, "above", None),
    ],
)
def test_family_of_four_on_a_standard_of_900(
    income_per_head: float, outcome: str, amount_fen: int | None
) -> None:
    case = {"members": 4, "household_income_fen": fen(income_per_head) * 4}
    decision = decide("JJ-08", case, region_chain=JINJIANG, on=DAY)
    assert (decision.outcome, decision.amount_fen) == (outcome, amount_fen)


def test_income_that_does_not_divide_by_the_members_is_compared_exactly() -> None:
    just_below = {"members": 3, "household_income_fen": 3 * 90_000 - 1}
    decision = decide("JJ-08", just_below, region_chain=JINJIANG, on=DAY)
    assert (decision.outcome, decision.amount_fen) == ("dibao", 1)
    edge_end = {"members": 3, "household_income_fen": 3 * 135_000 - 1}
    assert decide("JJ-08", edge_end, region_chain=JINJIANG, on=DAY).outcome == "dibao_edge"


@pytest.mark.parametrize(("on", "amount_fen"), [(BEFORE, fen(775)), (AFTER, fen(900))])
def test_the_day_chooses_the_standard(on: date, amount_fen: int) -> None:
    case = {"members": 1, "household_income_fen": 0}
    decision = decide("JJ-08", case, region_chain=JINJIANG, on=on)
    assert decision.amount_fen == amount_fen


def test_sample_standard_says_so_in_the_trace() -> None:
    case = {"members": 1, "household_income_fen": 0}
    decision = decide("JJ-08", case, region_chain=LONGHAI, on=DAY)
    assert decision.parameters[0].sample
    assert any(
        "880.00元〔350604，生效日期不明，示例值，待本地核定〕" in line for line in decision.trace
    )


def test_trace_tells_a_caseworker_how_the_amount_came_about() -> None:
    case = {"members": 4, "household_income_fen": fen(1520)}
    assert decide("JJ-08", case, region_chain=JINJIANG, on=DAY).trace == (
        "规则 JJ-08 低保按户补差",
        "已知：家庭人口4；家庭月收入1,520.00元",
        "依据：低保标准（每人每月）：900.00元〔350582，2022-04-01起，S000 JJ-07〕",
        "依据：低保边缘家庭人均收入线与低保标准之比：150%〔CN，2021-07-01起，"
        "L 最低生活保障审核确认办法（民发〔2021〕57号）〕",
        "全家标准 = 900.00元 × 4人 = 3,600.00元",
        "家庭月收入1,520.00元，人均约380.00元",
        "每月应补 = 3,600.00元 − 1,520.00元 = 2,080.00元",
        "财产条件须经核对另行认定；收入恰好等于标准的不属于低保",
        "结论：人均收入低于低保标准，收入条件符合低保，每月应补2,080.00元",
    )


def test_published_standard_counts_and_the_ratio_only_shows_the_difference() -> None:
    decision = decide("JJ-07", {}, region_chain=JINJIANG, on=AFTER)
    assert (decision.outcome, decision.amount_fen) == ("differs", fen(900))
    assert decision.values["dibao_by_ratio_fen"] == fen(901.60)


@pytest.mark.parametrize(
    ("on", "level", "amount_fen"),
    [
        (BEFORE, "self_care", fen(1182)),
        (BEFORE, "half_care", fen(1440)),
        (BEFORE, "full_care", fen(1698)),
        (AFTER, "self_care", fen(1366)),
        (AFTER, "half_care", fen(1660)),
        (AFTER, "full_care", fen(2150)),
    ],
)
def test_all_six_tekun_values_are_plausible(on: date, level: str, amount_fen: int) -> None:
    decision = decide("JJ-09", {"care_level": level}, region_chain=JINJIANG, on=on)
    assert (decision.outcome, decision.amount_fen) == ("plausible", amount_fen)


@pytest.mark.parametrize(
    ("level", "amount_fen"),
    [("self_care", fen(2049)), ("half_care", fen(2490)), ("full_care", fen(3225))],
)
def test_tekun_in_an_institution_gets_half_more(level: str, amount_fen: int) -> None:
    decision = decide("JJ-10", {"care_level": level}, region_chain=JINJIANG, on=AFTER)
    assert decision.amount_fen == amount_fen
