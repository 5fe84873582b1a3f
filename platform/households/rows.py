"""Household lists from civil affairs: one row a member, with the category that he holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from exchange.columns import (
    Kind,
    choice_column,
    date_column,
    fen_column,
    id_column,
    name_column,
    text_column,
    village_column,
)
from exchange.models import Batch
from exchange.registry import Applied, Handler, IncomingRow, register
from households.ahead import FamiliesAhead, HoldersAhead
from households.models import Category, Household, Member, Person
from households.services import household_record, person_record, recognition_record
from kernel.access import Actor, Role
from kernel.errors import Refused
from regions.models import Region

#: One person holds at most one of these at a time (O-06).
_EXCLUSIVE = (Category.DIBAO, Category.DIBAO_EDGE, Category.TEKUN, Category.RIGID_EXPENDITURE)
_RESULTS: dict[str, str] = {
    Category.DIBAO: "helped_dibao",
    Category.DIBAO_EDGE: "helped_edge",
    Category.TEKUN: "helped_tekun",
    Category.RIGID_EXPENDITURE: "planned_temp",
}
_CATEGORIES = {label: value for value, label in Category.choices} | {
    "低保": "dibao",
    "低保边缘": "dibao_edge",
    "特困": "tekun",
    "刚性支出困难": "rigid_expenditure",
    "支出型困难家庭": "rigid_expenditure",
}
_RELATIONS = {label: value for value, label in Member.Relation.choices} | {
    "本人": "head",
    "妻子": "spouse",
    "丈夫": "spouse",
    "儿子": "child",
    "女儿": "child",
    "父亲": "parent",
    "母亲": "parent",
    "孙子": "grandchild",
    "孙女": "grandchild",
}


def _check(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return where the row contradicts its own resident ID: often a relative's number."""
    number = values.get("id_number")
    if not number:
        if not values.get("born_on"):
            return [("出生日期", "没有身份证号时须填写出生日期", "请补填身份证号或出生日期")]
        return []
    mend = "请核对是否误用了家人的号码"
    found = []
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    if values.get("born_on") and values["born_on"] != born:
        found.append(("出生日期", f"与身份证号中的 {born} 不一致", mend))
    if values.get("sex") and values["sex"] != ("m" if int(number[16]) % 2 else "f"):
        found.append(("性别", "与身份证号不一致", mend))
    return found


KIND = Kind(
    "households",
    "困难家庭名册",
    (
        text_column(
            "household_number", "户编号", most=40, aliases=("家庭编号", "户号"), example="ZZ-0001"
        ),
        village_column(
            aliases=("村代码", "村社区代码", "村（居）", "所属村居", "行政区划代码"),
            example="350602001001",
        ),
        name_column(aliases=("成员姓名", "对象姓名"), example="张某"),
        id_column(
            required=False,
            aliases=("身份证号码", "公民身份号码", "身份证", "证件号码"),
            example="350699194506120011",
            hint="18 位，单元格须为文本；新生儿等没有号码的留空并填出生日期",
        ),
        choice_column(
            "relation", "与户主关系", _RELATIONS, aliases=("关系", "家庭关系"), example="户主"
        ),
        choice_column(
            "sex", "性别", {"男": "m", "女": "f"}, required=False, aliases=("男女",), example="男"
        ),
        date_column("born_on", "出生日期", required=False, aliases=("出生年月日", "生日")),
        choice_column(
            "category", "救助类别", _CATEGORIES, aliases=("类别", "对象类别"), example="低保"
        ),
        fen_column(
            "monthly_fen",
            "月救助金额",
            zero=True,
            required=False,
            aliases=("月金额", "月保障金", "月人均补差"),
            example="469.00",
            hint="元，最多两位小数",
        ),
        date_column(
            "starts_on", "起始日期", aliases=("享受起始日期", "纳入时间"), example="2026-03-01"
        ),
    ),
    frozenset({Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.CITY_OFFICER}),
    _check,
)


