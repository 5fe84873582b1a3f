"""Who knocks at the interface, and what lies behind it."""

import itertools
import json
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.acting import acting_as
from audit.models import Event
from exchange.models import Batch, BatchRow
from jobs.models import IdempotentReply, Job, Outbox
from kernel.access import SYSTEM, Role
from tests import make
from tests.exchange.books import book
from tests.exchange.kinds import GOOD, HEADINGS, TEST_KIND

_keys = itertools.count(1)
NOBODY = "nobody"


def people() -> dict[str, User | None]:
    """One user per part; ``other_*`` are outsiders to what ``officer`` and ``union`` made."""
    union, red_cross = make.partner("trade_union"), make.partner("red_cross")
    return {
        NOBODY: None,
        "officer": make.user(Role.COUNTY_OFFICER),
        "reviewer": make.user(Role.COUNTY_REVIEWER),
        "secretary": make.user(Role.MEETING_SECRETARY),
        "auditor": make.user(Role.AUDITOR, make.CITY),
        "union": make.user(Role.PARTNER_OFFICER, make.CITY, union),
        "assistant": make.user(Role.VILLAGE_ASSISTANT, make.VILLAGE),
        "donor": make.user(Role.DONOR, make.CITY),
        "other_officer": make.user(Role.COUNTY_OFFICER, make.OTHER_COUNTY),
        "other_partner": make.user(Role.PARTNER_OFFICER, make.CITY, red_cross),
    }


def client_of(user: User | None) -> Client:
    """A client logged in as ``user``, or not at all."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def key() -> str:
    """A new Idempotency-Key."""
    return f"key-{next(_keys)}"


def sheet(*rows: list[Any]) -> bytes:
    """A file of the kind that only tests import; without rows always the same bytes."""
    return book([HEADINGS, *rows]) if rows else _one_row()


@cache
def _one_row() -> bytes:
    return book([HEADINGS, GOOD])


def form(content: bytes | None = None, *, name: str = "名单.xlsx", **values: Any) -> dict[str, Any]:
    """The fields of an upload."""
    file = SimpleUploadedFile(name, sheet() if content is None else content)
    union = make.partner("trade_union")
    return {"file": file, "kind": TEST_KIND.code, "number": "1", "senderId": union.pk, **values}


def upload(client: Client, content: bytes | None = None, **more: Any) -> Any:
    """Send a file; returns the reply."""
    with_key = more.pop("key", None) or key()
    return client.post("/api/batches", form(content, **more), headers={"Idempotency-Key": with_key})


def stored() -> dict[str, int]:
    """Rows of every table that these views write, except the audit."""
    with acting_as(SYSTEM):
        tables = (Batch, BatchRow, Job, Outbox, IdempotentReply)
        return {table.__name__: table._default_manager.count() for table in tables}


def attempts() -> list[tuple[str, str]]:
    """Paths and codes of the refused attempts on record."""
    with acting_as(SYSTEM):
        events = Event.objects.filter(verb="access.refused").order_by("id")
        return [(event.subject_id, event.data["code"]) for event in events]


def code_of(reply: Any) -> str:
    """The code of an error reply."""
    code: str = json.loads(reply.content)["code"]
    return code
