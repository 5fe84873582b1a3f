"""Record households, persons, recognitions, bills, needs and consents."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from psycopg.types.range import DateRange

from audit.services import record
from audit.units import atomic
from households.models import (
    Consent,
    Household,
    MedicalBill,
    Member,
    Need,
    Person,
    Purpose,
    Recognition,
)
from households.rules import BillPart, net_within_gross
from households.rules import net_fen as net_of
from kernel import clock
from kernel.access import Actor, require
from kernel.errors import Refused
from kernel.ids import new_id
from kernel.masking import mask_resident_id
from kernel.resident_id import ResidentIdResult, check_resident_id
from organisations.models import Organisation
from regions.models import Region
from regions.reference import pinyin_key

#: SQLSTATE of the aid ledger's triggers (``aid.guard``), which also keep a need in use open.
REFUSED_BY_GUARD = "P1798"

_SEX = {"male": Person.Sex.MALE, "female": Person.Sex.FEMALE, None: ""}

#: Constraint -> (error code, sentence, overlap code).
_REFUSALS = {
    "households_household_number_key": ("household_known", "该户编号已登记", ""),
    "households_person_id_digest_key": (
        "person_known",
        "该身份证号已登记为另一人员，请先查找，不要重复登记",
        "O-07",
    ),
    "person_in_one_household_at_a_time": (
        "in_another_household",
        "该人员在此期间已是另一户的成员，请先办理迁出",
        "O-07",
    ),
    "recognition_once_at_a_time": ("recognised", "该人员在此期间已有同类认定", "O-06"),
    "bill_once": ("bill_known", "该结算单已登记过", "O-15"),
    "need_open_once": (
        "need_known",
        "同一对象、用途、费用项目在此期间已有需求，请在原需求上办理",
        "O-01",
    ),
    "need_net_within_gross": ("net_above_gross", "核定净额不能超过总额", ""),
    "consent_period_in_order": ("bad_period", "有效期至早于同意日期", ""),
}


@contextmanager
def refusals_in_chinese() -> Iterator[None]:
    """Turn a broken constraint of this app into ``Refused``; nothing of the block stays written."""
    try:
        with atomic():
            yield
    except DatabaseError as error:
        cause: Any = error.__cause__
        name = getattr(getattr(cause, "diag", None), "constraint_name", None)
        if name not in _REFUSALS:
            raise
        code, message, overlap = _REFUSALS[name]
        # The database's own message would quote the row.
        raise Refused(code, message, code=overlap) from None


@atomic()
def household_record(
    *,
    region: Region,
    number: str,
    opened_on: date,
    address: str = "",
    case_label: str = "",
    actor: Actor,
) -> Household:
    """Open a household. Raises ``Refused("household_known")`` for a number in use."""
    require(actor, "household.record", region_path=region.path)
    if not number.strip():
        raise Refused("no_number", "请填写户编号")
    household = Household(
        region=region,
        number=number.strip(),
        opened_on=opened_on,
        address=address,
        case_label=case_label,
    )
    with refusals_in_chinese():
        household.save(force_insert=True)
    record("household.recorded", household, actor, number=household.number)
    return household


@atomic()
def person_record(
    *,
    household: Household,
    name: str,
    relation: str,
    id_number: str | None = None,
    sex: str = "",
    born_on: date | None = None,
    joined_on: date,
    actor: Actor,
) -> Person:
    """Record a person as a member of a household from a day on.

    The resident ID is stored encrypted, with its keyed digest and its masked form; without one the
    person gets a temporary key. Raises ``Refused`` ``bad_resident_id``, ``id_mismatch``,
    ``person_known`` or ``in_another_household``.
    """
    require(actor, "household.record", region_path=household.region.path)
    if not name.strip():
        raise Refused("no_name", "请填写姓名")
    person = Person(
        id=new_id(),
        region_id=household.region_id,
        name=name.strip(),
        pinyin=pinyin_key(name.strip()),
        sex=sex,
        born_on=born_on,
    )
    if id_number and id_number.strip():
        _seal_id(person, _checked(id_number))
    else:
        person.temporary_key = f"T{person.id.hex}"
    with refusals_in_chinese():
        person.save(force_insert=True)
        Member(
            household=household,
            person=person,
            relation=Member.Relation(relation),
            period=DateRange(joined_on, None),
            region_id=household.region_id,
        ).save(force_insert=True)
    record(
        "person.recorded",
        person,
        actor,
        person_id=person.id,
        personal={"name": person.name, "id_masked": person.id_masked},
        household=str(household.pk),
        relation=relation,
    )
    return person


def _checked(id_number: str) -> ResidentIdResult:
    checked = check_resident_id(id_number, today=clock.today())
    if not checked.ok:
        raise Refused("bad_resident_id", "；".join(checked.errors))
    return checked


def _seal_id(person: Person, checked: ResidentIdResult) -> None:
    """Fill in the stored forms of an ID; birth date and sex come from it and must agree."""
    sex = _SEX[checked.sex]
    if person.born_on and checked.born_on and person.born_on != checked.born_on:
        raise Refused("id_mismatch", "出生日期与身份证号不一致，请核对是否误用了家人的号码")
    if person.sex and sex and person.sex != sex:
        raise Refused("id_mismatch", "性别与身份证号不一致，请核对是否误用了家人的号码")
    ring = settings.KEYRING
    person.born_on, person.sex = checked.born_on, sex
    person.id_sealed = ring.encrypt(
        checked.number, context=f"households_person.id_sealed.{person.pk}"
    )
    person.id_digest = ring.digest(checked.number)
    person.id_masked = mask_resident_id(checked.number)


@transaction.atomic
def person_read_id(*, person: Person, actor: Actor) -> str:
    """Return the full resident ID; every reading is an audit event."""
    require(actor, "person.read_id", region_path=person.region.path)
    if person.id_sealed is None:
        raise Refused("no_id", "该人员尚未登记身份证号")
    record("person.id_read", person, actor, person_id=person.pk)
    return settings.KEYRING.decrypt(
        bytes(person.id_sealed), context=f"households_person.id_sealed.{person.pk}"
    )


@atomic()
def recognition_record(
    *,
    person: Person,
    household: Household,
    category: str,
    starts_on: date,
    ends_on: date | None = None,
    monthly_fen: int = 0,
    actor: Actor,
) -> Recognition:
    """Record a category that a person holds; ``ends_on`` is its last day, ``None`` still open."""
    require(actor, "household.record", region_path=household.region.path)
    recognition = Recognition(
        person=person,
        household=household,
        region_id=household.region_id,
        category=category,
        period=days(starts_on, ends_on),
        monthly_fen=monthly_fen,
    )
    with refusals_in_chinese():
        recognition.save(force_insert=True)
    record(
        "recognition.recorded",
        recognition,
        actor,
        person_id=person.pk,
        category=category,
        monthly_fen=monthly_fen,
    )
    return recognition


@atomic()
def bill_record(
    *,
    person: Person,
    household: Household,
    sender: Organisation,
    reference: str,
    settled_on: date,
    gross_fen: int,
    insurance_fen: int = 0,
    third_party_fen: int = 0,
    actor: Actor,
) -> MedicalBill:
    """Record a settled bill. Raises ``Refused`` ``bad_bill`` or ``bill_known``."""
    require(actor, "household.record", region_path=household.region.path, organisation_id=sender.pk)
    if not reference.strip():
        raise Refused("no_reference", "请填写结算单号")
    net = net_of([BillPart(gross_fen, insurance_fen, third_party_fen)])
    bill = MedicalBill(
        person=person,
        household=household,
        region_id=household.region_id,
        sender=sender,
        reference=reference.strip(),
        settled_on=settled_on,
        gross_fen=gross_fen,
        insurance_fen=insurance_fen,
        third_party_fen=third_party_fen,
    )
    with refusals_in_chinese():
        bill.save(force_insert=True)
    record("bill.recorded", bill, actor, person_id=person.pk, gross_fen=gross_fen, net_fen=net)
    return bill


def days(first: date, last: date | None) -> DateRange:
    """Return the range of whole days from ``first`` to ``last``, both included."""
    if last is not None and last < first:
        raise Refused("bad_period", "截止日期早于开始日期")
    return DateRange(first, last + timedelta(days=1) if last else None)


@atomic()
def need_record(
    *,
    household: Household,
    person: Person | None = None,
    purpose: str,
    cost_item: str,
    starts_on: date,
    ends_on: date,
    gross_fen: int | None = None,
    tier: int = 2,
    note: str = "",
    actor: Actor,
) -> Need:
    """Record what a person, or the household in common, lacks in a period.

    Raises ``Refused("need_known")`` when the same need is open in that time: a second one would
    evade the guard.
    """
    require(actor, "need.record", region_path=household.region.path)
    if not cost_item.strip():
        raise Refused("no_cost_item", "请填写费用项目")
    need = Need(
        household=household,
        person=person,
        scope_id=person.pk if person else household.pk,
        region=household.region,
        purpose=Purpose(purpose),
        cost_item=cost_item.strip(),
        period=days(starts_on, ends_on),
        gross_fen=gross_fen,
        tier=tier,
        note=note,
    )
    with refusals_in_chinese():
        need.save(force_insert=True)
    record("need.recorded", need, actor, purpose=purpose, cost_item=cost_item, gross_fen=gross_fen)
    return need


def _lock(need: Need) -> Need:
    """Lock lineage root, then need: the guard's order."""
    Household.objects.select_for_update(no_key=True).filter(pk=need.household.root_id).first()
    return Need.objects.select_for_update(no_key=True, of=("self",)).get(pk=need.pk)


