"""Writing the audit chain, sealing it and checking it."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Now

from audit.models import Event, PersonKey
from audit.units import insert
from kernel.access import Actor
from kernel.crypto import Keyring

_SEALER_LOCK = 1798_0001
GENESIS = bytes(32)


def record(
    verb: str,
    subject: Model,
    actor: Actor,
    *,
    region_id: str = "",
    person_id: UUID | None = None,
    personal: Mapping[str, Any] | None = None,
    **data: Any,
) -> Event:
    """Append one event in the caller's transaction and return it; in a unit, with the others'.

    ``data`` takes JSON values, no personal ones: those go into ``personal`` with ``person_id``.
    """
    event = Event(
        actor_id=actor.id,
        actor_name=actor.name,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        region_id=region_id or getattr(subject, "region_id", None) or "",
        data=data,
        person_id=person_id,
    )
    if personal is not None:
        if person_id is None:
            raise ValueError("personal values need the person whose key encrypts them")
        event.personal = _person_ring(person_id).encrypt(
            json.dumps(personal, ensure_ascii=False, sort_keys=True),
            context=f"audit_event.personal.{event.id}",
        )
    insert(event)
    return event


def record_refusal(*, code: str, path: str, actor: Actor) -> Event:
    """Append the event of a refused attempt: somebody reached for what is not his."""
    event = Event(
        actor_id=actor.id,
        actor_name=actor.name,
        verb="access.refused",
        subject_type="request",
        subject_id=path[:60],
        data={"code": code},
    )
    event.save(force_insert=True)
    return event


def _person_ring(person_id: UUID) -> Keyring:
    """Return the keyring of one person, made on first use."""
    context = f"audit_personkey.sealed_key.{person_id}"
    ring: Keyring = settings.KEYRING
    sealed = ring.encrypt(base64.b64encode(os.urandom(32)).decode(), context=context)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_personkey (person_id, sealed_key) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [person_id, sealed],
        )
        if not cursor.rowcount:
            sealed = bytes(PersonKey.objects.get(pk=person_id).sealed_key)
    key = base64.b64decode(ring.decrypt(sealed, context=context))
    return Keyring({"pers": key}, "pers", ring.lookup_key)


def personal_of(event: Event) -> dict[str, Any] | None:
    """Return the personal values of an event; ``None`` when there are none or their key is gone."""
    if event.personal is None or event.person_id is None:
        return None
    if not PersonKey.objects.filter(pk=event.person_id).exists():
        return None
    text = _person_ring(event.person_id).decrypt(
        bytes(event.personal), context=f"audit_event.personal.{event.id}"
    )
    values: dict[str, Any] = json.loads(text)
    return values


def _link(previous: bytes, event: Event, position: int) -> bytes:
    content = json.dumps(
        [
            position,
            str(event.id),
            event.recorded_at.isoformat(timespec="microseconds"),
            str(event.actor_id),
            event.actor_name,
            event.verb,
            event.subject_type,
            event.subject_id,
            event.region_id,
            event.data,
            str(event.person_id or ""),
            bytes(event.personal).hex() if event.personal is not None else "",
        ],
        ensure_ascii=False,
        sort_keys=True,
    )
    return hashlib.sha256(previous + content.encode()).digest()


@transaction.atomic
def events_seal(*, limit: int = 5000) -> int:
    """Chain the oldest unsealed events and return how many; one sealer works at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = Event.objects.exclude(position=None).order_by("-position").first()
    position = last.position if last and last.position is not None else 0
    previous = bytes(last.chain_hash or b"") if last else GENESIS
    events = list(Event.objects.filter(position=None).order_by("id")[:limit])
    for event in events:
        position += 1
        event.position = position
        event.chain_hash = previous = _link(previous, _utc(event), position)
    Event.objects.bulk_update(events, ["position", "chain_hash"], batch_size=500)
    return len(events)


def _utc(event: Event) -> Event:
    """Return the event with its time in UTC, so that the hash does not depend on a session."""
    event.recorded_at = event.recorded_at.astimezone(UTC)
    return event


def chain_break() -> int | None:
    """Return the first position whose hash does not follow from the one before, or ``None``."""
    previous = GENESIS
    chained = Event.objects.exclude(position=None).order_by("position")
    for expected, event in enumerate(chained.iterator(), start=1):
        if event.position != expected or _link(previous, _utc(event), expected) != bytes(
            event.chain_hash or b""
        ):
            return expected
        previous = bytes(event.chain_hash or b"")
    return None


def unsealed_alarm() -> int:
    """Return how many events have waited for the sealer for over 60 s; above 0 is an alarm."""
    return Event.objects.filter(
        position=None, recorded_at__lt=Now() - timedelta(seconds=60)
    ).count()
