"""The allowance of a de-facto-unattended child, as a difference (docs/policy/rules.md, CH-01)."""

from policy.engine.capped import room_under
from policy.engine.money import Column
from policy.engine.rule import Choice, Entity, Input, Read, Row, Rule, formula

OUTCOMES = Choice(difference="按差额补发", nothing_due="已领待遇不低于补贴标准，不再发放")
DIBAO = Input("child_dibao_fen", "已领低保金（每月）")
TEKUN = Input("child_tekun_fen", "已领特困供养金（每月）")
DISABILITY = Input("child_disability_subsidy_fen", "已领残疾人补贴（每月）")


@formula(Entity.PERSON, "已领合计")
def child_received_fen(of: Read) -> Column:
    """What the child receives already, per month."""
    return of("child_dibao_fen") + of("child_tekun_fen") + of("child_disability_subsidy_fen")


@formula(Entity.PERSON, "每月补发差额")
def child_difference_fen(of: Read) -> Column:
    """The allowance less what is received already, never below 0."""
    return room_under(of("child__unattended_allowance_fen_per_month"), of("child_received_fen"))


@formula(Entity.PERSON, "差额补发结论")
def child_difference_outcome(of: Read) -> Column:
    """Whether anything is due."""
    due = of("child_difference_fen") > 0
    return OUTCOMES.first((due, "difference"), otherwise="nothing_due")


def _explain(row: Row) -> list[str]:
    return [
        f"差额 = {row.yuan('child.unattended_allowance_fen_per_month')} − "
        f"已领{row.yuan('child_received_fen')} = {row.yuan('child_difference_fen')}",
        "本项不作公示；所发差额以后不计入低保家庭收入",
    ]


CH_01 = Rule(
    id="CH-01",
    name="unattended_child_difference",
    title="事实无人抚养儿童差额补发",
    entity=Entity.PERSON,
    inputs=(DIBAO, TEKUN, DISABILITY),
    parameters=("child.unattended_allowance_fen_per_month",),
    formulas=(child_received_fen, child_difference_fen, child_difference_outcome),
    outcomes=OUTCOMES,
    outcome=child_difference_outcome,
    amount=child_difference_fen,
    explain=_explain,
)
RULES = (CH_01,)
