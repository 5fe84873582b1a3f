"""Published standards against their stated make-up (docs/policy/rules.md, JJ-07, JJ-09, JJ-10).

The published value always counts; the check only shows an officer a number that looks wrong.
"""

import numpy as np

from policy.engine.money import BASIS_POINTS, Column, product, share
from policy.engine.rule import Choice, Entity, Input, Read, Row, Rule, formula

CHECK = Choice(plausible="公布标准与测算一致", differs="公布标准与测算不一致，以公布标准为准")
INSTITUTION = Choice(granted="按集中供养标准")
CARE_LEVEL = Input(
    "care_level",
    "自理能力",
    "choice",
    Choice(self_care="全自理", half_care="半护理", full_care="全护理"),
)
TEN_YUAN_IN_FEN = 1_000


@formula(Entity.TOWNSHIP, "公布的低保标准")
def dibao_published_fen(of: Read) -> Column:
    """The published standard, as it is."""
    return of("dibao__standard_fen_per_month")


@formula(Entity.TOWNSHIP, "按最低工资比例测算的低保标准")
def dibao_by_ratio_fen(of: Read) -> Column:
    """What the ratio to the minimum wage alone would give."""
    return share(
        of("dibao__minimum_wage_fen_per_month"), of("dibao__minimum_wage_ratio_basis_points")
    )


@formula(Entity.TOWNSHIP, "低保标准核对")
def dibao_standard_check(of: Read) -> Column:
    """Whether both agree to the fen."""
    same = of("dibao_published_fen") == of("dibao_by_ratio_fen")
    return CHECK.first((same, "plausible"), otherwise="differs")


@formula(Entity.PERSON, "特困供养标准")
def tekun_support_fen(of: Read) -> Column:
    """The published support of the person's care level."""
    return _by_care(of, "tekun__support_{}_fen_per_month")


@formula(Entity.PERSON, "测算的特困供养标准")
def tekun_by_make_up_fen(of: Read) -> Column:
    """1.3 times Dibao, up to the next ten yuan, and a share of the minimum wage for care."""
    base = product(of("dibao__standard_fen_per_month"), of("tekun__base_ratio_basis_points"))
    base_fen = -(-base // (BASIS_POINTS * TEN_YUAN_IN_FEN)) * TEN_YUAN_IN_FEN
    wage_fen = of("dibao__minimum_wage_fen_per_month")
    return base_fen + share(wage_fen, _by_care(of, "tekun__care_{}_basis_points"))


@formula(Entity.PERSON, "特困供养标准核对")
def tekun_standard_check(of: Read) -> Column:
    """Whether both agree to the fen."""
    same = of("tekun_support_fen") == of("tekun_by_make_up_fen")
    return CHECK.first((same, "plausible"), otherwise="differs")


@formula(Entity.PERSON, "集中供养标准")
def tekun_institution_fen(of: Read) -> Column:
    """The support of somebody living in an institution: the uplift on the published standard."""
    uplifted = BASIS_POINTS + of("tekun__institution_uplift_basis_points")
    return share(of("tekun_support_fen"), uplifted)


@formula(Entity.PERSON, "集中供养结论")
def tekun_institution_outcome(of: Read) -> Column:
    """Always granted; whether the person lives there is the caller's fact."""
    return np.zeros_like(of("care_level"))


def _by_care(of: Read, column: str) -> Column:
    levels = ("self_care", "half_care", "full_care")
    return np.choose(of("care_level"), [of(column.format(level)) for level in levels])


def _explain_dibao(row: Row) -> list[str]:
    wage, ratio = "dibao.minimum_wage_fen_per_month", "dibao.minimum_wage_ratio_basis_points"
    return [
        f"测算 = {row.yuan(wage)} × {row.percent(ratio)} = {row.yuan('dibao_by_ratio_fen')}，"
        f"公布标准为{row.yuan('dibao_published_fen')}"
    ]


def _explain_tekun(row: Row) -> list[str]:
    return [
        f"测算 = 低保标准 × {row.percent('tekun.base_ratio_basis_points')}（进到十元）"
        f" + 最低工资 × 照料比例 = {row.yuan('tekun_by_make_up_fen')}，"
        f"公布标准为{row.yuan('tekun_support_fen')}"
    ]


def _explain_institution(row: Row) -> list[str]:
    return [
        f"集中供养 = {row.yuan('tekun_support_fen')} × "
        f"（1 + {row.percent('tekun.institution_uplift_basis_points')}）"
    ]


_SUPPORTS = tuple(
    f"tekun.support_{level}_fen_per_month" for level in ("self_care", "half_care", "full_care")
)

JJ_07 = Rule(
    id="JJ-07",
    name="dibao_standard_check",
    title="低保标准核对",
    entity=Entity.TOWNSHIP,
    inputs=(),
    parameters=(
        "dibao.standard_fen_per_month",
        "dibao.minimum_wage_fen_per_month",
        "dibao.minimum_wage_ratio_basis_points",
    ),
    formulas=(dibao_published_fen, dibao_by_ratio_fen, dibao_standard_check),
    outcomes=CHECK,
    outcome=dibao_standard_check,
    amount=dibao_published_fen,
    explain=_explain_dibao,
)
JJ_09 = Rule(
    id="JJ-09",
    name="tekun_standard_check",
    title="特困供养标准核对",
    entity=Entity.PERSON,
    inputs=(CARE_LEVEL,),
    parameters=(
        *_SUPPORTS,
        "dibao.standard_fen_per_month",
        "dibao.minimum_wage_fen_per_month",
        "tekun.base_ratio_basis_points",
        "tekun.care_self_care_basis_points",
        "tekun.care_half_care_basis_points",
        "tekun.care_full_care_basis_points",
    ),
    formulas=(tekun_support_fen, tekun_by_make_up_fen, tekun_standard_check),
    outcomes=CHECK,
    outcome=tekun_standard_check,
    amount=tekun_support_fen,
    explain=_explain_tekun,
)
JJ_10 = Rule(
    id="JJ-10",
    name="tekun_institution_support",
    title="特困集中供养标准",
    entity=Entity.PERSON,
    inputs=(CARE_LEVEL,),
    parameters=(*_SUPPORTS, "tekun.institution_uplift_basis_points"),
    formulas=(tekun_support_fen, tekun_institution_fen, tekun_institution_outcome),
    outcomes=INSTITUTION,
    outcome=tekun_institution_outcome,
    amount=tekun_institution_fen,
    explain=_explain_institution,
)
RULES = (JJ_07, JJ_09, JJ_10)
