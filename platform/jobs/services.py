"""Queue, run and re-send tasks through the outbox; keep progress; answer repeated requests."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.acting import acting_as
from audit.services import record
from jobs.models import IdempotentReply, Job, Outbox
from kernel.access import SYSTEM, Actor, Grant, Role
from kernel.errors import Refused
from kernel.ids import named_id

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=50)
RETRY_AFTER = timedelta(seconds=10)

#: Idempotent services that may be queued: name -> function(actor=..., **arguments).
_handlers: dict[str, Callable[..., object]] = {}


def task(name: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register an idempotent function ``(*, actor, **arguments)`` as the task ``name``."""

    def register(function: Callable[..., object]) -> Callable[..., object]:
        if _handlers.setdefault(name, function) is not function:
            raise ValueError(f"two tasks are called {name}")
        return function

    return register


def _actor_to_json(actor: Actor) -> dict[str, Any]:
    return {
        "id": str(actor.id),
        "name": actor.name,
        "grants": [
            [g.role.value, g.region_path, str(g.organisation_id) if g.organisation_id else None]
            for g in actor.grants
        ],
    }


def _actor_from_json(stored: Mapping[str, Any]) -> Actor:
    return Actor(
        UUID(stored["id"]),
        stored["name"],
        tuple(
            Grant(Role(role), path, UUID(organisation) if organisation else None)
            for role, path, organisation in stored["grants"]
        ),
    )


def enqueue(name: str, *, actor: Actor, **arguments: Any) -> Outbox:
    """Write an outbox row in the caller's transaction; a relay sends it once that commits."""
    if name not in _handlers:
        raise ValueError(f"no task is called {name}")
    with acting_as(actor):  # a row is seen and written by whom it runs as
        return Outbox.objects.create(task=name, arguments=arguments, actor=_actor_to_json(actor))


