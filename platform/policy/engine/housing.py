"""Housing: building subsidy, guarantee from two funds, public rent (JJ-04, JJ-05, MH-14)."""

import numpy as np

from policy.engine.facts import HOUSEHOLD_CATEGORY
from policy.engine.money import Column, half_up, product, yuan
from policy.engine.rule import CATEGORY, Choice, Entity, Input, Read, Row, Rule, formula

SUBSIDY = Choice(granted="可全额补助", capped="按上限补助，其余由亲友等自筹")
GUARANTEE = Choice(
    granted="符合安居兜底标准",
    not_eligible="不属于完全无力建房的低保家庭",
    over_per_m2="建房装修费超过每平方米上限，须调整方案",
    over_furniture="家具费超过上限，须调整方案",
    over_total="总额超过上限，须调整方案或提请一事一议",
)
RENT = Choice(
    free="租金全免",
    rent_due="按优惠标准缴租",
    directed_allocation="定向配租，租金按配租方案",
)
TENANCY_KIND = Choice(full_dibao="全额保", partial_dibao="部分保", tier2="边缘层对象")

COST = Input("housing_cost_fen", "建房和装修总费用")
BUILD_COST = Input("build_cost_fen", "建房和装修实际费用")
FURNITURE_COST = Input("furniture_cost_fen", "家具费用")
UNABLE_TO_BUILD = Input("wholly_unable_to_build", "是否完全无力建房", "flag")
BUILT_AREA = Input("built_area_dm2", "建筑面积", "area_dm2", minimum=1)
TENANCY = Input("tenancy", "承租对象", "choice", TENANCY_KIND)
MONTHS_RENTED = Input("rent_months", "租住月数", "count", needed=lambda of: _pays_rent(of))
RENTED_AREA = Input("rented_area_dm2", "租住面积", "area_dm2", needed=lambda of: _pays_rent(of))


@formula(Entity.HOUSEHOLD, "建房补助")
def housing_subsidy_fen(of: Read) -> Column:
    """The cost, at most the maximum."""
    return np.minimum(of("housing_cost_fen"), of("housing__subsidy_maximum_fen"))


@formula(Entity.HOUSEHOLD, "建房补助结论")
def housing_subsidy_outcome(of: Read) -> Column:
    """Whether the cost is covered in full."""
    covered = of("housing_cost_fen") <= of("housing__subsidy_maximum_fen")
    return SUBSIDY.first((covered, "granted"), otherwise="capped")


@formula(Entity.HOUSEHOLD, "兜底总额")
def housing_guarantee_fen(of: Read) -> Column:
    """Building, fitting-out and furniture together."""
    return of("build_cost_fen") + of("furniture_cost_fen")


@formula(Entity.HOUSEHOLD, "财政资金")
def housing_guarantee_fiscal_fen(of: Read) -> Column:
    """Municipal money: the building cost, at most its maximum."""
    return np.minimum(of("build_cost_fen"), of("housing__guarantee_fiscal_maximum_fen"))


@formula(Entity.HOUSEHOLD, "慈善资金")
def housing_guarantee_charity_fen(of: Read) -> Column:
    """Charity money: the rest of the building cost, and the furniture."""
    return of("housing_guarantee_fen") - of("housing_guarantee_fiscal_fen")


@formula(Entity.HOUSEHOLD, "安居兜底结论")
def housing_guarantee_outcome(of: Read) -> Column:
    """The first limit that is broken, in the order per square metre, furniture, total."""
    eligible = CATEGORY.among(of("category"), "dibao") & (of("wholly_unable_to_build") == 1)
    per_m2_limit = product(of("housing__guarantee_per_m2_maximum_fen"), of("built_area_dm2"))
    furniture_limit = of("housing__guarantee_furniture_maximum_fen")
    return GUARANTEE.first(
        (~eligible, "not_eligible"),
        (product(of("build_cost_fen"), 100) > per_m2_limit, "over_per_m2"),
        (
            of("furniture_cost_fen") > furniture_limit,
            "over_furniture",
        ),
        (of("housing_guarantee_fen") > of("housing__guarantee_total_maximum_fen"), "over_total"),
        otherwise="granted",
    )


def _pays_rent(of: Read) -> Column:
    return TENANCY_KIND.among(of("tenancy"), "partial_dibao")