class _Ahead:
    """What the rows of a chunk need, read before the first is applied."""

    def __init__(self, rows: Sequence[IncomingRow]) -> None:
        values = [row.values for row in rows]
        numbers = {each["household_number"] for each in values}
        self.villages = Region.objects.in_bulk({each["village"] for each in values})
        self.households: dict[str, Household | None] = dict.fromkeys(numbers)
        known = Household.objects.select_related("region").filter(number__in=numbers)
        self.households |= {household.number: household for household in known}
        self.holders = HoldersAhead({e["id_number"] for e in values if e.get("id_number")})
        self.families = FamiliesAhead(self.holders.person_ids)


def chunk_handler(_batch: Batch, rows: Sequence[IncomingRow]) -> Handler:
    """Return what records these families."""
    return partial(_apply, ahead=_Ahead(rows))


def _apply(row: IncomingRow, actor: Actor, *, ahead: _Ahead) -> Applied:
    """Record household, person and recognition, each unless it is there."""
    values = row.values
    starts_on = date.fromisoformat(values["starts_on"])
    household, is_new = _household(values, starts_on, ahead, actor)
    held: set[str] = set()
    person = _known_person(values, household, is_new, starts_on, ahead)
    if person:
        if person.died_on and person.died_on <= starts_on:
            return Applied("deceased", person.pk)
        held = ahead.families.recognitions_on(person, starts_on)
    else:
        person = _new_person(values, household, starts_on, ahead, actor)
    category = values["category"]
    if category in held:
        return Applied("already_covered", person.pk)
    if category in _EXCLUSIVE and (others := held & set(_EXCLUSIVE)):
        names = "、".join(Category(other).label for other in sorted(others))
        raise Refused(
            "exclusive",
            f"该人员当日已认定为{names}，不能再认定{Category(category).label}",
            code="O-06",
        )
    recognition_record(
        person=person,
        household=household,
        category=category,
        starts_on=starts_on,
        monthly_fen=values.get("monthly_fen") or 0,
        actor=actor,
    )
    ahead.families.forget(person)
    return Applied(_RESULTS.get(category, "already_covered"), person.pk)


def _household(
    values: Mapping[str, Any], opened_on: date, ahead: _Ahead, actor: Actor
) -> tuple[Household, bool]:
    """Return the row's household, and whether the row has opened it."""
    number = values["household_number"]
    if number in ahead.households:
        found = ahead.households[number]
    else:
        found = Household.objects.select_related("region").filter(number=number).first()
    if found is None:
        ahead.households.pop(number, None)  # from now on as it is then: this row may be undone
        region = ahead.villages[values["village"]]
        made = household_record(region=region, number=number, opened_on=opened_on, actor=actor)
        return made, True
    if found.region_id != values["village"]:
        raise Refused(
            "household_elsewhere", f"户编号 {number} 已登记在{found.region}，请核对村代码"
        )
    return found, False


def _born_on(values: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(values["born_on"]) if values.get("born_on") else None


def _known_person(
    values: Mapping[str, Any], household: Household, is_new: bool, joined_on: date, ahead: _Ahead
) -> Person | None:
    """Return the registered person; without an ID he is looked for in his household only."""
    if number := values.get("id_number"):
        found = ahead.holders.holder(number)
        if found and found.name != values["name"]:
            raise Refused("id_of_another_name", "该身份证号已登记为另一姓名，请核对姓名和号码")
    elif is_new:
        found = None
    else:
        found = Person.objects.filter(
            memberships__household=household, name=values["name"], born_on=_born_on(values)
        ).first()
    home = ahead.families.household_of(found, joined_on) if found else None
    if home and home.pk != household.pk:
        raise Refused("in_another_household", "该人员已是另一户的成员，请先办理迁出", code="O-07")
    return found


def _new_person(
    values: Mapping[str, Any], household: Household, joined_on: date, ahead: _Ahead, actor: Actor
) -> Person:
    number = values.get("id_number")
    ahead.holders.forget(number or "")
    return person_record(
        household=household,
        name=values["name"],
        relation=values["relation"],
        id_number=number,
        sex=values.get("sex") or "",
        born_on=_born_on(values),
        joined_on=joined_on,
        actor=actor,
    )


register(KIND, chunk_handler=chunk_handler)
