"""Aid that was given elsewhere: government payments, and the lists of partners and charities.

These are facts: never refused because of other aid, written under the exchange role, each with
its batch row. What passes the net opens a finding.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from aid.facts import need_of_fact
from aid.models import Brand, Layer, Scheme
from aid.reference import BRANDS, SCHEMES
from aid.roles import as_exchange
from aid.services import aid_report
from exchange.columns import (
    Kind,
    any_id_column,
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
from households.ahead import FamiliesAhead
from households.models import Person, Purpose
from kernel.access import Actor, Role
from linkage.ahead import LinksAhead
from linkage.models import Link
from linkage.services import link_row
from organisations.models import Organisation
from regions.models import Region

_PURPOSES = {label: value for value, label in Purpose.choices}
_LAYERS = {
    "群团经费": "group",
    "慈善款": "charity",
    "财政资金": "government",
    "个人捐赠": "individual",
}
_SCHEMES = {name: code for code, name, *_ in SCHEMES} | {
    "低保": "dibao",
    "低保金": "dibao",
    "特困": "tekun",
    "特困供养": "tekun",
}
_SCHEME_PURPOSE = {code: purpose for code, _, purpose, *_ in SCHEMES}
_SCHEME_NAME = {code: name for code, name, *_ in SCHEMES}
_RESULTS = {
    "dibao": "helped_dibao",
    "tekun": "helped_tekun",
    "temporary_aid": "helped_temp",
    "large_temporary_aid": "helped_temp",
}
#: Partners whose own money is donated, not the state's or members'.
_CHARITABLE_ROLES = ("charity_federation", "red_cross")

GOVERNMENT_PAYMENTS = Kind(
    "government_payments",
    "政府救助发放明细",
    (
        choice_column(
            "scheme", "救助项目", _SCHEMES, aliases=("项目", "救助类型"), example="临时救助"
        ),
        name_column(aliases=("领取人", "对象姓名", "救助对象"), example="张某"),
        id_column(
            aliases=("身份证号码", "公民身份号码", "身份证", "证件号码"),
            example="350699194506120011",
        ),
        choice_column("purpose", "用途", _PURPOSES, required=False, example="医疗"),
        text_column(
            "cost_item", "费用项目", most=40, required=False, aliases=("费用",), example="住院自付"
        ),
        fen_column(
            "amount_fen", "发放金额", aliases=("金额", "救助金额", "实发金额"), example="2000.00"
        ),
        date_column("paid_on", "发放日期", aliases=("日期", "发放时间"), example="2026-03-05"),
        text_column(
            "reference",
            "发放流水号",
            aliases=("流水号", "凭证号", "来源编号"),
            example="LS2026-0001",
        ),
    ),
    frozenset(
        {Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.CITY_OFFICER, Role.DEPARTMENT_LIAISON}
    ),
)


def _check_partner(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if not values.get("id_number") and not values.get("born_on"):
        return [
            (
                "身份证号",
                "身份证号和出生日期都没有，无法确认是谁",
                "请至少填写一项；身份证号可以遮盖部分数字",
            )
        ]
    return []


PARTNER_BENEFICIARIES = Kind(
    "partner_beneficiaries",
    "合作单位帮扶对象名单",
    (
        name_column(aliases=("受助人", "对象姓名", "受益人"), example="张某"),
        any_id_column(
            required=False,
            aliases=("身份证号码", "证件号码", "身份证"),
            example="350699********0011",
            hint="可以遮盖，看不到的位写 *",
        ),
        date_column("born_on", "出生日期", required=False, aliases=("出生年月日",)),
        village_column(required=False, aliases=("村社区", "所属村居", "住址村")),
        choice_column(
            "purpose", "用途", _PURPOSES, aliases=("帮扶用途", "需求类别"), example="学费"
        ),
        text_column(
            "cost_item",
            "费用项目",
            most=40,
            required=False,
            aliases=("帮扶内容",),
            example="学年学费",
        ),
        choice_column(
            "brand",
            "品牌项目",
            {name: code for code, name, *_ in BRANDS},
            required=False,
            aliases=("项目",),
            example="金秋助学",
        ),
        choice_column("layer", "资金来源", _LAYERS, required=False, example="慈善款"),
        fen_column("amount_fen", "帮扶金额", aliases=("金额", "资助金额"), example="3000.00"),
        date_column("given_on", "帮扶日期", aliases=("日期", "发放日期"), example="2026-08-20"),
        text_column(
            "reference",
            "单位内部编号",
            required=False,
            aliases=("编号", "凭证号"),
            example="ZX-001",
        ),
    ),
    frozenset(
        {
            Role.PARTNER_OFFICER,
            Role.CHARITY_OFFICER,
            Role.COUNTY_OFFICER,
            Role.CITY_OFFICER,
        }
    ),
    _check_partner,
)


class _Ahead:
    """What the rows of a chunk need, read before the first is applied.

    Aid rows record no person and no membership, so nothing of it changes meanwhile. Needs are not
    read ahead: they change, and a fact must find the one that is open now.
    """

    def __init__(self, region: Region, rows: Sequence[IncomingRow]) -> None:
        sent = [(row.id, row.values.get("id_number") or "") for row in rows]
        self.links = LinksAhead(region, sent)
        self.families = FamiliesAhead(self.links.person_ids)
        self.schemes = {scheme.code: scheme for scheme in Scheme.objects.all()}
        self.brands = {brand.code: brand for brand in Brand.objects.all()}


def _linked(row: IncomingRow, ahead: _Ahead, actor: Actor) -> Link:
    values = row.values
    born_on = values.get("born_on")
    return link_row(
        row_id=row.id,
        region=row.batch.region,
        name=values["name"],
        id_number=values.get("id_number") or "",
        born_on=date.fromisoformat(born_on) if born_on else None,
        village=values.get("village") or "",
        ahead=ahead.links,
        actor=actor,
    )


def _unlinked(link: Link) -> Applied:
    if link.outcome == Link.Outcome.REVIEW:
        return Applied("", None, "待人工核对身份")
    return Applied("not_found")


def _given(person: Person, on: date, result: str) -> Applied:
    gone = person.died_on is not None and person.died_on < on
    return Applied("deceased" if gone else result, person.pk)


def _government_payment(row: IncomingRow, actor: Actor, *, ahead: _Ahead) -> Applied:
    """Record a payment that an office has made."""
    link, values = _linked(row, ahead, actor), row.values
    if link.person is None:
        return _unlinked(link)
    code, paid_on = values["scheme"], date.fromisoformat(values["paid_on"])
    need = need_of_fact(
        person=link.person,
        purpose=values.get("purpose") or _SCHEME_PURPOSE[code],
        cost_item=values.get("cost_item") or _SCHEME_NAME[code],
        on=paid_on,
        item_given=bool(values.get("cost_item")),
        families=ahead.families,
        actor=actor,
    )
    with as_exchange():
        aid_report(
            need=need,
            layer=Layer.GOVERNMENT,
            organisation=row.batch.sender,
            amount_fen=values["amount_fen"],
            source_reference=values["reference"],
            batch_row_id=row.id,
            effective_on=paid_on,
            scheme=ahead.schemes[code],
            actor=actor,
        )
    return _given(link.person, paid_on, _RESULTS.get(code, "already_covered"))


def _partner_beneficiary(row: IncomingRow, actor: Actor, *, ahead: _Ahead) -> Applied:
    """Record what a partner or charity says it has given."""
    link, values = _linked(row, ahead, actor), row.values
    if link.person is None:
        return _unlinked(link)
    given_on, sender = date.fromisoformat(values["given_on"]), row.batch.sender
    need = need_of_fact(
        person=link.person,
        purpose=values["purpose"],
        cost_item=values.get("cost_item") or Purpose(values["purpose"]).label,
        on=given_on,
        item_given=bool(values.get("cost_item")),
        families=ahead.families,
        actor=actor,
    )
    with as_exchange():
        aid_report(
            need=need,
            layer=values.get("layer") or own_layer(sender),
            organisation=sender,
            amount_fen=values["amount_fen"],
            source_reference=values.get("reference") or _own_reference(row.id),
            batch_row_id=row.id,
            effective_on=given_on,
            brand=ahead.brands[values["brand"]] if values.get("brand") else None,
            actor=actor,
        )
    return _given(link.person, given_on, "already_covered")


def own_layer(organisation: Organisation) -> Layer:
    """Return the layer of an organisation's own money, when a row does not say."""
    kinds = Organisation.Kind
    if organisation.kind in (kinds.CHARITY, kinds.BRANCH) or organisation.role in _CHARITABLE_ROLES:
        return Layer.CHARITY
    return Layer.INDIVIDUAL if organisation.kind == kinds.ENTERPRISE else Layer.GROUP


def _own_reference(row_id: UUID) -> str:
    """Name a fact that its giver left without a number."""
    return f"行{row_id}"


def government_payments(batch: Batch, rows: Sequence[IncomingRow]) -> Handler:
    """Return what records these payments of an office."""
    return partial(_government_payment, ahead=_Ahead(batch.region, rows))


def partner_beneficiaries(batch: Batch, rows: Sequence[IncomingRow]) -> Handler:
    """Return what records these gifts of a partner or charity."""
    return partial(_partner_beneficiary, ahead=_Ahead(batch.region, rows))


register(GOVERNMENT_PAYMENTS, chunk_handler=government_payments)
register(PARTNER_BENEFICIARIES, chunk_handler=partner_beneficiaries)
