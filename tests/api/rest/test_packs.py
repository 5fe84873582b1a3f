"""The three files of a pack, under a name that people understand."""

from datetime import timedelta

import pytest

from audit.acting import acting_as
from kernel.access import SYSTEM, Role
from meetings.models import Pack
from tests import make
from tests.api.rest.cast import client_of, code_of
from tests.api.rest.packs import pack

pytestmark = pytest.mark.django_db

MAGIC = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04"}
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx"])
def test_a_file_comes_with_its_type_and_a_chinese_name_and_the_same_bytes(kind: str) -> None:
    client = client_of(make.user(Role.MEETING_SECRETARY))
    place = f"/api/packs/{pack(title='联席会议', kind=kind).pk}/{kind}"
    reply = client.get(place)
    assert reply.status_code == 200
    assert reply["Content-Type"] == TYPES[kind]
    assert reply["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E8%81%94%E5%B8%AD%E4%BC%9A%E8%AE%AE"
        f"%EF%BC%88%E6%88%AA%E8%87%B32026-09-30%EF%BC%89.{kind}"
    )
    assert (reply["X-Content-Type-Options"], reply["Cache-Control"]) == (
        "nosniff",
        "private, no-store",
    )
    assert reply.content.startswith(MAGIC[kind])
    assert client.get(place).content == reply.content


def test_a_hostile_title_stays_inside_the_name() -> None:
    client = client_of(make.user(Role.MEETING_SECRETARY))
    made = pack(title='..\\a/"b"\r\nSet-Cookie: x=1\u202e')
    header = client.get(f"/api/packs/{made.pk}/xlsx")["Content-Disposition"]
    assert header == (
        "attachment; filename*=utf-8''a%20b%20Set-Cookie%20x%3D1%20"
        "%EF%BC%88%E6%88%AA%E8%87%B32026-09-30%EF%BC%89.xlsx"
    )


@pytest.mark.parametrize("kind", ["exe", "PDF", "xlsx.exe"])
def test_another_kind_of_file_is_not_found(kind: str) -> None:
    client = client_of(make.user(Role.MEETING_SECRETARY))
    reply = client.get(f"/api/packs/{pack().pk}/{kind}")
    assert (reply.status_code, code_of(reply)) == (404, "not_found")


def test_bytes_that_differ_from_the_frozen_ones_are_not_handed_out() -> None:
    made = pack()
    with acting_as(SYSTEM):
        made = Pack.objects.create(
            meeting_id=made.meeting_id,
            region_id=made.region_id,
            as_of=made.as_of,
            known_at=made.known_at + timedelta(seconds=1),
            snapshot=made.snapshot,
            digests={"xlsx": "0" * 64},
            created_by=made.created_by,
        )
    reply = client_of(make.user(Role.MEETING_SECRETARY)).get(f"/api/packs/{made.pk}/xlsx")
    assert (reply.status_code, code_of(reply)) == (409, "pack_differs")
