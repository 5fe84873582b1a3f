"""The four kinds of files that offices send, from the sheet to the tables of their owners."""

from collections.abc import Sequence
from typing import Any

import pytest

from aid.models import AidEntry, Finding
from audit.acting import acting_as
from audit.models import Event
from casework.models import Signal
from exchange.models import Batch
from exchange.services import batch_apply, batch_receive
from exchange.workbooks import template_xlsx
from households.models import Household, MedicalBill, Need, Person, Recognition
from kernel.access import SYSTEM, Actor, Role
from linkage.models import Link
from linkage.services import link_decide
from organisations.models import Organisation
from organisations.reference import organisation_id
from tests import make
from tests.exchange.books import book

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.role("worker")]

VILLAGE = make.VILLAGE
ID, OTHER_ID, CHILD_ID = "350699194506120011", "350699198802201025", "350699201509012035"

FAMILY = ["户编号", "村代码", "姓名", "身份证号码", "关系", "性别", "类别", "月金额", "起始日期"]
PAYMENT = ["救助项目", "姓名", "身份证号", "用途", "费用项目", "金额", "发放日期", "流水号"]
BILL = ["姓名", "身份证号", "村社区", "结算单号", "结算日期", "总费用", "医保支付", "第三方支付"]
GIFT = ["姓名", "身份证号", "出生日期", "用途", "费用项目", "金额", "日期", "编号"]


def _import(
    kind: str, sender: Organisation, role: Role, rows: Sequence[Any], number: str = "1"
) -> tuple[Batch, Actor]:
    scoped = role in (Role.PARTNER_OFFICER, Role.CHARITY_OFFICER, Role.DEPARTMENT_LIAISON)
    actor = make.actor(role, make.CITY if scoped else make.COUNTY, sender if scoped else None)
    with acting_as(actor):
        batch = batch_receive(
            sender=sender,
            region=make.region(make.CITY if scoped else make.COUNTY),
            kind=kind,
            number=number,
            file_name="表.xlsx",
            content=book(rows, title="漳州市报表"),
            actor=actor,
        )
        assert not batch.bad_count, [row.errors for row in batch.rows.exclude(errors=[])]
        return batch_apply(batch=batch, actor=actor), actor


def _county() -> Organisation:
    return Organisation.objects.get(pk=organisation_id("civil_affairs", make.COUNTY))


def _results(batch: Batch) -> list[str]:
    with acting_as(SYSTEM):
        return list(batch.rows.order_by("row_number").values_list("result", flat=True))


def _family() -> None:
    rows = [
        FAMILY,
        ["Z1", VILLAGE, "林榕", ID, "户主", "男", "低保", 469, "2025-01-01"],
        ["Z1", VILLAGE, "林荔", CHILD_ID, "儿子", "男", "低保", 469, "2025-01-01"],
    ]
    batch, _ = _import("households", _county(), Role.COUNTY_OFFICER, rows, "family")
    assert _results(batch) == ["helped_dibao", "helped_dibao"]


def test_a_household_list_makes_families_once_and_blocks_exclusive_categories() -> None:
    _family()
    rows = [
        FAMILY,
        ["Z1", VILLAGE, "林榕", ID, "户主", "男", "低保", "469.00", "2025-01-01"],
        ["Z1", VILLAGE, "林榕", ID, "户主", "男", "特困人员", 1549, "2025-02-01"],
        ["Z2", VILLAGE, "林兰", ID, "户主", "男", "低保", 469, "2025-02-01"],
        ["Z2", VILLAGE, "陈兰", OTHER_ID, "户主", "女", "低保边缘", 0, "2025-02-01"],
    ]
    batch, actor = _import("households", _county(), Role.COUNTY_OFFICER, rows)

    assert _results(batch) == ["helped_dibao", "refused", "refused", "helped_edge"]
    with acting_as(actor):
        notes = [row.notes[-1:] for row in batch.rows.order_by("row_number")]
    assert notes[0] == ["此前已导入"]
    assert "已认定为最低生活保障" in notes[1][0]
    assert "另一姓名" in notes[2][0]
    with acting_as(SYSTEM):
        assert (Household.objects.count(), Person.objects.count()) == (2, 3)
        assert Recognition.objects.count() == 3


