"""A provider's notice: signed bytes in, stored once, a forgery refused and put on record."""

import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from audit.acting import acting_as
from audit.models import Event
from donors.models import ProviderEvent
from donors.paysim.webhooks import signature
from jobs.models import Outbox
from kernel.access import PUBLIC, SYSTEM, Role
from tests import make
from tests.api.rest.cast import client_of, code_of

NOTICE = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "account": "acct_1",
    "data": {"object": {"id": "cs_1", "object": "checkout.session"}},
}


def send(
    payload: bytes | None = None,
    *,
    at: float | None = None,
    secret: str | None = None,
    client: Client | None = None,
    provider: str = "paysim",
    header: str | None = None,
    **more: Any,
) -> Any:
    """Post a notice as a stranger without session or token; returns the reply."""
    body = json.dumps(NOTICE).encode() if payload is None else payload
    signed = signature(
        body,
        settings.PAYMENT_WEBHOOK_SECRET if secret is None else secret,
        int(time.time() if at is None else at),
    )
    return (client or Client(enforce_csrf_checks=True)).post(
        f"/webhooks/{provider}",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed if header is None else header},
        **more,
    )


def kept() -> tuple[int, int]:
    with acting_as(SYSTEM):
        return ProviderEvent.objects.count(), Outbox.objects.count()


@pytest.mark.django_db
def test_a_signed_notice_is_stored_once_and_settled_later() -> None:
    for _ in range(3):
        reply = send()
        assert (reply.status_code, reply.json()) == (200, {"received": True})
    assert kept() == (1, 1)
    with acting_as(SYSTEM):
        event = ProviderEvent.objects.get()
    assert (event.provider, event.event_id, event.account, event.object_id) == (
        "paysim",
        "evt_1",
        "acct_1",
        "cs_1",
    )
    assert event.processed_at is None


BAD: list[dict[str, Any]] = [
    {"secret": "whsec_another"},
    {"at": time.time() - 3_600},
    {"at": time.time() + 3_600},
    {"header": ""},
    {"header": "nonsense"},
    {"header": "t=abc,v1=00"},
    {"header": "t=99999999999999999999,v1=00"},
    {"payload": b"not json"},
    {"payload": b""},
    {"payload": b"\xff\xfe\x00"},
]


@pytest.mark.django_db
@pytest.mark.parametrize("bad", BAD)
def test_a_forged_old_or_future_notice_is_refused_and_on_record(bad: dict[str, Any]) -> None:
    reply = send(**bad)
    assert (reply.status_code, code_of(reply)) == (400, "bad_signature")
    assert kept() == (0, 0)
    with acting_as(SYSTEM):
        attempt = Event.objects.get(verb="access.refused")
    assert (attempt.actor_id, attempt.subject_id, attempt.data) == (
        PUBLIC.id,
        "/webhooks/paysim",
        {"code": "bad_signature"},
    )


@pytest.mark.django_db
def test_a_changed_byte_breaks_the_signature() -> None:
    body = json.dumps(NOTICE).encode()
    good = signature(body, settings.PAYMENT_WEBHOOK_SECRET, int(time.time()))
    reply = send(body.replace(b"acct_1", b"acct_2"), header=good)
    assert (reply.status_code, code_of(reply)) == (400, "bad_signature")
    assert kept() == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["nobody", "stripe"])
def test_a_provider_that_is_not_set_up_is_not_found(provider: str) -> None:
    reply = send(provider=provider)
    assert reply.status_code == 404
    assert kept() == (0, 0)


@pytest.mark.django_db
def test_a_large_body_is_refused_unread_and_only_post_is_answered() -> None:
    reply = send(CONTENT_LENGTH=str(1 << 20))
    assert (reply.status_code, code_of(reply)) == (413, "too_large")
    assert Client().get("/webhooks/paysim").status_code == 405
    assert kept() == (0, 0)


@pytest.mark.django_db
def test_a_session_neither_helps_nor_hurts() -> None:
    client = client_of(make.user(Role.DONOR, make.CITY))
    assert send(client=client, secret="x").status_code == 400
    assert send(client=client).status_code == 200
    assert kept() == (1, 1)
