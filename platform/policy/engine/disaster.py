"""Disaster relief at the county's uplift on the provincial standards (rules.md, MH-15)."""

import numpy as np

from policy.engine.facts import MEMBERS
from policy.engine.money import BASIS_POINTS, Column, half_up, product, share
from policy.engine.rule import Choice, Entity, Input, Read, Row, Rule, formula

RELIEF = Choice(emergency="应急救助", transition="过渡期救助", winter_spring="冬春救助")
OUTCOMES = Choice(granted="可按标准救助", months_out_of_range="过渡期月数不在规定范围内")


def _by_month(of: Read) -> Column:
    return RELIEF.among(of("relief"), "transition")


KIND = Input("relief", "救助种类", "choice", RELIEF)
MONTHS = Input("transition_months", "过渡期月数", "count", needed=_by_month)


def _standard(of: Read) -> Column:
    return np.choose(
        of("relief"),
        [
            of("disaster__emergency_fen_per_head"),
            of("disaster__transition_fen_per_head_month"),
            of("disaster__winter_spring_fen_per_head"),
        ],
    )


@formula(Entity.HOUSEHOLD, "每人（每月）标准")
def disaster_rate_fen(of: Read) -> Column:
    """The provincial standard with the county's uplift, for one head (and month)."""
    return share(_standard(of), of("disaster__uplift_basis_points"))


@formula(Entity.HOUSEHOLD, "受灾救助金")
def disaster_relief_fen(of: Read) -> Column:
    """Heads, and months in the transition, at the uplifted standard; rounded once."""
    months = np.where(_by_month(of), of("transition_months"), 1)
    uplift = of("disaster__uplift_basis_points")
    return half_up(product(_standard(of), uplift, of("members"), months), BASIS_POINTS)


@formula(Entity.HOUSEHOLD, "受灾救助结论")
def disaster_outcome(of: Read) -> Column:
    """The transition lasts between two fixed numbers of months."""
    months = of("transition_months")
    outside = (months < of("disaster__transition_months_minimum")) | (
        months > of("disaster__transition_months_maximum")
    )
    return OUTCOMES.first((_by_month(of) & outside, "months_out_of_range"), otherwise="granted")


def _explain(row: Row) -> list[str]:
    months = (
        f" × {row['transition_months']}个月" if RELIEF.codes[row["relief"]] == "transition" else ""
    )
    return [
        f"每人标准 = 省定标准 × {row.percent('disaster.uplift_basis_points')}"
        f" = {row.yuan('disaster_rate_fen')}",
        f"合计 = {row.yuan('disaster_rate_fen')} × {row['members']}人{months}"
        f" = {row.yuan('disaster_relief_fen')}",
    ]


MH_15 = Rule(
    id="MH-15",
    name="disaster_relief",
    title="受灾救助",
    entity=Entity.HOUSEHOLD,
    inputs=(KIND, MEMBERS, MONTHS),
    parameters=(
        "disaster.emergency_fen_per_head",
        "disaster.transition_fen_per_head_month",
        "disaster.winter_spring_fen_per_head",
        "disaster.uplift_basis_points",
        "disaster.transition_months_minimum",
        "disaster.transition_months_maximum",
    ),
    formulas=(disaster_rate_fen, disaster_relief_fen, disaster_outcome),
    outcomes=OUTCOMES,
    outcome=disaster_outcome,
    amount=disaster_relief_fen,
    without_amount=frozenset({"months_out_of_range"}),
    explain=_explain,
)
RULES = (MH_15,)
