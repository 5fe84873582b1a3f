"""Uploading, looking at and applying data batches."""

import io
import threading
import zipfile
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from audit.acting import acting_as
from audit.models import Event
from exchange.models import Batch
from households.models import Household
from jobs.services import outbox_drain
from kernel.access import SYSTEM, Role
from tests import make
from tests.api.rest.cast import client_of, code_of, form, key, sheet, stored, upload
from tests.exchange.kinds import GOOD, HEADINGS


def officer() -> Client:
    return client_of(make.user(Role.COUNTY_OFFICER))


def row(**cells: Any) -> list[Any]:
    """A good row with other cells, by heading."""
    return [cells.get(heading, cell) for heading, cell in zip(HEADINGS, GOOD, strict=True)]


@pytest.mark.django_db
def test_an_upload_is_checked_and_applies_nothing() -> None:
    reply = upload(officer(), sheet(GOOD, row(编号="T2", 身份证号="350699194506120012")))

    assert reply.status_code == 201
    body = reply.json()
    recorded = body.pop("recordedAt")
    assert recorded.endswith("+08:00")
    with acting_as(SYSTEM):
        batch = Batch.objects.get(pk=body.pop("id"))
        assert not Household.objects.exists()
        assert Event.objects.filter(verb="batch.received", subject_id=str(batch.pk)).count() == 1
    assert body == {
        "kind": {"code": "test_rows", "label": "测试表"},
        "number": "1",
        "fileName": "名单.xlsx",
        "senderName": make.partner("trade_union").name,
        "state": {"code": "validated", "label": "已校验"},
        "totalCount": 2,
        "goodCount": 1,
        "badCount": 1,
        "appliedCount": 0,
        "seenCount": 0,
    }
    assert batch.region_id == make.COUNTY