def test_government_payments_become_reported_facts_on_their_needs() -> None:
    _family()
    rows = [
        PAYMENT,
        ["临时救助", "林榕", ID, "医疗", "住院自付", 2000, "2026-03-05", "LS-1"],
        ["低保", "林榕", ID, None, None, 469, "2026-03-05", "DB-1"],
        ["临时救助", "陈兰", OTHER_ID, None, None, 500, "2026-03-05", "LS-2"],
        ["临时救助", "陈榕", ID, None, None, 500, "2026-03-05", "LS-3"],
    ]
    batch, _ = _import("government_payments", _county(), Role.COUNTY_OFFICER, rows)

    assert _results(batch) == ["helped_temp", "helped_dibao", "not_found", ""]
    with acting_as(SYSTEM):
        entry = AidEntry.objects.get(source_reference="LS-1")
        assert (entry.kind, entry.layer, entry.amount_fen) == ("reported", "government", 200_000)
        assert batch.rows.get(row_number=4).pk == entry.batch_row_id
        need = Need.objects.get(pk=entry.need_id)
        assert (need.purpose, need.cost_item, need.net_fen) == ("medical", "住院自付", None)
        assert Link.objects.get(outcome="review").rule == "id_of_another_name"


def test_a_partner_gift_above_the_net_is_recorded_and_opens_a_finding() -> None:
    _family()
    with acting_as(SYSTEM):
        child = Person.objects.get(name="林荔")
        home = Household.objects.get(number="Z1")
    need = make.need(
        home, of_person=child, net_fen=300_000, purpose="education_fee", cost_item="学年学费"
    )
    rows = [
        GIFT,
        ["林荔", "350699********2035", None, "学费", "学年学费", 2000, "2026-08-20", "G-1"],
        ["林荔", None, "2015-09-01", "学费", None, 1500, "2026-08-21", "G-2"],
        ["不详", None, "2015-09-01", "学费", None, 1500, "2026-08-21", "G-3"],
    ]
    batch, actor = _import(
        "partner_beneficiaries", make.partner("trade_union"), Role.PARTNER_OFFICER, rows
    )

    assert _results(batch) == ["already_covered", "", "not_found"]
    with acting_as(SYSTEM):
        link = Link.objects.get(outcome="review")
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        link_decide(link=link, person=child, actor=officer)
    with acting_as(actor):
        done = batch_apply(batch=batch, actor=actor)
    assert done.applied_count == 3
    assert _results(batch) == ["already_covered", "already_covered", "not_found"]
    with acting_as(SYSTEM):
        facts = AidEntry.objects.filter(need=need, kind="reported", layer="group")
        assert sorted(fact.amount_fen for fact in facts) == [150_000, 200_000]
        assert Finding.objects.filter(need=need, code="O-03").exists()
        assert Link.objects.get(rule="unknown_person").person_id is None


def test_a_medical_push_opens_one_signal_and_finds_people_on_no_list() -> None:
    _family()
    rows = [
        BILL,
        ["林榕", ID, None, "YB-1", "2026-02-01", 15000, 9000, 0],
        ["林榕", ID, None, "YB-2", "2026-03-01", "5,000.01", 1000, None],
        ["陈兰", OTHER_ID, VILLAGE, "YB-3", "2026-03-01", 90000, 49999.99, 0],
        ["郭安", "350699197001010013", None, "YB-4", "2026-03-01", 90000, 1000, 0],
    ]
    batch, _ = _import(
        "medical_bills", make.partner("medical_insurance"), Role.DEPARTMENT_LIAISON, rows
    )

    assert _results(batch) == ["already_covered", "planned_temp", "planned_temp", "not_found"]
    with acting_as(SYSTEM):
        assert MedicalBill.objects.count() == 3
        measures = Signal.objects.order_by("opened_on", "id").values_list(
            "evidence__measure", "evidence__amount_fen"
        )
        assert set(measures) == {("gross", 2_000_001), ("self_paid", 4_000_001)}
        assert Person.objects.filter(name="陈兰", region_id=VILLAGE).exists()