@transaction.atomic
def need_assess(
    *,
    need: Need,
    net_fen: int | None = None,
    net_quantity: int | None = None,
    actor: Actor,
) -> Need:
    """Set the assessed net, in fen or in items; the need is then open for aid.

    Lowering it below the aid already given is not refused: the database opens finding O-14.
    """
    require(actor, "need.assess", region_path=need.region.path)
    if net_fen is None and net_quantity is None:
        raise Refused("no_net", "请填写核定净额或核定数量")
    if min(net_fen or 0, net_quantity or 0) < 0:
        raise Refused("bad_amount", "核定净额和数量不能为负数")
    locked = _lock(need)
    if locked.state in (Need.State.WITHDRAWN, Need.State.EXPIRED):
        raise Refused("wrong_state", f"该需求{locked.get_state_display()}，不能核定")
    if not net_within_gross(net_fen, locked.gross_fen):
        raise Refused("net_above_gross", "核定净额不能超过总额")
    before = {"net_fen": locked.net_fen, "net_quantity": locked.net_quantity}
    locked.net_fen, locked.net_quantity = net_fen, net_quantity
    locked.assessed_at = clock.now()
    if locked.state == Need.State.RECORDED:
        locked.state = Need.State.OPEN
    locked.save(update_fields=["net_fen", "net_quantity", "assessed_at", "state"])
    record(
        "need.assessed", locked, actor, before=before, net_fen=net_fen, net_quantity=net_quantity
    )
    return locked


