"""Medical-insurance pushes (DX-01): bills in, signals out, a result back for each row."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from casework.rules import medical_alert
from casework.services import medical_lines, medical_signal
from exchange.columns import (
    Kind,
    date_column,
    fen_column,
    id_column,
    name_column,
    text_column,
    village_column,
)
from exchange.models import Batch
from exchange.registry import Applied, Handler, IncomingRow, register
from households.ahead import FamiliesAhead
from households.models import Member, Person
from households.services import bill_record, household_record, person_record
from kernel import clock
from kernel.access import Actor, Role
from linkage.ahead import LinksAhead
from linkage.models import Link
from linkage.services import link_row
from regions.models import Region


def _check(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    paid = (values.get("insurance_fen") or 0) + (values.get("third_party_fen") or 0)
    if paid > values["gross_fen"]:
        return [
            (
                "医保支付金额",
                "医保与第三方支付之和超过总费用",
                "请核对结算单，总费用应不小于各项支付之和",
            )
        ]
    return []


KIND = Kind(
    "medical_bills",
    "医疗费用推送",
    (
        name_column(aliases=("参保人", "患者姓名", "参保人姓名"), example="张某"),
        id_column(
            aliases=("身份证号码", "公民身份号码", "身份证", "证件号码"),
            example="350699194506120011",
        ),
        village_column(
            required=False,
            aliases=("村社区", "所属村居", "行政区划代码"),
            hint="未在册人员须填写，才能派单走访",
        ),
        text_column("reference", "结算单号", aliases=("单据号", "结算编号"), example="YB2026-0001"),
        date_column("settled_on", "结算日期", aliases=("日期", "结算时间"), example="2026-03-05"),
        fen_column("gross_fen", "总费用", aliases=("医疗总费用", "费用总额"), example="86000.00"),
        fen_column(
            "insurance_fen",
            "医保支付金额",
            zero=True,
            aliases=("医保支付", "统筹支付", "各类保险支付"),
            example="41000.00",
            hint="基本医保、大病、医疗救助、补充和商业保险合计",
        ),
        fen_column(
            "third_party_fen", "第三方支付", zero=True, required=False, aliases=("第三方责任支付",)
        ),
    ),
    frozenset({Role.DEPARTMENT_LIAISON, Role.COUNTY_OFFICER, Role.CITY_OFFICER}),
    _check,
)


class _Ahead:
    """What the rows of a chunk need to know of people, read before the first is applied."""

    def __init__(self, region: Region, rows: Sequence[IncomingRow]) -> None:
        sent = [(row.id, row.values["id_number"]) for row in rows]
        self.links = LinksAhead(region, sent)
        self.families = FamiliesAhead(self.links.person_ids)


def chunk_handler(batch: Batch, rows: Sequence[IncomingRow]) -> Handler:
    """Return what records these bills."""
    return partial(_apply, ahead=_Ahead(batch.region, rows))


def _apply(row: IncomingRow, actor: Actor, *, ahead: _Ahead) -> Applied:
    """Record the bill and open a signal when the year's bills pass the line."""
    values = row.values
    link = link_row(
        row_id=row.id,
        region=row.batch.region,
        name=values["name"],
        id_number=values["id_number"],
        village=values.get("village") or "",
        ahead=ahead.links,
        actor=actor,
    )
    if link.outcome == Link.Outcome.REVIEW:
        return Applied("", None, "待人工核对身份")
    settled_on = date.fromisoformat(values["settled_on"])
    person = link.person or _found_by_policy(values, settled_on, actor)
    if person is None:
        return Applied("not_found")
    if link.person is None:
        ahead.links.holders.forget(values["id_number"])
    families = ahead.families
    household = families.household_of(person, settled_on) or families.household_of(
        person, clock.today()
    )
    if household is None:
        return Applied("moved", person.pk)
    bill_record(
        person=person,
        household=household,
        sender=row.batch.sender,
        reference=values["reference"],
        settled_on=settled_on,
        gross_fen=values["gross_fen"],
        insurance_fen=values["insurance_fen"],
        third_party_fen=values.get("third_party_fen") or 0,
        actor=actor,
    )
    if person.died_on and person.died_on < settled_on:
        return Applied("deceased", person.pk)
    signal = medical_signal(person=person, household=household, year=settled_on.year, actor=actor)
    if signal:
        return Applied("planned_temp", person.pk, "已生成医疗支出预警线索")
    listed = families.recognitions_on(person, settled_on)
    return Applied("already_covered" if listed else "not_eligible", person.pk)


def _found_by_policy(values: Mapping[str, Any], settled_on: date, actor: Actor) -> Person | None:
    """Record somebody who is on no list but whose bill alone passes the line: policy finds people.

    Needs the village; without it, or below the line, nobody is recorded.
    """
    if not values.get("village"):
        return None
    region = Region.objects.get(pk=values["village"])
    listed_line, unlisted_line = medical_lines(region, clock.today())
    net = values["gross_fen"] - values["insurance_fen"] - (values.get("third_party_fen") or 0)
    if not medical_alert(
        listed=False,
        gross_fen=values["gross_fen"],
        self_paid_fen=net,
        listed_line_fen=listed_line,
        unlisted_line_fen=unlisted_line,
    ):
        return None
    household = household_record(
        region=region, number=f"XS-{values['reference']}"[:40], opened_on=settled_on, actor=actor
    )
    return person_record(
        household=household,
        name=values["name"],
        relation=Member.Relation.HEAD,
        id_number=values["id_number"],
        joined_on=settled_on,
        actor=actor,
    )


register(KIND, chunk_handler=chunk_handler)