def enqueue_each(name: str, period: timedelta, *, actor: Actor) -> bool:
    """Queue a task once in each period, however many schedulers ask; whether this call did it."""
    if name not in _handlers:
        raise ValueError(f"no task is called {name}")
    slot = int(timezone.now().timestamp() // period.total_seconds())
    row = Outbox(
        id=named_id(f"each:{name}:{period.total_seconds():.0f}:{slot}"),
        task=name,
        actor=_actor_to_json(actor),
    )
    with acting_as(actor):
        if Outbox.objects.filter(pk=row.pk).exists():
            return False
        Outbox.objects.bulk_create([row], ignore_conflicts=True)
    return True


def enqueue_missing(name: str, wanted: Iterable[Mapping[str, Any]], *, actor: Actor) -> int:
    """Queue a task for each of these arguments that no open row has; return how many.

    A sweep that finds the same work again while it cannot be done would else pile up rows.
    """
    if name not in _handlers:
        raise ValueError(f"no task is called {name}")
    with acting_as(actor):
        waiting = list(
            Outbox.objects.filter(task=name, done_at=None).values_list("arguments", flat=True)
        )
        rows = [
            Outbox(task=name, arguments=dict(each), actor=_actor_to_json(actor))
            for each in wanted
            if dict(each) not in waiting
        ]
        Outbox.objects.bulk_create(rows)
    return len(rows)


def due_rows(limit: int = 200) -> list[UUID]:
    """Lease and return the ids of rows to send: open, due, and under nobody's lease."""
    with acting_as(SYSTEM):
        ids = list(
            Outbox.objects.select_for_update(skip_locked=True)
            .filter(Q(leased_until=None) | Q(leased_until__lt=Now()))
            .filter(done_at=None, not_before__lte=Now())
            .order_by("id")
            .values_list("id", flat=True)[:limit]
        )
        Outbox.objects.filter(id__in=ids).update(leased_until=Now() + LEASE)
    return ids


def rows_release(ids: Sequence[UUID]) -> None:
    """End the leases of rows that could not be sent, so that they are due at once."""
    with acting_as(SYSTEM):
        Outbox.objects.filter(id__in=ids, done_at=None).update(leased_until=None)


def outbox_run(outbox_id: UUID | str) -> bool:
    """Run one row's task and close the row in the same transaction; ``False`` if it was closed.

    A failure is recorded and the row comes due again; a row that another worker holds is left.
    """
    try:
        with acting_as(SYSTEM):
            row = (
                Outbox.objects.select_for_update(skip_locked=True)
                .filter(pk=outbox_id, done_at=None)
                .first()
            )
            if row is None:
                return False
            with acting_as(_actor_from_json(row.actor)) as actor:
                _handlers[row.task](actor=actor, **row.arguments)
            Outbox.objects.filter(pk=row.pk).update(done_at=Now(), attempts=F("attempts") + 1)
            return True
    except Exception as error:
        logger.exception("outbox row %s failed", outbox_id)
        with acting_as(SYSTEM):
            Outbox.objects.filter(pk=outbox_id).update(
                attempts=F("attempts") + 1,
                last_error=f"{type(error).__name__}: {error}"[:2000],
                not_before=Now() + RETRY_AFTER,
                leased_until=None,
            )
        raise


def outbox_drain(limit: int = 10_000) -> int:
    """Run everything that is due in this process and return how many rows ran."""
    ran = 0
    while ran < limit and (ids := due_rows()):
        for outbox_id in ids:
            ran += outbox_run(outbox_id)
    return ran


class Cancelled(Exception):
    """A person cancelled the job."""


@transaction.atomic
def job_start(
    *,
    kind: str,
    title: str,
    actor: Actor,
    region_id: str = "",
    organisation_id: UUID | None = None,
    total_count: int = 0,
) -> Job:
    """Create a queued job that its starter can watch."""
    job = Job.objects.create(
        kind=kind,
        title=title,
        created_by=actor.id,
        region_id=region_id,
        organisation_id=organisation_id,
        total_count=total_count,
    )
    record("job.started", job, actor, kind=kind)
    return job


def job_progress(job: Job, done_count: int, message: str = "") -> None:
    """Store progress; raises ``Cancelled`` when a person has asked to stop."""
    Job.objects.filter(pk=job.pk).update(
        done_count=done_count, message=message, state=Job.State.RUNNING, updated_at=timezone.now()
    )
    if Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists():
        raise Cancelled


def job_finish(
    job: Job, *, state: Job.State = Job.State.DONE, message: str = "", **result: Any
) -> Job:
    """Close the job with its result."""
    job.state, job.message, job.result = state, message, result
    if state == Job.State.DONE:
        job.done_count = job.total_count
    job.save(update_fields=["state", "message", "result", "done_count", "updated_at"])
    return job


@transaction.atomic
def job_cancel(*, job: Job, actor: Actor) -> Job:
    """Ask a running job to stop; only whoever started it may. Raises ``Refused``."""
    if job.created_by != actor.id:
        raise Refused("denied", "只有发起人可以取消该任务")
    if job.state not in (Job.State.QUEUED, Job.State.RUNNING):
        raise Refused("wrong_state", f"任务{job.get_state_display()}，不能取消")
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=Now())
    job.refresh_from_db()
    record("job.cancelled", job, actor, done_count=job.done_count)
    return job


def fingerprint(*parts: object) -> str:
    """Return a digest of a request, to tell a repetition from another request under one key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def idempotent(actor: Actor, key: str, print_: str) -> Iterator[IdempotentReply]:
    """Yield the reply row of ``key``: filled in if the request was answered before, else empty.

    The caller stores status and body inside the block. Of two at once the second waits for the
    first's transaction. Raises ``Refused("key_reused")`` for another body under the same key.
    """
    with transaction.atomic():
        IdempotentReply.objects.bulk_create(
            [IdempotentReply(actor_id=actor.id, key=key, fingerprint=print_)],
            ignore_conflicts=True,
        )
        reply = IdempotentReply.objects.select_for_update().get(actor_id=actor.id, key=key)
        if reply.fingerprint != print_:
            raise Refused("key_reused", "该幂等键已用于另一请求，请换一个再提交")
        yield reply