def test_rows_of_one_file_see_whom_earlier_rows_recorded_and_whom_undone_rows_did_not() -> None:
    _family()
    rows = [
        BILL,
        ["林榕", ID, None, "YB-1", "2026-02-01", 100, 0, 0],
        # The bill's number is known: the person whom policy found goes with the row.
        ["陈兰", OTHER_ID, VILLAGE, "YB-1", "2026-03-01", 90000, 100, 0],
        ["陈兰", OTHER_ID, VILLAGE, "YB-2", "2026-03-01", 90000, 100, 0],
        ["陈兰", OTHER_ID, None, "YB-3", "2026-03-02", 100, 0, 0],
    ]
    batch, actor = _import(
        "medical_bills", make.partner("medical_insurance"), Role.DEPARTMENT_LIAISON, rows
    )
    assert _results(batch) == ["already_covered", "refused", "planned_temp", "planned_temp"]
    with acting_as(SYSTEM):
        found = Person.objects.get(name="陈兰")
        assert MedicalBill.objects.filter(person=found).count() == 2
        assert Signal.objects.filter(person=found).count() == 1
        links = Link.objects.filter(row_id__in=batch.rows.values("id")).order_by("id")
        assert [(link.outcome, link.person_id) for link in links[1:]] == [
            ("new", None),
            ("linked", found.pk),
        ]
        written = Event.objects.filter(actor_id=actor.id, verb="person.recorded")
        assert [event.person_id for event in written] == [found.pk]


def test_a_family_whose_first_row_is_undone_is_opened_by_the_next() -> None:
    _family()
    rows = [
        FAMILY,
        ["Z2", VILLAGE, "林兰", ID, "户主", "男", "低保", 469, "2026-02-01"],
        ["Z2", VILLAGE, "陈兰", OTHER_ID, "户主", "女", "低保", 469, "2026-02-01"],
        ["Z2", VILLAGE, "陈兰", OTHER_ID, "户主", "女", "特困人员", 469, "2026-03-01"],
        ["Z1", VILLAGE, "陈兰", OTHER_ID, "配偶", "女", "低保", 469, "2026-03-01"],
    ]
    batch, _ = _import("households", _county(), Role.COUNTY_OFFICER, rows)
    assert _results(batch) == ["refused", "helped_dibao", "refused", "refused"]
    with acting_as(SYSTEM):
        home = Household.objects.get(number="Z2")
        assert [member.person.name for member in home.members.all()] == ["陈兰"]
        opened = Event.objects.filter(verb="household.recorded", data__number="Z2")
        assert [event.subject_id for event in opened] == [str(home.pk)]


def test_a_row_that_contradicts_its_own_id_is_an_error() -> None:
    actor = make.actor(Role.COUNTY_OFFICER)
    rows = [FAMILY, ["Z1", VILLAGE, "林荔", ID, "女儿", "女", "低保", 469, "2025-01-01"]]
    with acting_as(actor):
        batch = batch_receive(
            sender=_county(),
            region=make.region(make.COUNTY),
            kind="households",
            number="1",
            file_name="a.xlsx",
            content=book(rows),
            actor=actor,
        )
        assert [e["column"] for row in batch.rows.all() for e in row.errors] == ["性别"]


@pytest.mark.parametrize(
    "kind", ["households", "government_payments", "medical_bills", "partner_beneficiaries"]
)
def test_every_kind_has_a_template(kind: str) -> None:
    assert template_xlsx(kind).startswith(b"PK")
