"""Private files: stored once, seen in their scope, never changed, checked when read."""

import doctest
import stat
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from audit.acting import acting_as
from audit.models import Event
from documents import media
from documents.models import StoredFile
from documents.selectors import file_content, files_visible_to
from documents.services import file_store
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from kernel.ids import new_id
from tests import make

PDF = b"%PDF-1.7 content"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.PRIVATE_FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def stored(
    actor: Actor, content: bytes = PDF, *, id: UUID | None = None, **owner: Any
) -> StoredFile:
    return file_store(id=id or new_id(), name="会议纪要.pdf", content=content, actor=actor, **owner)


def test_examples_run() -> None:
    assert doctest.testmod(media).failed == 0


def test_a_file_is_kept_with_its_digest_and_an_audit_event(db: None, folder: Path) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        file = stored(officer, region=make.region(make.COUNTY))
        file.refresh_from_db()

        assert (file.name, file.size_bytes, file.media_type) == (
            "会议纪要.pdf",
            len(PDF),
            "application/pdf",
        )
        assert (file.created_by, file.created_at is None) == (officer.id, False)
        assert file_content(file) == PDF
    assert stat.S_IMODE((folder / file.path).stat().st_mode) == 0o600
    with acting_as(SYSTEM):
        event = Event.objects.get(verb="file.stored")
    assert (event.subject_id, event.region_id) == (str(file.id), make.COUNTY)
    assert event.data["sha256"] == file.sha256


def test_the_same_file_again_changes_nothing(db: None, folder: Path) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        first = stored(officer)
        again = stored(officer, id=first.id)

        assert (again.pk, StoredFile.objects.count()) == (first.pk, 1)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_another_file_under_the_same_id_is_refused_and_the_first_stays(db: None) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        first = stored(officer)
        with pytest.raises(Refused) as no:
            stored(officer, b"%PDF- other", id=first.id)

        assert no.value.code == "file_differs"
        assert file_content(first) == PDF


def test_an_id_that_the_actor_cannot_see_is_refused_without_naming_its_file(db: None) -> None:
    officer, stranger = (
        make.actor(Role.COUNTY_OFFICER),
        make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY),
    )
    with acting_as(officer):
        first = stored(officer, region=make.region(make.COUNTY))
    with acting_as(stranger), pytest.raises(Refused) as no:
        stored(stranger, id=first.id)

    assert no.value.code == "file_differs"
    assert "会议纪要" not in no.value.message
    with acting_as(officer):
        assert file_content(first) == PDF


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "file_empty"),
        ("a.exe", b"MZ", "file_kind_refused"),
        ("pdf", b"%PDF-", "file_kind_refused"),
        ("a.pdf", b"<html>", "file_kind_differs"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", "file_kind_differs"),
        ("a.csv", bytes(media.MOST_BYTES + 1), "file_too_large"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_written(
    db: None, folder: Path, name: str, content: bytes, code: str
) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        with pytest.raises(Refused) as no:
            file_store(id=new_id(), name=name, content=content, actor=officer)

        assert (no.value.code, StoredFile.objects.count()) == (code, 0)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/名单.csv", "名单.csv"),
        ("C:\\桌面\\名单.csv", "名单.csv"),
        ("名\x00单\u202e.csv", "名单.csv"),
        ("长" * 300 + ".csv", "长" * 196 + ".csv"),
    ],
)
def test_a_name_keeps_no_folder_and_no_trick(name: str, kept: str) -> None:
    assert media.plain_name(name) == kept


def test_files_are_seen_in_their_scope_only_with_and_without_the_selector(db: None) -> None:
    charity, other_charity = make.charity(), make.charity()
    county = make.actor(Role.COUNTY_OFFICER)
    finance = make.actor(Role.CHARITY_FINANCE, make.CITY, charity)
    with acting_as(county):
        of_county = stored(county, region=make.region(make.VILLAGE))
    with acting_as(finance):
        of_charity = stored(finance, organisation=charity)
        own = stored(finance)
    expected = {
        county: {of_county.pk},
        make.actor(Role.COUNTY_OFFICER): {of_county.pk},
        make.actor(Role.CITY_OFFICER, make.CITY): {of_county.pk},
        make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY): set(),
        finance: {of_charity.pk, own.pk},
        make.actor(Role.CHARITY_OFFICER, make.CITY, charity): {of_charity.pk},
        make.actor(Role.CHARITY_OFFICER, make.CITY, other_charity): set(),
        SYSTEM: {of_county.pk, of_charity.pk, own.pk},
    }

    for actor, keys in expected.items():
        with acting_as(actor):
            assert set(files_visible_to(actor).values_list("pk", flat=True)) == keys
            assert set(StoredFile.objects.values_list("pk", flat=True)) == keys
    assert StoredFile.objects.count() == 0


def test_nobody_stores_a_file_in_anothers_name(db: None) -> None:
    officer, other = make.actor(Role.COUNTY_OFFICER), make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        values = {
            **vars(stored(officer, region=make.region(make.COUNTY))),
            "id": new_id(),
            "path": "another",
        }
        values.pop("_state")
        StoredFile.objects.create(**values)
        values |= {"id": new_id(), "path": "a third", "created_by": other.id}
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            StoredFile.objects.create(**values)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE documents_storedfile SET sha256 = repeat('0', 64)",
        "DELETE FROM documents_storedfile",
    ],
)
def test_a_stored_row_is_never_changed(db: None, attack: str) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        file = stored(officer)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
        assert StoredFile.objects.get().sha256 == file.sha256


def test_bytes_that_changed_or_vanished_on_disk_are_not_handed_out(db: None, folder: Path) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        file = stored(officer)
    (folder / file.path).write_bytes(PDF + b"!")
    with pytest.raises(Refused) as damaged:
        file_content(file)
    (folder / file.path).unlink()
    with pytest.raises(Refused) as missing:
        file_content(file)

    assert (damaged.value.code, missing.value.code) == ("file_damaged", "file_missing")
