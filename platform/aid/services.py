"""Write the aid ledger. The database's guard judges every line, in Chinese here."""

from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.range import DateRange

from aid.guard import refusals_in_chinese
from aid.models import STATE_LAYERS, AidEntry, Brand, Finding, Layer, Prevented, Scheme
from audit.services import record
from audit.units import atomic
from households.models import Need
from kernel import clock
from kernel.access import Actor, require
from kernel.errors import Refused
from kernel.ids import new_id
from organisations.models import Organisation


def needs_lock(need_ids: list[UUID]) -> None:
    """Lock the households (lineage roots) and then the needs, both in key order.

    A transaction that promises on several needs calls this first; a single promise need not, the
    guard does it. Works also for needs that the caller may not see.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_lock_needs(%s)", [list(need_ids)])


def _require(actor: Actor, verb: str, entry: AidEntry) -> None:
    side = "government" if entry.layer in STATE_LAYERS else "charity"
    require(
        actor,
        verb.format(side=side),
        region_path=entry.region.path,
        organisation_id=entry.organisation_id,
    )


def _write(entry: AidEntry, verb: str, actor: Actor) -> AidEntry:
    """Insert the line under the guard and record it."""
    refusals: AbstractContextManager[None] = refusals_in_chinese(asked_fen=entry.amount_fen)
    with refusals, atomic():
        entry.save(force_insert=True)
    record(
        verb,
        entry,
        actor,
        need=str(entry.need_id),
        layer=entry.layer,
        organisation=str(entry.organisation_id),
        amount_fen=entry.amount_fen,
        quantity=entry.quantity,
        source_reference=entry.source_reference,
        of_entry=str(entry.of_entry_id) if entry.of_entry_id else None,
        reason=entry.reason,
    )
    return entry


@transaction.atomic
def aid_promise(
    *,
    need: Need,
    layer: str,
    organisation: Organisation,
    amount_fen: int,
    quantity: int = 0,
    scheme: Scheme | None = None,
    brand: Brand | None = None,
    source_reference: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    effective_on: date | None = None,
    is_advance: bool = False,
    is_small_gift: bool = False,
    payee: str = "",
    actor: Actor,
) -> AidEntry:
    """Commit aid to a need; monthly money is one promise with many payments.

    ``starts_on`` and ``ends_on`` (last day) default to the need's period. Raises
    ``Refused("overlap", code="O-..", asked_fen=, residual_fen=, prevented_fen=)``; call
    ``prevented_record`` once that transaction is rolled back. Locks lineage root and need.
    """
    entry = AidEntry(
        kind=AidEntry.Kind.PROMISE,
        layer=Layer(layer),
        need=need,
        household_id=need.household_id,
        person_id=need.person_id,
        region_id=need.region_id,
        organisation=organisation,
        scheme=scheme,
        brand=brand,
        amount_fen=_amount(amount_fen),
        quantity=quantity,
        period=_period(need, starts_on, ends_on),
        effective_on=effective_on or clock.today(),
        source_reference=source_reference.strip(),
        is_advance=is_advance,
        is_small_gift=is_small_gift,
        payee=payee,
        recorded_by=actor.id,
    )
    _require(actor, "aid.promise_{side}", entry)
    return _write(entry, "aid.promised", actor)


@transaction.atomic
def aid_pay(
    *,
    promise: AidEntry,
    amount_fen: int,
    quantity: int = 0,
    source_reference: str,
    effective_on: date | None = None,
    actor: Actor,
) -> AidEntry:
    """Pay from a promise, at most what is neither paid nor released.

    Raises ``Refused`` ``over_promise``, or ``overlap`` (O-03) when facts that came after the
    promise leave less than the payment.
    """
    on = effective_on or clock.today()
    if on > clock.today():
        raise Refused("future_date", f"支付日期{on:%Y-%m-%d}晚于今天")
    entry = _follow_up(promise, AidEntry.Kind.PAYMENT, amount_fen, quantity, on, actor)
    entry.source_reference = source_reference.strip()
    _require(actor, "aid.pay_{side}", entry)
    return _write(entry, "aid.paid", actor)


@transaction.atomic
def aid_release(
    *, promise: AidEntry, amount_fen: int, quantity: int = 0, reason: str, actor: Actor
) -> AidEntry:
    """Take back a promise, at most what is neither paid nor released.

    Releasing all of it ends the exclusive benefit that came with it.
    """
    entry = _follow_up(
        promise, AidEntry.Kind.RELEASE, amount_fen, quantity, clock.today(), actor, reason
    )
    _require(actor, "aid.promise_{side}", entry)
    return _write(entry, "aid.released", actor)


@transaction.atomic
def aid_reverse(
    *, entry: AidEntry, amount_fen: int, quantity: int = 0, reason: str, actor: Actor
) -> AidEntry:
    """Correct a payment or a reported fact, at most by its amount; a promise is released instead.

    A payment taken back leaves its promise open again; a reported fact taken back is no longer
    active aid.
    """
    if not reason.strip():
        raise Refused("no_reason", "请填写冲正原因")
    if entry.kind == AidEntry.Kind.PROMISE:
        raise Refused("wrong_kind", "承诺不能冲正，请释放其未支付部分")
    line = _follow_up(
        entry, AidEntry.Kind.REVERSAL, amount_fen, quantity, clock.today(), actor, reason
    )
    _require(actor, "aid.correct", line)
    return _write(line, "aid.reversed", actor)


@atomic()
def aid_report(
    *,
    need: Need,
    layer: str,
    organisation: Organisation,
    amount_fen: int,
    source_reference: str,
    batch_row_id: UUID,
    effective_on: date,
    quantity: int = 0,
    scheme: Scheme | None = None,
    brand: Brand | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    payee: str = "",
    reason: str = "",
    actor: Actor,
) -> AidEntry:
    """Record aid that was given elsewhere; never refused because of other aid.

    Runs inside ``aid.roles.as_exchange()``. When it passes the net, the guard opens a finding. The
    period defaults to the day it was given. Raises ``Refused("overlap", code="O-01")`` when the
    source reference is known.
    """
    first = starts_on or effective_on
    entry = AidEntry(
        kind=AidEntry.Kind.REPORTED,
        layer=Layer(layer),
        need=need,
        household_id=need.household_id,
        person_id=need.person_id,
        region_id=need.region_id,
        organisation=organisation,
        scheme=scheme,
        brand=brand,
        amount_fen=_amount(amount_fen),
        quantity=quantity,
        period=_days(first, ends_on or first),
        effective_on=effective_on,
        source_reference=source_reference.strip(),
        batch_row_id=batch_row_id,
        payee=payee,
        reason=reason,
        recorded_by=actor.id,
    )
    require(actor, "batch.import", region_path=need.region.path, organisation_id=organisation.pk)
    return _write(entry, "aid.reported", actor)


@transaction.atomic
def prevented_record(
    *,
    code: str,
    need: Need,
    organisation: Organisation,
    asked_fen: int,
    prevented_fen: int,
    attempt: str,
    actor: Actor,
) -> Prevented:
    """Count a refused or cut ask once; ``attempt`` is its source reference.

    Called after the refused transaction rolled back. The same attempt again changes nothing.
    """
    row = Prevented(
        code=code,
        need=need,
        region_id=need.region_id,
        organisation=organisation,
        asked_fen=asked_fen,
        prevented_fen=prevented_fen,
        attempt=attempt,
    )
    Prevented.objects.bulk_create([row], ignore_conflicts=True)
    kept = Prevented.objects.get(code=code, organisation=organisation, attempt=attempt)
    if kept.pk == row.pk:
        record(
            "aid.prevented",
            kept,
            actor,
            code=code,
            asked_fen=asked_fen,
            prevented_fen=prevented_fen,
        )
    return kept


@transaction.atomic
def finding_close(*, finding: Finding, resolution: str, actor: Actor) -> Finding:
    """Close a finding with what was decided; money is never taken back automatically."""
    require(actor, "finding.close", region_path=finding.region.path)
    if not resolution.strip():
        raise Refused("no_reason", "请填写处理结果")
    locked = Finding.objects.select_for_update().get(pk=finding.pk)
    if locked.state != Finding.State.OPEN:
        raise Refused("wrong_state", "该发现已处理，不能再次处理")
    locked.state, locked.resolution, locked.closed_at = (
        Finding.State.CLOSED,
        resolution.strip(),
        clock.now(),
    )
    locked.save(update_fields=["state", "resolution", "closed_at"])
    record("finding.closed", locked, actor, code=locked.code)
    return locked


def _follow_up(
    of: AidEntry,
    kind: AidEntry.Kind,
    amount_fen: int,
    quantity: int,
    on: date,
    actor: Actor,
    reason: str = "",
) -> AidEntry:
    made = new_id()
    return AidEntry(
        id=made,
        kind=kind,
        layer=of.layer,
        need_id=of.need_id,
        household_id=of.household_id,
        person_id=of.person_id,
        region_id=of.region_id,
        organisation_id=of.organisation_id,
        scheme_id=of.scheme_id,
        brand_id=of.brand_id,
        payee=of.payee,
        amount_fen=_amount(amount_fen),
        quantity=quantity,
        period=of.period,
        effective_on=on,
        of_entry=of,
        source_reference=f"{of.source_reference[:80]}#{made.hex}"[:120],
        reason=reason.strip(),
        recorded_by=actor.id,
    )


def _amount(fen: Any) -> int:
    if type(fen) is not int or fen < 0:
        raise Refused("bad_amount", "金额应为不小于零的整数分")
    return fen


def _days(first: date, last: date) -> DateRange:
    if last < first:
        raise Refused("no_period", "截止日期早于开始日期")
    return DateRange(first, last + timedelta(days=1))


def _period(need: Need, starts_on: date | None, ends_on: date | None) -> DateRange:
    if starts_on is None and ends_on is None:
        return DateRange(need.period.lower, need.period.upper)
    first = starts_on or need.period.lower
    return _days(first, ends_on or max(first, need.period.upper - timedelta(days=1)))