@formula(Entity.HOUSEHOLD, "应缴租金")
def public_rent_fen(of: Read) -> Column:
    """Rent of a partly supported Dibao family; rounded once, at the end."""
    per_m2 = of("housing__rent_partial_dibao_fen_per_m2_month")
    due = half_up(product(per_m2, of("rented_area_dm2"), of("rent_months")), 100)
    return np.where(_pays_rent(of), due, 0)


@formula(Entity.HOUSEHOLD, "公租房结论")
def public_rent_outcome(of: Read) -> Column:
    """Free, at the reduced rent, or allotted by direction."""
    return RENT.first(
        (TENANCY_KIND.among(of("tenancy"), "full_dibao"), "free"),
        (_pays_rent(of), "rent_due"),
        otherwise="directed_allocation",
    )


def _explain_subsidy(row: Row) -> list[str]:
    own = row["housing_cost_fen"] - row["housing_subsidy_fen"]
    return [
        f"总费用{row.yuan('housing_cost_fen')}，补助上限{row.yuan('housing.subsidy_maximum_fen')}，"
        f"自筹{yuan(own)}"
    ]


def _explain_guarantee(row: Row) -> list[str]:
    per_m2 = row["build_cost_fen"] * 100 // row["built_area_dm2"]
    return [
        f"建房装修每平方米约{yuan(per_m2)}，上限{row.yuan('housing.guarantee_per_m2_maximum_fen')}",
        f"总额 = {row.yuan('build_cost_fen')} + {row.yuan('furniture_cost_fen')}"
        f" = {row.yuan('housing_guarantee_fen')}，"
        f"上限{row.yuan('housing.guarantee_total_maximum_fen')}",
        f"资金来源：财政{row.yuan('housing_guarantee_fiscal_fen')}（建房费用，上限"
        f"{row.yuan('housing.guarantee_fiscal_maximum_fen')}），"
        f"慈善{row.yuan('housing_guarantee_charity_fen')}（其余建房费用和家具）",
    ]


def _explain_rent(row: Row) -> list[str]:
    if not row["public_rent_fen"]:
        return []
    area = row["rented_area_dm2"]
    return [
        f"租金 = {row.yuan('housing.rent_partial_dibao_fen_per_m2_month')} × "
        f"{area // 100}.{area % 100:02d}平方米 × {row['rent_months']}个月"
        f" = {row.yuan('public_rent_fen')}"
    ]


JJ_04 = Rule(
    id="JJ-04",
    name="housing_subsidy",
    title="帮安居建房补助",
    entity=Entity.HOUSEHOLD,
    inputs=(COST,),
    parameters=("housing.subsidy_maximum_fen",),
    formulas=(housing_subsidy_fen, housing_subsidy_outcome),
    outcomes=SUBSIDY,
    outcome=housing_subsidy_outcome,
    amount=housing_subsidy_fen,
    explain=_explain_subsidy,
)
JJ_05 = Rule(
    id="JJ-05",
    name="housing_guarantee",
    title="安居兜底",
    entity=Entity.HOUSEHOLD,
    inputs=(HOUSEHOLD_CATEGORY, UNABLE_TO_BUILD, BUILD_COST, FURNITURE_COST, BUILT_AREA),
    parameters=(
        "housing.guarantee_per_m2_maximum_fen",
        "housing.guarantee_furniture_maximum_fen",
        "housing.guarantee_total_maximum_fen",
        "housing.guarantee_fiscal_maximum_fen",
    ),
    formulas=(
        housing_guarantee_fen,
        housing_guarantee_fiscal_fen,
        housing_guarantee_charity_fen,
        housing_guarantee_outcome,
    ),
    outcomes=GUARANTEE,
    outcome=housing_guarantee_outcome,
    amount=housing_guarantee_fen,
    without_amount=frozenset({"not_eligible", "over_per_m2", "over_furniture", "over_total"}),
    explain=_explain_guarantee,
)
MH_14 = Rule(
    id="MH-14",
    name="public_rent",
    title="公租房租金优惠",
    entity=Entity.HOUSEHOLD,
    inputs=(TENANCY, RENTED_AREA, MONTHS_RENTED),
    parameters=("housing.rent_partial_dibao_fen_per_m2_month",),
    formulas=(public_rent_fen, public_rent_outcome),
    outcomes=RENT,
    outcome=public_rent_outcome,
    amount=public_rent_fen,
    without_amount=frozenset({"directed_allocation"}),
    explain=_explain_rent,
)
RULES = (JJ_04, JJ_05, MH_14)
