"""A file comes in, is checked, mended, applied once, and seen by its sender only."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from audit.acting import acting_as
from audit.models import Event
from exchange.models import Batch, BatchRow
from exchange.selectors import batches_visible_to
from exchange.services import batch_apply, batch_apply_later, batch_receive
from exchange.workbooks import errors_xlsx, template_xlsx
from households.models import Household
from jobs.services import job_cancel, outbox_drain
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from tests import make
from tests.exchange.books import book
from tests.exchange.kinds import GOOD, HEADINGS, TEST_KIND

pytestmark = pytest.mark.django_db


def _union() -> Actor:
    return make.actor(Role.PARTNER_OFFICER, make.CITY, make.partner("trade_union"))


def _receive(actor: Actor, content: bytes, number: str = "1", **more: Any) -> Batch:
    with acting_as(actor):
        return batch_receive(
            sender=more.pop("sender", make.partner("trade_union")),
            region=make.region(make.CITY),
            kind=more.pop("kind", TEST_KIND.code),
            number=number,
            file_name="名单.xlsx",
            content=content,
            actor=actor,
            **more,
        )


def _bad(column: int, value: object) -> list[object]:
    row = list(GOOD)
    row[0], row[column] = f"B{column}", value
    return row


def test_each_bad_row_says_where_why_and_how_to_mend_and_good_rows_go_in() -> None:
    actor = _union()
    rows = [
        GOOD,
        _bad(2, "350699194506120012"),
        _bad(3, "350699999999"),
        _bad(4, 12.345),
        _bad(5, "不详"),
        _bad(6, "丙"),
        [None] * 7,
        _bad(4, "=1+1"),
        GOOD,
    ]
    batch = _receive(actor, book([HEADINGS, *rows], title="2026年困难职工名单"))

    assert (batch.total_count, batch.good_count, batch.bad_count) == (8, 1, 7)
    with acting_as(actor):
        errors = [
            (error["row"], error["column"], error["reason"])
            for row in batch.rows.exclude(errors=[]).order_by("row_number")
            for error in row.errors
        ]
        assert all(error["mend"] for row in batch.rows.all() for error in row.errors)
    assert errors == [
        (5, "身份证号", "身份证号的校验位不正确，请核对是否抄错"),
        (6, "村（社区）代码或名称", "代码 350699999999 不是漳州市的村（社区）"),
        (7, "金额", "金额“12.345”的小数超过两位，请精确到分，最多保留两位小数"),
        (8, "日期", "日期“不详”无法识别"),
        (9, "类别", "“丙”不在可选范围内"),
        (11, "金额", "单元格里是公式，读到的结果可能与您看到的不同"),
        (12, "整行", "与第 4 行完全相同"),
    ]
    with acting_as(actor):
        done = batch_apply(batch=batch, actor=actor)
    assert (done.applied_count, done.seen_count) == (1, 0)
    with acting_as(SYSTEM):
        assert list(Household.objects.values_list("number", flat=True)) == ["T1"]


def test_importing_the_same_rows_again_changes_nothing_and_reports_them_as_seen() -> None:
    actor = _union()
    content = book([HEADINGS, GOOD, ["T2", *GOOD[1:]]])
    first = _receive(actor, content)
    with acting_as(actor):
        assert batch_apply(batch=first, actor=actor).applied_count == 2
        events = Event.objects.count()

        again = batch_apply(batch=first, actor=actor)
        assert (again.applied_count, again.seen_count) == (0, 2)
        same = _receive(actor, content)
        assert same.pk == first.pk
        assert Event.objects.count() == events

    second = _receive(actor, book([HEADINGS, ["T2", *GOOD[1:]], GOOD]), number="2")
    with acting_as(actor):
        done = batch_apply(batch=second, actor=actor)
    assert (done.applied_count, done.seen_count) == (0, 2)
    with acting_as(SYSTEM):
        assert Household.objects.count() == 2
        results = BatchRow.objects.filter(batch=second).values_list("result", flat=True)
        assert set(results) == {"helped_temp"}


def test_rows_that_another_county_imported_for_the_sender_count_as_seen() -> None:
    sender, batches = make.partner("trade_union"), []
    officer = make.actor(Role.COUNTY_OFFICER)
    for number in "12":
        with acting_as(officer):
            batches.append(
                batch_receive(
                    sender=sender,
                    region=make.region(make.COUNTY),
                    kind=TEST_KIND.code,
                    number=number,
                    file_name="a.xlsx",
                    content=book([HEADINGS, GOOD]),
                    actor=officer,
                )
            )
    with acting_as(SYSTEM):
        batch_apply(batch=batches[0], actor=SYSTEM)
        Batch.objects.filter(pk=batches[1].pk).update(region=make.OTHER_COUNTY)
    other = make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)
    with acting_as(other):
        assert Batch.objects.count() == 1
        done = batch_apply(batch=batches[1], actor=other)
    assert (done.applied_count, done.seen_count) == (0, 1)


def test_another_file_under_the_same_number_is_refused() -> None:
    actor = _union()
    _receive(actor, book([HEADINGS, GOOD]))
    with pytest.raises(Refused) as no:
        _receive(actor, book([HEADINGS, ["T2", *GOOD[1:]]]))
    assert no.value.code == "batch_number_reused"


def test_a_refused_row_leaves_nothing_behind_and_may_come_again() -> None:
    actor = _union()
    content = [HEADINGS, ["NO1", *GOOD[1:]], GOOD]
    batch = _receive(actor, book(content))
    with acting_as(actor):
        batch_apply(batch=batch, actor=actor)
        rows = batch.rows.order_by("row_number")
        assert [row.result for row in rows] == ["refused", "helped_temp"]
        assert rows[0].notes == ["该行不予办理"]
    with acting_as(SYSTEM):
        assert not Household.objects.filter(number="gone").exists()
    again = _receive(actor, book(content, title="再报"), number="2")
    with acting_as(actor):
        done = batch_apply(batch=again, actor=actor)
    assert (done.applied_count, done.seen_count) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["什么", "都不是"], [1, 2]], "headings_missing"),
        ([HEADINGS[:4], GOOD[:4]], "headings_missing"),
        ([HEADINGS], "file_empty"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_stored(rows: list[list[object]], code: str) -> None:
    actor = _union()
    with pytest.raises(Refused) as no:
        _receive(actor, book(rows))

    assert no.value.code == code
    with acting_as(SYSTEM):
        assert not Batch.objects.exists()
    if rows[0] == HEADINGS[:4]:
        assert "金额、日期" in no.value.message


def test_another_sender_sees_nothing_and_may_not_apply() -> None:
    actor = _union()
    batch = _receive(actor, book([HEADINGS, GOOD]))
    other = make.actor(Role.PARTNER_OFFICER, make.CITY, make.partner("red_cross"))
    with acting_as(other):
        assert not batches_visible_to(other).exists()
        # The second net: row-level security, without the selector.
        assert not Batch.objects.exists()
        assert not BatchRow.objects.exists()
        with pytest.raises(Batch.DoesNotExist):
            batch_apply(batch=batch, actor=other)
    with pytest.raises(Refused) as no:
        _receive(other, book([HEADINGS, GOOD]))
    assert no.value.code == "denied"
    with acting_as(actor):
        assert list(batches_visible_to(actor)) == [batch]


def test_a_post_that_does_not_send_this_kind_is_refused() -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, make.CITY, charity)
    with pytest.raises(Refused) as no:
        _receive(officer, book([HEADINGS, GOOD]), sender=charity)
    assert no.value.code == "denied"


def test_values_are_sealed_and_bound_to_their_row() -> None:
    actor = _union()
    batch = _receive(actor, book([HEADINGS, GOOD]))
    with acting_as(actor):
        row = batch.rows.get()
    assert "林榕".encode() not in bytes(row.sealed)
    assert b"350699194506120011" not in bytes(row.sealed)


def test_the_error_file_masks_ids_and_holds_no_formula() -> None:
    actor = _union()
    bad = ["=HYPERLINK(1)", "林榕", "350699194506120011", "350602001001", 12.345, "2026-03-05"]
    csv = ",".join(HEADINGS) + "\n" + ",".join(map(str, bad))
    with acting_as(actor):
        batch = batch_receive(
            sender=make.partner("trade_union"),
            region=make.region(make.CITY),
            kind=TEST_KIND.code,
            number="1",
            file_name="名单.csv",
            content=csv.encode("gb18030"),
            actor=actor,
        )
        content = errors_xlsx(batch)
    lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    text = str(lines)
    assert "350699194506120011" not in text
    assert "350*************11" in text
    assert "=HYPERLINK(1)" in text
    assert b"<f>" not in content
    assert "小数超过两位" in text


def test_the_template_can_be_sent_back() -> None:
    content = template_xlsx(TEST_KIND.code)
    page = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert page[0][0] == "编号*"
    with pytest.raises(Refused) as no:
        _receive(_union(), content)
    assert no.value.code == "file_empty"


def test_an_old_division_code_and_a_village_name_are_understood() -> None:
    actor = _union()
    with acting_as(SYSTEM):
        village = next(
            code
            for code in make.region("350604")
            .__class__.objects.filter(path__startswith="/350600/350604/", level="village")
            .values_list("code", flat=True)
        )
    old = "350681" + village[6:]
    rows = [
        ["T1", *GOOD[1:3], old, *GOOD[4:]],
        ["T2", *GOOD[1:3], "东铺头街道金宝社区", *GOOD[4:]],
    ]
    batch = _receive(actor, book([HEADINGS, *rows]))
    assert batch.good_count == 2, list(batch.rows.values_list("errors", flat=True))
    with acting_as(actor):
        batch_apply(batch=batch, actor=actor)
        notes = batch.rows.get(row_number=2).notes
        assert any(old in note for note in notes)
    with acting_as(SYSTEM):
        homes = dict(Household.objects.values_list("number", "region_id"))
    assert homes == {"T1": village, "T2": "350602001001"}


def test_posts_are_not_added_up_to_a_right_that_none_of_them_gives() -> None:
    """A clerk of a partner that sends no such file, who is also a county's officer elsewhere."""
    charity = make.charity()
    clerk = make.actor(Role.CHARITY_OFFICER, make.CITY, charity)
    both = Actor(clerk.id, clerk.name, (*clerk.grants, *make.actor(Role.COUNTY_OFFICER).grants))
    with pytest.raises(Refused) as no:
        _receive(both, book([HEADINGS, GOOD]), sender=charity)
    assert no.value.code == "denied"