@transaction.atomic
def need_withdraw(*, need: Need, reason: str, actor: Actor) -> Need:
    """Close a need that carries no active aid. Raises ``Refused("need_in_use")`` otherwise."""
    require(actor, "need.assess", region_path=need.region.path)
    if not reason.strip():
        raise Refused("no_reason", "请填写撤回原因")
    locked = _lock(need)
    if locked.state in (Need.State.WITHDRAWN, Need.State.EXPIRED):
        raise Refused("wrong_state", f"该需求{locked.get_state_display()}")
    locked.state = Need.State.WITHDRAWN
    try:
        with transaction.atomic():
            locked.save(update_fields=["state"])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != REFUSED_BY_GUARD:
            raise
        raise Refused("need_in_use", "该需求已有救助，请先释放或冲正，再撤回") from None
    record("need.withdrawn", locked, actor, reason=reason)
    return locked


@transaction.atomic
def consent_record(
    *,
    household: Household,
    organisation: Organisation,
    scope: str,
    valid_until: date,
    evidence: str,
    by_guardian: bool = False,
    actor: Actor,
) -> Consent:
    """Record that a household agrees that an organisation learns who it is, from today on."""
    require(actor, "consent.record", region_path=household.region.path)
    if not evidence.strip():
        raise Refused("no_evidence", "请填写同意凭证")
    consent = Consent(
        household=household,
        region_id=household.region_id,
        organisation=organisation,
        scope=scope,
        by_guardian=by_guardian,
        evidence=evidence.strip(),
        given_on=clock.today(),
        valid_until=valid_until,
    )
    with refusals_in_chinese():
        consent.save(force_insert=True)
    record("consent.recorded", consent, actor, organisation=str(organisation.pk), scope=scope)
    return consent


@transaction.atomic
def consent_withdraw(*, consent: Consent, actor: Actor) -> Consent:
    """End a consent today; the organisation no longer sees the household."""
    require(actor, "consent.record", region_path=consent.region.path)
    locked = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if locked.withdrawn_on is not None:
        raise Refused("wrong_state", "该同意已撤回")
    locked.withdrawn_on = clock.today()
    locked.save(update_fields=["withdrawn_on"])
    record("consent.withdrawn", locked, actor)
    return locked
