"""The medical spending alert of a person and a year (docs/policy/rules.md, SM-01)."""

from policy.engine.money import Column
from policy.engine.rule import CATEGORY, Choice, Entity, Input, Read, Row, Rule, formula

OUTCOMES = Choice(
    alert_listed="在册对象年度医疗支出超过预警线",
    alert_unlisted="未在册人员年度自付超过预警线",
    none="未超过预警线",
)
LISTED = ("dibao", "dibao_edge", "tekun")


def _listed(of: Read) -> Column:
    return CATEGORY.among(of("person_category"), *LISTED)


def _unlisted(of: Read) -> Column:
    return ~_listed(of)


PERSON_CATEGORY = Input("person_category", "人员类别", "choice", CATEGORY)
EXPENDITURE = Input("medical_expenditure_fen", "年度医疗支出", needed=_listed)
SELF_PAID = Input("medical_self_paid_fen", "年度自付医疗费", needed=_unlisted)


@formula(Entity.PERSON, "医疗支出预警")
def medical_alert(of: Read) -> Column:
    """Strictly above the line; listed people by expenditure, the others by what they paid."""
    spent, self_paid = of("medical_expenditure_fen"), of("medical_self_paid_fen")
    over_listed = spent > of("casework__medical_alert_listed_fen")
    over_unlisted = self_paid > of("casework__medical_alert_unlisted_fen")
    return OUTCOMES.first(
        (_listed(of) & over_listed, "alert_listed"),
        (_unlisted(of) & over_unlisted, "alert_unlisted"),
        otherwise="none",
    )


def _explain(row: Row) -> list[str]:
    if CATEGORY.codes[row["person_category"]] in LISTED:
        line, spent = "casework.medical_alert_listed_fen", row.yuan("medical_expenditure_fen")
        return [f"在册对象看年度医疗支出：{spent}，预警线{row.yuan(line)}（须超过）"]
    line, spent = "casework.medical_alert_unlisted_fen", row.yuan("medical_self_paid_fen")
    return [f"未在册人员看年度自付：{spent}，预警线{row.yuan(line)}（须超过）"]


SM_01 = Rule(
    id="SM-01",
    name="medical_alert",
    title="医疗支出预警",
    entity=Entity.PERSON,
    inputs=(PERSON_CATEGORY, EXPENDITURE, SELF_PAID),
    parameters=("casework.medical_alert_listed_fen", "casework.medical_alert_unlisted_fen"),
    formulas=(medical_alert,),
    outcomes=OUTCOMES,
    outcome=medical_alert,
    explain=_explain,
)
RULES = (SM_01,)
