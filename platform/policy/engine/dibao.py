"""Dibao: the monthly top-up by family size and income (docs/policy/rules.md, JJ-08)."""

import numpy as np

from policy.engine.facts import HOUSEHOLD_INCOME, MEMBERS
from policy.engine.money import BASIS_POINTS, Column, product, yuan
from policy.engine.rule import Choice, Entity, Read, Row, Rule, formula

CLASSES = Choice(
    dibao="人均收入低于低保标准，收入条件符合低保",
    dibao_edge="人均收入不低于低保标准、低于边缘线，收入条件符合低保边缘家庭",
    above="人均收入不低于边缘线，收入条件不符合",
)


@formula(Entity.HOUSEHOLD, "全家低保标准合计")
def dibao_family_standard_fen(of: Read) -> Column:
    """The standard times the members."""
    return product(of("dibao__standard_fen_per_month"), of("members"))


@formula(Entity.HOUSEHOLD, "收入类别")
def dibao_class(of: Read) -> Column:
    """Dibao below the standard, edge below the edge line; both strictly, on exact totals."""
    income, standard = of("household_income_fen"), of("dibao_family_standard_fen")
    edge_line = product(standard, of("dibao__edge_ratio_basis_points"))
    return CLASSES.first(
        (income < standard, "dibao"),
        (product(income, BASIS_POINTS) < edge_line, "dibao_edge"),
        otherwise="above",
    )


@formula(Entity.HOUSEHOLD, "每月应补")
def dibao_payment_fen(of: Read) -> Column:
    """What is missing to the family's standard, never below 0.

    >>> columns = {"dibao_family_standard_fen": 360_000, "household_income_fen": 359_996}
    >>> int(dibao_payment_fen.function(columns.__getitem__))
    4
    """
    missing = of("dibao_family_standard_fen") - of("household_income_fen")
    return np.asarray(np.maximum(missing, 0))


def _explain(row: Row) -> list[str]:
    members, income, standard = (
        row["members"],
        row["household_income_fen"],
        row["dibao_family_standard_fen"],
    )
    lines = [
        f"全家标准 = {row.yuan('dibao.standard_fen_per_month')} × {members}人 = {yuan(standard)}",
        f"家庭月收入{yuan(income)}，人均约{yuan(income // members)}",
    ]
    if row["dibao_payment_fen"]:
        lines.append(f"每月应补 = {yuan(standard)} − {yuan(income)} = {yuan(standard - income)}")
    lines.append("财产条件须经核对另行认定；收入恰好等于标准的不属于低保")
    return lines


JJ_08 = Rule(
    id="JJ-08",
    name="dibao_top_up",
    title="低保按户补差",
    entity=Entity.HOUSEHOLD,
    inputs=(MEMBERS, HOUSEHOLD_INCOME),
    parameters=("dibao.standard_fen_per_month", "dibao.edge_ratio_basis_points"),
    formulas=(dibao_family_standard_fen, dibao_class, dibao_payment_fen),
    outcomes=CLASSES,
    outcome=dibao_class,
    amount=dibao_payment_fen,
    without_amount=frozenset({"dibao_edge", "above"}),
    explain=_explain,
)
RULES = (JJ_08,)
