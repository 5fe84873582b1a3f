"""Receive a file (a dry run: nothing leaves the batch) and apply its good rows once."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from audit.acting import acting_as
from audit.services import record
from audit.units import units
from exchange.columns import CheckContext, Kind
from exchange.files import read_sheets
from exchange.models import Batch, BatchRow
from exchange.registry import Applied, IncomingRow, handler_of, kind_of
from exchange.tables import CheckedRow, RowError, checked_rows, find_headings
from exchange.villages import VillageBook
from jobs.models import Job
from jobs.services import enqueue, job_start
from kernel import clock
from kernel.access import SYSTEM, Actor, Role, require
from kernel.errors import Refused
from organisations.models import Organisation
from regions.models import Region

#: Rows applied between two commits.
STEP = 500
#: Results after which a row may come again in a later batch and be tried anew.
_RETRIED = ("refused", "not_found", "")


def require_import(actor: Actor, kind: Kind, *, sender: Organisation, region: Region) -> None:
    """Raise ``Refused("denied")`` unless ``actor`` may import this kind for this sender there."""
    fitting = tuple(g for g in actor.grants if g.role in kind.roles or g.role is Role.SYSTEM)
    if not fitting:
        raise Refused("denied", f"您的岗位不能导入“{kind.title}”", permission="batch.import")
    # The post that sends this kind must itself reach so far: rights do not add up.
    require(
        Actor(actor.id, actor.name, fitting),
        "batch.import",
        region_path=region.path,
        organisation_id=sender.pk,
    )


@transaction.atomic
def batch_receive(
    *,
    sender: Organisation,
    region: Region,
    kind: str,
    number: str,
    file_name: str,
    content: bytes,
    actor: Actor,
) -> Batch:
    """Store the checked rows of a file and return the batch; no row is applied yet.

    The same file under the same number again returns the batch that is there. Raises ``Refused``:
    ``denied``, ``kind_unknown``, ``batch_number_reused``, or one of ``read_sheets`` and
    ``find_headings``; nothing is stored then.
    """
    found = kind_of(kind)
    require_import(actor, found, sender=sender, region=region)
    number = number.strip()
    if not number or len(number) > 60:
        raise Refused("batch_number_missing", "请填写批次号（60 字以内）")
    digest = hashlib.sha256(content).hexdigest()
    _lock(sender, kind)
    earlier = Batch.objects.filter(sender=sender, kind=kind, number=number).first()
    if earlier:
        if earlier.file_digest != digest:
            day = earlier.recorded_at.astimezone(clock.SHANGHAI)
            raise Refused(
                "batch_number_reused",
                f"批次号 {number} 已用于 {day:%Y-%m-%d} 收到的另一份文件，"
                "更正后的文件请用新的批次号",
            )
        return earlier
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                sender=sender,
                region=region,
                kind=kind,
                number=number,
                file_name=file_name[-200:],
                file_digest=digest,
                created_by=actor.id,
            )
    except IntegrityError as error:
        # Another county's officer used it for the same sender: his batch is not seen from here.
        raise Refused(
            "batch_number_reused", f"该报送单位的批次号 {number} 已被使用，请换一个批次号"
        ) from error
    context = CheckContext(clock.today(), VillageBook(region))
    sheet, headings, positions = find_headings(read_sheets(file_name, content), found)
    seen: dict[str, int] = {}
    waiting: list[BatchRow] = []
    for checked in checked_rows(sheet, headings, positions, found, context):
        waiting.append(_stored(batch, checked, seen))
        batch.total_count += 1
        if checked.errors:
            batch.bad_count += 1
        else:
            batch.good_count += 1
        if len(waiting) == STEP:
            BatchRow.objects.bulk_create(waiting)
            waiting = []
    BatchRow.objects.bulk_create(waiting)
    if not batch.total_count:
        raise Refused("file_empty", "表头下面没有数据行")
    batch.state = Batch.State.VALIDATED
    batch.save(update_fields=["state", "total_count", "good_count", "bad_count"])
    record(
        "batch.received",
        batch,
        actor,
        kind=kind,
        number=number,
        total=batch.total_count,
        bad=batch.bad_count,
    )
    return batch


def _lock(sender: Organisation, kind: str) -> None:
    """Serialise deliveries of one sender and kind: two files at once may hold the same rows."""
    name = hashlib.sha256(f"{sender.pk}:{kind}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)]
        )


def _stored(batch: Batch, checked: CheckedRow, seen: dict[str, int]) -> BatchRow:
    """Return the row to store; a repetition inside the file becomes an error."""
    row = BatchRow(batch=batch, row_number=checked.number, notes=checked.notes)
    content = checked.texts if checked.errors else checked.values
    plain = json.dumps([batch.kind, content], ensure_ascii=False, sort_keys=True)
    row.fingerprint = settings.KEYRING.digest(plain).hex()
    first = seen.setdefault(row.fingerprint, checked.number)
    if first != checked.number and not checked.errors:
        checked.errors.append(
            RowError(checked.number, "整行", f"与第 {first} 行完全相同", "请删除重复的行")
        )
    row.errors = [error.as_json() for error in checked.errors]
    row.sealed = settings.KEYRING.encrypt(
        json.dumps({"texts": checked.texts, "values": checked.values}, ensure_ascii=False),
        context=_context(row),
    )
    return row


def _context(row: BatchRow) -> str:
    return f"exchange_batchrow.sealed.{row.pk}"


def row_content(row: BatchRow) -> dict[str, Any]:
    """Return ``texts`` (as sent) and ``values`` (as read) of a row."""
    content: dict[str, Any] = json.loads(
        settings.KEYRING.decrypt(bytes(row.sealed), context=_context(row))
    )
    return content


@transaction.atomic
def batch_apply(*, batch: Batch, actor: Actor) -> Batch:
    """Apply the good rows that are not yet applied, in this transaction, and return the batch.

    A second call changes nothing; the returned object then counts every row in ``seen_count``.
    Kinds that write reported aid need the worker's database role; see ``batch_apply_later``.
    Raises ``Refused("denied")``.
    """
    locked = batch_locked(batch, actor)
    before = locked.applied_count + locked.seen_count
    after = 0
    while rows := apply_chunk(locked, actor, after):
        after = rows[-1].row_number
    batch_close(locked, actor)
    if before and before == locked.applied_count + locked.seen_count:
        locked.applied_count, locked.seen_count = 0, before
    return locked


def batch_locked(batch: Batch, actor: Actor) -> Batch:
    """Return the batch locked, after asking whether ``actor`` may import it."""
    locked = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("sender", "region")
        .get(pk=batch.pk)
    )
    require_import(actor, kind_of(locked.kind), sender=locked.sender, region=locked.region)
    _lock(locked.sender, locked.kind)
    return locked


@transaction.atomic
def batch_apply_later(*, batch: Batch, actor: Actor) -> Job:
    """Queue the good rows for the worker and return the job to watch. Raises ``denied``."""
    locked = batch_locked(batch, actor)
    job = job_start(
        kind="batch_apply",
        title=f"导入{kind_of(locked.kind).title} {locked.number}",
        actor=actor,
        region_id=locked.region_id,
        organisation_id=locked.sender_id,
        total_count=locked.good_count,
    )
    enqueue("exchange.apply", actor=actor, batch_id=str(batch.pk), job_id=str(job.pk), after=0)
    return job


def apply_chunk(batch: Batch, actor: Actor, after: int) -> list[BatchRow]:
    """Apply the next good rows behind row ``after`` and return them, applied or left waiting.

    ``batch`` is locked by the caller. Each row runs in a unit (one savepoint), in the system's
    scope (a partner sees no household) and in the importer's name.
    """
    rows = list(
        batch.rows.filter(errors=[], applied_at=None, row_number__gt=after).order_by("row_number")[
            :STEP
        ]
    )
    if not rows:
        return rows
    with acting_as(Actor(actor.id, actor.name, SYSTEM.grants)) as scope, units() as unit:
        # The sender's earlier batches may have been imported by an office not seen from here.
        seen = _seen_before(batch, rows)
        incoming = {
            row.pk: IncomingRow(row.pk, row.row_number, row_content(row)["values"], batch)
            for row in rows
            if row.fingerprint not in seen
        }
        handler = handler_of(batch, list(incoming.values()))
        for row in rows:
            if known := seen.get(row.fingerprint):
                _end(row, Applied(known.result, known.person_id, "此前已导入"))
                batch.seen_count += 1
                continue
            try:
                with unit():
                    applied = handler(incoming[row.pk], scope)
            except Refused as no:
                applied = Applied("refused", None, no.message)
            except IntegrityError:
                applied = Applied("refused", None, "与系统中已有的数据冲突，请联系民政核对")
            _end(row, applied)
            batch.applied_count += bool(applied.result)
        _store_ends(rows)
    batch.save(update_fields=["applied_count", "seen_count"])
    return rows


def _seen_before(batch: Batch, rows: list[BatchRow]) -> dict[str, BatchRow]:
    """Return rows of earlier batches of the sender that had the same content, by fingerprint."""
    found = BatchRow.objects.filter(
        ~Q(batch=batch),
        ~Q(result__in=_RETRIED),
        batch__sender=batch.sender_id,
        batch__kind=batch.kind,
        fingerprint__in=[row.fingerprint for row in rows],
        applied_at__isnull=False,
    )
    return {row.fingerprint: row for row in found.order_by("applied_at")}


def _end(row: BatchRow, applied: Applied) -> None:
    """Note where the row ended; without a result it waits for a person."""
    row.result, row.person_id = applied.result, applied.person_id
    if applied.note and applied.note not in row.notes:
        row.notes.append(applied.note)


_STORE_ENDS = """
UPDATE exchange_batchrow AS stored
   SET result = ended.result, person_id = ended.person_id, notes = ended.notes,
       applied_at = CASE WHEN ended.result <> '' THEN statement_timestamp() END
  FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::jsonb[])
       AS ended (id, result, person_id, notes)
 WHERE stored.id = ended.id
"""


def _store_ends(rows: list[BatchRow]) -> None:
    """Store where the rows ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE_ENDS,
            [
                [row.pk for row in rows],
                [row.result for row in rows],
                [row.person_id for row in rows],
                [json.dumps(row.notes, ensure_ascii=False) for row in rows],
            ],
        )


def batch_close(batch: Batch, actor: Actor) -> None:
    """Mark the batch distributed, once."""
    if batch.state == Batch.State.VALIDATED:
        batch.state = Batch.State.APPLIED
        batch.save(update_fields=["state"])
        record(
            "batch.applied",
            batch,
            actor,
            applied=batch.applied_count,
            seen=batch.seen_count,
            waiting=batch.rows.filter(errors=[], applied_at=None).count(),
        )
