"""Temporary aid: Jinjiang's urgent lines and Minhou's tiers (JJ-11, JJ-12, JJ-13, MH-06, MH-07)."""

import numpy as np

from policy.engine.capped import paid_and_held, room_under
from policy.engine.facts import HOUSEHOLD_CATEGORY, MEMBERS
from policy.engine.money import BASIS_POINTS, Column, half_up, product, share
from policy.engine.rule import CATEGORY, Choice, Entity, Input, Read, Row, Rule, formula

URGENT = Choice(
    granted="在急难救助幅度内",
    below_minimum="低于急难救助下限，不按本项救助",
    above_maximum="高于急难救助上限，不按本项救助",
)
CASH = Choice(township="镇街可直接决定并发放", county="超过镇街权限，报县级")
GOODS = Choice(
    township="镇街可走绿色通道发放物资",
    over_limit="超过物资上限，不按绿色通道办理",
    already_cash="已发小额现金，物资与现金二选一",
)
RIGID = Choice(
    granted="可救助",
    collective_decision="已达最高限额，超出部分提请一事一议",
    not_covered="不属于本项对象，按现行办法另行审核",
)
SEVERITY = Choice(light="较轻", medium="较重", severe="严重")

URGENT_AMOUNT = Input("urgent_amount_fen", "拟给急难救助")
CASH_AMOUNT = Input("township_cash_fen", "小额现金")
GOODS_VALUE = Input("goods_value_fen", "生活物资价值")
OWN_COST = Input("own_cost_fen", "个人实际负担费用", needed=lambda of: _covered(of))
ALREADY = Input("temporary_aid_already_fen", "本次事由已给临时救助")
GRADE = Input("severity", "困难程度", "choice", SEVERITY)

EDGE_TIER = ("dibao_edge", "rigid_expenditure", "department_recognised")


@formula(Entity.HOUSEHOLD, "急难救助金额")
def urgent_aid_fen(of: Read) -> Column:
    """The amount proposed."""
    return of("urgent_amount_fen")


@formula(Entity.HOUSEHOLD, "急难救助结论")
def urgent_aid_outcome(of: Read) -> Column:
    """Both ends of the range count as inside."""
    amount = of("urgent_amount_fen")
    return URGENT.first(
        (amount < of("temporary_aid__urgent_minimum_fen"), "below_minimum"),
        (amount > of("temporary_aid__urgent_maximum_fen"), "above_maximum"),
        otherwise="granted",
    )


@formula(Entity.HOUSEHOLD, "小额现金结论")
def township_cash_outcome(of: Read) -> Column:
    """The township decides up to its maximum inclusive."""
    within = of("township_cash_fen") <= of("temporary_aid__township_cash_maximum_fen")
    return CASH.first((within, "township"), otherwise="county")


@formula(Entity.HOUSEHOLD, "绿色通道物资结论")
def green_channel_outcome(of: Read) -> Column:
    """Goods instead of small cash, up to their maximum inclusive."""
    over = of("goods_value_fen") > of("temporary_aid__green_channel_goods_maximum_fen")
    return GOODS.first(
        (of("township_cash_fen") > 0, "already_cash"), (over, "over_limit"), otherwise="township"
    )


def _covered(of: Read) -> Column:
    return CATEGORY.among(of("category"), "tekun", "dibao", "registered_poor", *EDGE_TIER)


@formula(Entity.HOUSEHOLD, "按比例测算")
def rigid_cost_aid_fen(of: Read) -> Column:
    """The category's share of the cost actually borne."""
    category = of("category")
    ratio = np.select(
        [
            CATEGORY.among(category, "tekun"),
            CATEGORY.among(category, "dibao"),
            CATEGORY.among(category, "registered_poor"),
            CATEGORY.among(category, *EDGE_TIER),
        ],
        [
            of("temporary_aid__ratio_tekun_basis_points"),
            of("temporary_aid__ratio_dibao_basis_points"),
            of("temporary_aid__ratio_registered_poor_basis_points"),
            of("temporary_aid__ratio_edge_basis_points"),
        ],
        default=np.int64(0),
    )
    return share(of("own_cost_fen"), ratio)


@formula(Entity.HOUSEHOLD, "临时救助金")
def rigid_cost_paid_fen(of: Read) -> Column:
    """The part within what is left of the maximum."""
    return paid_and_held(of("rigid_cost_aid_fen"), _room(of))[0]


@formula(Entity.HOUSEHOLD, "超出最高限额")
def rigid_cost_held_fen(of: Read) -> Column:
    """The part that only a collective decision can add."""
    return paid_and_held(of("rigid_cost_aid_fen"), _room(of))[1]


@formula(Entity.HOUSEHOLD, "临时救助结论")
def rigid_cost_outcome(of: Read) -> Column:
    """Granted, granted up to the maximum, or no business of this rule."""
    return RIGID.first(
        (~_covered(of), "not_covered"),
        (of("rigid_cost_held_fen") > 0, "collective_decision"),
        otherwise="granted",
    )


@formula(Entity.HOUSEHOLD, "按月标准测算")
def tier3_aid_fen(of: Read) -> Column:
    """The monthly standard for the months of the grade, per head if so set; rounded once."""
    months = np.choose(
        of("severity"),
        [of(f"temporary_aid__tier3_months_{grade}") for grade in SEVERITY.codes],
    )
    heads = np.where(of("temporary_aid__tier3_per_head") == 1, of("members"), 1)
    standard = of("dibao__city_standard_fen_per_month")
    ratio = of("temporary_aid__tier3_ratio_basis_points")
    return half_up(product(standard, ratio, months, heads), BASIS_POINTS)