@pytest.mark.django_db
def test_the_same_file_again_is_the_same_batch() -> None:
    client, content = officer(), sheet()
    first = upload(client, content)
    before = stored()
    again = upload(client, content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert stored() == {**before, "IdempotentReply": before["IdempotentReply"] + 1}


@pytest.mark.django_db
def test_another_file_under_a_used_number_is_refused() -> None:
    client = officer()
    upload(client)
    before = stored()
    reply = upload(client, sheet(row(编号="T9")))
    assert (reply.status_code, code_of(reply)) == (409, "batch_number_reused")
    assert stored() == before


@pytest.mark.django_db
def test_a_number_used_out_of_sight_is_refused_and_not_an_error() -> None:
    upload(officer())
    before = stored()
    reply = upload(client_of(make.user(Role.COUNTY_OFFICER, make.OTHER_COUNTY)))
    assert (reply.status_code, code_of(reply)) == (409, "batch_number_reused")
    assert stored() == before


@pytest.mark.django_db
def test_a_key_is_needed_and_answers_once() -> None:
    client = officer()
    bare = client.post("/api/batches", form())
    assert (bare.status_code, code_of(bare)) == (400, "key_required")
    assert stored()["Batch"] == 0

    one = key()
    first = upload(client, key=one)
    before = stored()
    again = upload(client, key=one)
    assert (again.status_code, again.json()) == (201, first.json())
    other = upload(client, key=one, number="2")
    assert (other.status_code, code_of(other)) == (422, "key_reused")
    assert stored() == before


def _at_once(users: list[Any], act: Any) -> list[Any]:
    """Run ``act(client)`` for every user at the same time, each on its own connection."""
    replies: list[Any] = []
    gate = threading.Barrier(len(users))

    def run(client: Client) -> None:
        try:
            gate.wait(10)
            replies.append(act(client))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(client_of(user),)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return replies


@pytest.mark.usefixtures("committed_db")
def test_one_key_twice_at_once_makes_one_batch() -> None:
    user, content = make.user(Role.COUNTY_OFFICER), sheet()
    replies = _at_once([user] * 4, lambda client: upload(client, content, key="same"))
    assert {reply.status_code for reply in replies} == {201}
    assert all(reply.json() == replies[0].json() for reply in replies)
    assert stored() == {"Batch": 1, "BatchRow": 1, "Job": 0, "Outbox": 0, "IdempotentReply": 1}


@pytest.mark.usefixtures("committed_db")
def test_one_file_from_two_people_at_once_makes_one_batch() -> None:
    users = [make.user(Role.COUNTY_OFFICER) for _ in range(3)]
    content = sheet()
    replies = _at_once(users, lambda client: upload(client, content))
    assert {reply.status_code for reply in replies} <= {200, 201}
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert (stored()["Batch"], stored()["BatchRow"]) == (1, 1)


@pytest.mark.usefixtures("committed_db")
def test_one_key_twice_at_once_queues_one_job() -> None:
    user = make.user(Role.COUNTY_OFFICER)
    batch = upload(client_of(user)).json()["id"]
    replies = _at_once(
        [user] * 3,
        lambda client: client.post(
            f"/api/batches/{batch}/apply", headers={"Idempotency-Key": "same"}
        ),
    )
    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert (stored()["Job"], stored()["Outbox"]) == (1, 1)


def _bomb() -> bytes:
    """A small archive that unpacks to 400 MB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet2.xml", "w") as much:
            for _ in range(400):
                much.write(bytes(1 << 20))
    return out.getvalue()


BAD_UPLOADS: list[tuple[dict[str, Any], int, str]] = [
    ({"content": b"%PDF-1.7 not a sheet"}, 400, "file_unreadable"),
    ({"content": b"MZ\x90\x00", "name": "setup.exe"}, 400, "file_type"),
    ({"content": b""}, 400, "invalid"),
    ({"content": "甲,乙\n1,2\n".encode(), "name": "名单.csv"}, 400, "headings_missing"),
    ({"content": ",".join(HEADINGS).encode(), "name": "名单.csv"}, 400, "file_empty"),
    ({"kind": "nonsense"}, 400, "kind_unknown"),
    ({"number": ""}, 400, "invalid"),
    ({"number": "9" * 61}, 400, "invalid"),
    ({"number": "a\0b"}, 400, "invalid"),
    ({"senderId": "350602"}, 400, "invalid"),
    ({"senderId": "00000000-0000-7000-8000-000000000000"}, 400, "invalid"),
    ({"name": "n" * 300 + ".xlsx"}, 400, "invalid"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "status", "code"), BAD_UPLOADS)
def test_a_wrong_upload_names_what_is_wrong_and_stores_nothing(
    given: dict[str, Any], status: int, code: str
) -> None:
    before = stored()
    reply = upload(officer(), **given)
    body = reply.json()
    assert (reply.status_code, body["code"]) == (status, code)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["message"])
    if code == "invalid":
        assert body["details"]["fields"]
    assert stored() == before


@pytest.mark.django_db
def test_a_zip_bomb_is_refused() -> None:
    before = stored()
    reply = upload(officer(), _bomb())
    assert (reply.status_code, code_of(reply)) == (413, "file_too_large")
    assert stored() == before


@pytest.mark.django_db
def test_an_oversize_body_is_refused_before_it_is_read() -> None:
    reply = officer().post(
        "/api/batches", form(), headers={"Idempotency-Key": key()}, CONTENT_LENGTH=str(32 << 20)
    )
    assert (reply.status_code, code_of(reply)) == (413, "too_large")
    assert stored()["Batch"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/名单.xlsx", "名单.xlsx"),
        ("C:\\Users\\x\\名单.xlsx", "名单.xlsx"),
        ('<img src=x onerror="a">.xlsx', '<img src=x onerror="a">.xlsx'),
        ("=cmd|' /C calc'!A0.xlsx", "=cmd|' /C calc'!A0.xlsx"),
        ("a\x07b.xlsx", "ab.xlsx"),
    ],
)
def test_a_hostile_file_name_is_only_a_name(name: str, kept: str) -> None:
    client = officer()
    reply = upload(client, name=name)
    assert reply.status_code == 201
    assert reply.json()["fileName"] == kept.rpartition("/")[2]
    errors = client.get(f"/api/batches/{reply.json()['id']}/errors.xlsx")
    assert errors.status_code == 200


@pytest.mark.django_db
def test_a_hostile_number_stays_out_of_the_download_header() -> None:
    client = officer()
    batch = upload(client, number='1"; filename="x.exe/../').json()["id"]
    header = client.get(f"/api/batches/{batch}/errors.xlsx")["Content-Disposition"]
    assert header == (
        "attachment; filename*=utf-8''"
        "%E6%B5%8B%E8%AF%95%E8%A1%A8%201%20%3B%20filename%3D%20x.exe%20..%20"
        "%E6%9C%89%E8%AF%AF%E7%9A%84%E8%A1%8C.xlsx"
    )


@pytest.mark.django_db
def test_formulas_in_names_come_back_as_text() -> None:
    names = ["=HYPERLINK(1)", "+1+1", "-1", "@SUM(A1)"]
    lines = [HEADINGS, *(row(编号=f"F{i}", 姓名=name, 日期="不详") for i, name in enumerate(names))]
    content = "\n".join(",".join(map(str, line)) for line in lines).encode()
    client = officer()
    made = upload(client, content, name="名单.csv")
    assert (made.json()["badCount"], made.json()["goodCount"]) == (4, 0)

    reply = client.get(f"/api/batches/{made.json()['id']}/errors.xlsx")
    assert reply["Content-Type"].endswith("spreadsheetml.sheet")
    assert (reply["X-Content-Type-Options"], reply["Cache-Control"]) == (
        "nosniff",
        "private, no-store",
    )
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml")
        styles = archive.read("xl/styles.xml")
    assert b"<f>" not in page
    assert b"hyperlink" not in page.lower()
    # Excel's own text mark survives a later export to CSV and back.
    assert b'quotePrefix="1"' in styles
    shown = CalamineWorkbook.from_filelike(io.BytesIO(reply.content)).get_sheet_by_index(0)
    cells = [cell for line in shown.to_python() for cell in line]
    assert [name for name in names if name in cells] == names
    assert "350699194506120011" not in cells


@pytest.mark.django_db
def test_good_rows_go_in_once_and_the_job_tells() -> None:
    client = officer()
    batch = upload(client, sheet(GOOD, row(编号="T2"), row(编号="T3", 日期="不详"))).json()["id"]
    reply = client.post(f"/api/batches/{batch}/apply", headers={"Idempotency-Key": key()})

    assert reply.status_code == 202
    job = reply.json()
    created = job.pop("createdAt")
    assert created.endswith("+08:00")
    place = f"/api/jobs/{job.pop('id')}"
    assert job == {
        "kind": "batch_apply",
        "title": "导入测试表 1",
        "state": {"code": "queued", "label": "排队"},
        "doneCount": 0,
        "totalCount": 2,
        "message": "",
        "resultId": None,
    }
    outbox_drain()
    done = client.get(place).json()
    assert (done["state"]["code"], done["doneCount"], done["totalCount"]) == ("done", 2, 2)
    after = client.get(f"/api/batches/{batch}").json()
    assert (after["state"]["code"], after["appliedCount"]) == ("distributed", 2)

    client.post(f"/api/batches/{batch}/apply", headers={"Idempotency-Key": key()})
    outbox_drain()
    assert client.get(f"/api/batches/{batch}").json() == after
    with acting_as(SYSTEM):
        assert sorted(Household.objects.values_list("number", flat=True)) == ["T1", "T2"]


@pytest.mark.django_db
def test_the_list_is_filtered_and_paged() -> None:
    client = officer()
    for number in ("1", "2", "3"):
        upload(client, sheet(row(编号=f"N{number}")), number=number)
    page = client.get("/api/batches?pageSize=2").json()
    assert ([item["number"] for item in page["items"]], page["total"]) == (["3", "2"], 3)
    rest = client.get("/api/batches?pageSize=2&page=2").json()
    assert [item["number"] for item in rest["items"]] == ["1"]
    assert client.get("/api/batches?state=distributed").json() == {"items": [], "total": 0}
    assert client.get("/api/batches?kind=test_rows&state=validated").json()["total"] == 3
    assert client.get("/api/batches?kind=households").json()["total"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("pageSize=101", 400, "invalid"),
        ("pageSize=60000", 400, "invalid"),
        ("pageSize=0", 400, "invalid"),
        ("pageSize=x", 400, "invalid"),
        ("state=nonsense", 400, "invalid"),
        ("page=2", 404, "not_found"),
        ("page=x", 404, "not_found"),
    ],
)
def test_a_wrong_question_is_refused(query: str, status: int, code: str) -> None:
    reply = officer().get(f"/api/batches?{query}")
    assert (reply.status_code, code_of(reply)) == (status, code)


@pytest.mark.django_db
def test_the_list_asks_the_database_as_often_for_many_as_for_one() -> None:
    client = officer()
    counts = []
    for numbers in (["1"], [str(n) for n in range(2, 12)]):
        for number in numbers:
            upload(client, sheet(row(编号=f"N{number}")), number=number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(client.get("/api/batches").json()["items"]) in (1, 11)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


@pytest.mark.django_db
def test_a_template_is_a_workbook_with_a_chinese_name() -> None:
    client = officer()
    reply = client.get("/api/templates/test_rows.xlsx")
    assert reply.status_code == 200
    assert reply["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E6%B5%8B%E8%AF%95%E8%A1%A8%E6%A8%A1%E6%9D%BF.xlsx"
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(reply.content))
    first = book.get_sheet_by_index(0).to_python()[0]
    assert [str(cell).rstrip("*") for cell in first] == HEADINGS
    missing = client.get("/api/templates/nonsense.xlsx")
    assert (missing.status_code, code_of(missing)) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["households", "government_payments", "medical_bills", "partner_beneficiaries"]
)
def test_every_kind_of_the_contract_has_a_template(kind: str) -> None:
    reply = officer().get(f"/api/templates/{kind}.xlsx")
    assert (reply.status_code, reply.content[:4]) == (200, b"PK\x03\x04")
