"""Who gets which status where; an outsider gets 404, changes nothing and is put on record."""

from typing import Any

import pytest

from accounts.selectors import actor_of
from audit.acting import acting_as
from jobs.services import job_start
from tests.api.rest.cast import (
    NOBODY,
    attempts,
    client_of,
    code_of,
    form,
    key,
    people,
    stored,
    upload,
)
from tests.api.rest.packs import pack

pytestmark = pytest.mark.django_db

OPEN_LIST = {"officer", "reviewer", "auditor", "union", "other_officer", "other_partner"}
BATCH_READERS = {"officer", "reviewer", "auditor", "union"}
IMPORTERS = {"officer", "union"}

#: verb, permission, URL, status, and to whom; everybody else who is logged in gets 404.
TABLE: list[tuple[str, str, str, int, set[str]]] = [
    ("get", "batch.view", "/api/batches", 200, OPEN_LIST),
    ("get", "batch.view", "/api/batches/{batch}", 200, BATCH_READERS),
    ("get", "batch.view", "/api/batches/{batch}/errors.xlsx", 200, BATCH_READERS),
    ("post", "batch.import", "/api/batches/{batch}/apply", 202, IMPORTERS),
    ("post", "batch.import", "/api/batches", 200, {"officer", "union"}),
    (
        "get",
        "batch.import",
        "/api/templates/test_rows.xlsx",
        200,
        {"officer", "union", "other_officer", "other_partner"},
    ),
    ("get", "aid.export", "/api/aid-entries", 200, OPEN_LIST),
    ("get", "own", "/api/jobs/{job}", 200, {"officer"}),
    (
        "get",
        "meeting.view",
        "/api/packs/{pack}/xlsx",
        200,
        {"officer", "reviewer", "secretary", "auditor"},
    ),
]


@pytest.mark.parametrize(("verb", "permission", "url", "status", "allowed"), TABLE)
def test_the_table_of_permissions(
    verb: str, permission: str, url: str, status: int, allowed: set[str]
) -> None:
    cast = people()
    officer = cast["officer"]
    assert officer is not None
    batch = upload(client_of(officer)).json()["id"]
    actor = actor_of(officer)
    with acting_as(actor):
        job = job_start(kind="match_run", title="匹配", actor=actor)
    place = url.format(batch=batch, job=job.pk, pack=pack().pk)

    for name, user in cast.items():
        if (verb, place) == ("post", "/api/batches") and name == "other_officer":
            # He may send for a city body too, for his own county, under a number of his own.
            continue
        before, tried = stored(), attempts()
        client = client_of(user)
        reply: Any
        if verb == "get":
            reply = client.get(place)
        else:
            body = form() if place == "/api/batches" else None
            reply = client.post(place, body, headers={"Idempotency-Key": key()})
        if name in allowed:
            assert reply.status_code == status, (name, reply.content)
            continue
        assert stored() == before, name
        if name == NOBODY:
            assert (reply.status_code, code_of(reply)) == (401, "unauthenticated")
            assert attempts() == tried
        else:
            assert reply.status_code == 404, (name, reply.content)
            assert code_of(reply) in ("denied", "not_found")
            assert attempts() == [*tried, (place[:60], code_of(reply))], name


@pytest.mark.parametrize("name", [NOBODY, "donor", "officer"])
def test_the_description_is_open_to_all(name: str) -> None:
    reply = client_of(people()[name]).get("/api/schema/")
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert reply.content.startswith(b"openapi: 3")
    assert b"http://" not in reply.content
    assert b"https://" not in reply.content


@pytest.mark.parametrize(
    "url", ["/api/batches/{id}", "/api/jobs/{id}", "/api/packs/{id}/pdf", "/api/batches/{id}/apply"]
)
def test_what_does_not_exist_looks_like_what_is_out_of_reach(url: str) -> None:
    place = url.format(id="00000000-0000-7000-8000-000000000000")
    client = client_of(people()["officer"])
    verb = client.post if url.endswith("apply") else client.get
    reply = verb(place, headers={"Idempotency-Key": key()})
    assert (reply.status_code, reply.json()) == (
        404,
        {
            "code": "not_found",
            "message": "没有找到该记录，或不在您的权限范围内",
            "details": {},
        },
    )


def test_a_post_without_the_csrf_token_is_refused() -> None:
    from django.test import Client

    user = people()["officer"]
    assert user is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    before = stored()
    reply = upload(client)
    assert (reply.status_code, code_of(reply)) == (403, "denied")
    assert stored() == before