@formula(Entity.HOUSEHOLD, "临时救助金")
def tier3_paid_fen(of: Read) -> Column:
    """The part within what is left of the maximum."""
    return paid_and_held(of("tier3_aid_fen"), _room(of))[0]


@formula(Entity.HOUSEHOLD, "超出最高限额")
def tier3_held_fen(of: Read) -> Column:
    """The part that only a collective decision can add."""
    return paid_and_held(of("tier3_aid_fen"), _room(of))[1]


@formula(Entity.HOUSEHOLD, "其他困难对象结论")
def tier3_outcome(of: Read) -> Column:
    """Granted, in full or up to the maximum."""
    return RIGID.first((of("tier3_held_fen") > 0, "collective_decision"), otherwise="granted")


def _room(of: Read) -> Column:
    return room_under(of("temporary_aid__maximum_fen"), of("temporary_aid_already_fen"))


def _explain_urgent(row: Row) -> list[str]:
    return [
        f"幅度为{row.yuan('temporary_aid.urgent_minimum_fen')}至"
        f"{row.yuan('temporary_aid.urgent_maximum_fen')}（含两端）"
    ]


def _explain_cash(row: Row) -> list[str]:
    return [f"镇街权限为{row.yuan('temporary_aid.township_cash_maximum_fen')}以内（含）"]


def _explain_goods(row: Row) -> list[str]:
    return [f"物资上限为{row.yuan('temporary_aid.green_channel_goods_maximum_fen')}（含）"]


def _explain_rigid(row: Row) -> list[str]:
    if not row["rigid_cost_aid_fen"]:
        return []
    return [
        f"按类别比例测算{row.yuan('rigid_cost_aid_fen')}",
        f"最高限额{row.yuan('temporary_aid.maximum_fen')}，"
        f"已给{row.yuan('temporary_aid_already_fen')}，本次可给{row.yuan('rigid_cost_paid_fen')}",
    ]


def _explain_tier3(row: Row) -> list[str]:
    return [
        f"月标准 = {row.yuan('dibao.city_standard_fen_per_month')} × "
        f"{row.percent('temporary_aid.tier3_ratio_basis_points')}；"
        f"按困难程度的月数和人数合计{row.yuan('tier3_aid_fen')}",
        f"最高限额{row.yuan('temporary_aid.maximum_fen')}，"
        f"已给{row.yuan('temporary_aid_already_fen')}，本次可给{row.yuan('tier3_paid_fen')}",
    ]


JJ_11 = Rule(
    id="JJ-11",
    name="urgent_aid",
    title="急难临时救助幅度",
    entity=Entity.HOUSEHOLD,
    inputs=(URGENT_AMOUNT,),
    parameters=("temporary_aid.urgent_minimum_fen", "temporary_aid.urgent_maximum_fen"),
    formulas=(urgent_aid_fen, urgent_aid_outcome),
    outcomes=URGENT,
    outcome=urgent_aid_outcome,
    amount=urgent_aid_fen,
    without_amount=frozenset({"below_minimum", "above_maximum"}),
    explain=_explain_urgent,
)
JJ_12 = Rule(
    id="JJ-12",
    name="township_cash",
    title="镇街小额现金救助",
    entity=Entity.HOUSEHOLD,
    inputs=(CASH_AMOUNT,),
    parameters=("temporary_aid.township_cash_maximum_fen",),
    formulas=(township_cash_outcome,),
    outcomes=CASH,
    outcome=township_cash_outcome,
    explain=_explain_cash,
)
JJ_13 = Rule(
    id="JJ-13",
    name="green_channel_goods",
    title="绿色通道生活物资",
    entity=Entity.HOUSEHOLD,
    inputs=(GOODS_VALUE, CASH_AMOUNT),
    parameters=("temporary_aid.green_channel_goods_maximum_fen",),
    formulas=(green_channel_outcome,),
    outcomes=GOODS,
    outcome=green_channel_outcome,
    explain=_explain_goods,
)
MH_06 = Rule(
    id="MH-06",
    name="rigid_cost_aid",
    title="刚性支出临时救助",
    entity=Entity.HOUSEHOLD,
    inputs=(HOUSEHOLD_CATEGORY, OWN_COST, ALREADY),
    parameters=(
        "temporary_aid.ratio_tekun_basis_points",
        "temporary_aid.ratio_dibao_basis_points",
        "temporary_aid.ratio_registered_poor_basis_points",
        "temporary_aid.ratio_edge_basis_points",
        "temporary_aid.maximum_fen",
    ),
    formulas=(rigid_cost_aid_fen, rigid_cost_paid_fen, rigid_cost_held_fen, rigid_cost_outcome),
    outcomes=RIGID,
    outcome=rigid_cost_outcome,
    amount=rigid_cost_paid_fen,
    held=rigid_cost_held_fen,
    without_amount=frozenset({"not_covered"}),
    explain=_explain_rigid,
)
MH_07 = Rule(
    id="MH-07",
    name="tier3_aid",
    title="其他困难对象临时救助",
    entity=Entity.HOUSEHOLD,
    inputs=(GRADE, MEMBERS, ALREADY),
    parameters=(
        "dibao.city_standard_fen_per_month",
        "temporary_aid.tier3_ratio_basis_points",
        "temporary_aid.tier3_months_light",
        "temporary_aid.tier3_months_medium",
        "temporary_aid.tier3_months_severe",
        "temporary_aid.tier3_per_head",
        "temporary_aid.maximum_fen",
    ),
    formulas=(tier3_aid_fen, tier3_paid_fen, tier3_held_fen, tier3_outcome),
    outcomes=RIGID,
    outcome=tier3_outcome,
    amount=tier3_paid_fen,
    held=tier3_held_fen,
    explain=_explain_tier3,
)
RULES = (JJ_11, JJ_12, JJ_13, MH_06, MH_07)