def test_the_day_of_an_earlier_delivery_is_that_of_shanghai() -> None:
    actor = _union()
    batch = _receive(actor, book([HEADINGS, GOOD]))
    with acting_as(SYSTEM):
        Batch.objects.filter(pk=batch.pk).update(
            recorded_at=datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
        )
    with pytest.raises(Refused) as no:
        _receive(actor, book([HEADINGS, _bad(4, "1.00")]))
    assert "2026-03-02" in no.value.message


def test_a_queued_import_leads_from_its_job_to_the_batch() -> None:
    actor = _union()
    batch = _receive(actor, book([HEADINGS, GOOD]))
    with acting_as(actor):
        job = batch_apply_later(batch=batch, actor=actor)
    assert outbox_drain() == 1
    with acting_as(actor):
        job.refresh_from_db()
    assert (job.state, job.result["result_id"]) == ("done", str(batch.pk))


def test_a_cancelled_import_keeps_its_rows_for_later() -> None:
    actor = _union()
    batch = _receive(actor, book([HEADINGS, GOOD]))
    with acting_as(actor):
        job = batch_apply_later(batch=batch, actor=actor)
        job_cancel(job=job, actor=actor)
    assert outbox_drain() == 1
    with acting_as(actor):
        job.refresh_from_db()
        batch.refresh_from_db()
    assert (job.state, job.message) == ("cancelled", "已取消，已导入的行保留")
    assert (batch.state, batch.applied_count) == ("validated", 0)
    with acting_as(actor):
        batch_apply_later(batch=batch, actor=actor)
    outbox_drain()
    with acting_as(SYSTEM):
        assert Household.objects.count() == 1
