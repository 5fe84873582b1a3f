"""Dehua's large temporary aid, in both versions (docs/policy/rules.md, DH-01)."""

import numpy as np

from policy.engine.capped import paid_and_held, room_under
from policy.engine.facts import HOUSEHOLD_CATEGORY
from policy.engine.money import Column, share
from policy.engine.rule import CATEGORY, Choice, Entity, Input, Read, Row, Rule, formula

OUTCOMES = Choice(
    granted="达到起点，可提请一事一议救助",
    collective_decision="超出每户年度总额，超出部分另行集体研究",
    not_eligible="未达到起点",
)
POOR = ("dibao", "tekun", "registered_poor")

COST = Input("two_year_medical_cost_fen", "连续两年自付医疗费")
AIDED = Input("cost_already_aided_fen", "其中已作过救助基数的费用", default=0)
SUPPLEMENT = Input("supplement_asked_fen", "拟给叠加补助", default=0)
PAID_THIS_YEAR = Input("paid_this_year_fen", "本户本年已给大额救助")


def _by_class(of: Read, column: str) -> Column:
    poor = CATEGORY.among(of("category"), *POOR)
    return np.where(poor, of(column.format("poor")), of(column.format("ordinary")))


@formula(Entity.HOUSEHOLD, "救助起点")
def large_aid_threshold_fen(of: Read) -> Column:
    """The line of the household's class; reaching it counts."""
    return _by_class(of, "temporary_aid__large_threshold_{}_fen")


@formula(Entity.HOUSEHOLD, "救助比例")
def large_aid_ratio_basis_points(of: Read) -> Column:
    """The ratio of the household's class."""
    return _by_class(of, "temporary_aid__large_ratio_{}_basis_points")


@formula(Entity.HOUSEHOLD, "达到起点")
def large_aid_reached(of: Read) -> Column:
    """The threshold looks at all bills, also those aided before."""
    return of("two_year_medical_cost_fen") >= of("large_aid_threshold_fen")


@formula(Entity.HOUSEHOLD, "计算基数")
def large_aid_base_fen(of: Read) -> Column:
    """The whole cost, without bills that were a base before."""
    return room_under(of("two_year_medical_cost_fen"), of("cost_already_aided_fen"))


@formula(Entity.HOUSEHOLD, "叠加补助")
def large_aid_supplement_fen(of: Read) -> Column:
    """What is asked for special hardship, cut to its maximum."""
    return np.minimum(of("supplement_asked_fen"), of("temporary_aid__large_supplement_maximum_fen"))


@formula(Entity.HOUSEHOLD, "救助合计")
def large_aid_fen(of: Read) -> Column:
    """The ratio on the base, and the supplement; 0 below the threshold."""
    aid = share(of("large_aid_base_fen"), of("large_aid_ratio_basis_points"))
    return np.where(of("large_aid_reached") == 1, aid + of("large_aid_supplement_fen"), 0)


def _room(of: Read) -> Column:
    maximum = of("temporary_aid__large_household_year_maximum_fen")
    return room_under(maximum, of("paid_this_year_fen"))


@formula(Entity.HOUSEHOLD, "大额临时救助金")
def large_aid_paid_fen(of: Read) -> Column:
    """The part within what is left of the household's year."""
    return paid_and_held(of("large_aid_fen"), _room(of))[0]


@formula(Entity.HOUSEHOLD, "超出年度总额")
def large_aid_held_fen(of: Read) -> Column:
    """The part held for a collective decision."""
    return paid_and_held(of("large_aid_fen"), _room(of))[1]


@formula(Entity.HOUSEHOLD, "大额临时救助结论")
def large_aid_outcome(of: Read) -> Column:
    """Below the threshold, granted, or partly held."""
    return OUTCOMES.first(
        (of("large_aid_reached") == 0, "not_eligible"),
        (of("large_aid_held_fen") > 0, "collective_decision"),
        otherwise="granted",
    )


def _explain(row: Row) -> list[str]:
    reached = "达到" if row["large_aid_reached"] else "未达到"
    lines = [
        f"两年自付{row.yuan('two_year_medical_cost_fen')}，{reached}起点"
        f"{row.yuan('large_aid_threshold_fen')}（达到即可）"
    ]
    if not row["large_aid_reached"]:
        return lines
    return [
        *lines,
        f"按全部费用计算：{row.yuan('large_aid_base_fen')} × "
        f"{row.percent('large_aid_ratio_basis_points')} + 叠加补助"
        f"{row.yuan('large_aid_supplement_fen')} = {row.yuan('large_aid_fen')}",
        f"每户年度总额{row.yuan('temporary_aid.large_household_year_maximum_fen')}，"
        f"本年已给{row.yuan('paid_this_year_fen')}，本次可给{row.yuan('large_aid_paid_fen')}",
    ]


DH_01 = Rule(
    id="DH-01",
    name="large_temporary_aid",
    title="大额临时救助（一事一议）",
    entity=Entity.HOUSEHOLD,
    inputs=(HOUSEHOLD_CATEGORY, COST, AIDED, SUPPLEMENT, PAID_THIS_YEAR),
    parameters=(
        "temporary_aid.large_threshold_ordinary_fen",
        "temporary_aid.large_threshold_poor_fen",
        "temporary_aid.large_ratio_ordinary_basis_points",
        "temporary_aid.large_ratio_poor_basis_points",
        "temporary_aid.large_supplement_maximum_fen",
        "temporary_aid.large_household_year_maximum_fen",
    ),
    formulas=(
        large_aid_threshold_fen,
        large_aid_ratio_basis_points,
        large_aid_reached,
        large_aid_base_fen,
        large_aid_supplement_fen,
        large_aid_fen,
        large_aid_paid_fen,
        large_aid_held_fen,
        large_aid_outcome,
    ),
    outcomes=OUTCOMES,
    outcome=large_aid_outcome,
    amount=large_aid_paid_fen,
    held=large_aid_held_fen,
    without_amount=frozenset({"not_eligible"}),
    explain=_explain,
)
RULES = (DH_01,)
