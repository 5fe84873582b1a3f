"""Planning a meeting and freezing its pack: who may, when, and always the same bytes."""

import hashlib
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from aid.models import Brand
from audit.acting import acting_as
from audit.models import Event
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from meetings.models import Meeting, Pack
from meetings.services import RENDERERS, meeting_plan, pack_file, pack_freeze
from tests import make
from tests.donors.cast import at_once
from tests.meetings.facts import AS_OF, KNOWN_AT, at, entry, prevented

DAY = date(2026, 7, 2)


def plan(actor: Actor, code: str = make.COUNTY, title: str = "联席会议") -> Meeting:
    with acting_as(actor):
        return meeting_plan(region=make.region(code), title=title, planned_on=DAY, actor=actor)


def freeze(meeting: Meeting, actor: Actor, **values: Any) -> Pack:
    with acting_as(actor):
        given = {"as_of": AS_OF, "known_at": KNOWN_AT, **values}
        return pack_freeze(meeting=meeting, actor=actor, **given)


def rows() -> tuple[list[str], int, int]:
    with acting_as(SYSTEM):
        return (
            list(Meeting.objects.values_list("state", flat=True)),
            Pack.objects.count(),
            Event.objects.count(),
        )


def text_of(pack: Pack) -> str:
    return str(pack.snapshot["report"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "code", "may_plan", "may_freeze"),
    [
        (Role.MEETING_SECRETARY, make.COUNTY, True, True),
        (Role.MEETING_SECRETARY, make.CITY, True, True),
        (Role.CITY_OFFICER, make.CITY, True, False),
        (Role.MEETING_SECRETARY, make.OTHER_COUNTY, False, False),
        (Role.COUNTY_OFFICER, make.COUNTY, False, False),
        (Role.AUDITOR, make.CITY, False, False),
    ],
)
def test_who_may_plan_and_freeze_and_the_denied_change_nothing(
    role: Role, code: str, may_plan: bool, may_freeze: bool
) -> None:
    meeting = plan(make.actor(Role.MEETING_SECRETARY))
    before = rows()
    actor = make.actor(role, code)
    for action, allowed in (
        (lambda: plan(actor), may_plan),
        (lambda: freeze(meeting, actor), may_freeze),
    ):
        if allowed:
            action()
        else:
            with pytest.raises(Refused) as no:
                action()
            assert no.value.code == "denied"
    if not may_plan and not may_freeze:
        assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"known_at": timezone.now() + timedelta(days=2)}, "knownAt"),
        ({"known_at": datetime(2026, 7, 1, 12)}, "knownAt"),  # noqa: DTZ001
        ({"as_of": clock.today() + timedelta(days=1)}, "asOf"),
    ],
)
def test_days_and_times_to_come_are_refused_and_nothing_is_frozen(
    values: dict[str, Any], field: str
) -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    meeting = plan(secretary)
    before = rows()
    with pytest.raises(Refused) as no:
        freeze(meeting, secretary, **values)
    assert no.value.code == "invalid"
    assert list(no.value.details["fields"]) == [field]
    assert rows() == before == (["planned"], 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["", "  ", "会" * 101])
def test_a_meeting_needs_a_name_that_fits(title: str) -> None:
    with pytest.raises(Refused) as no:
        plan(make.actor(Role.MEETING_SECRETARY), title=title)
    assert (no.value.code, rows()) == ("invalid", ([], 0, 0))


@pytest.mark.django_db
def test_freezing_is_recorded_once_and_a_second_call_gives_the_same_pack() -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    meeting = plan(secretary)
    pack = freeze(meeting, secretary)
    entry(make.need(), "promise", 500, recorded=at(6, 1))  # back-dated by a careless hand

    again = freeze(meeting, secretary)

    assert again.pk == pack.pk
    assert rows()[:2] == (["papers_frozen"], 1)
    with acting_as(SYSTEM):
        verbs = sorted(Event.objects.values_list("verb", flat=True))
        assert Event.objects.get(verb="meeting.pack_frozen").data["digests"] == pack.digests
    assert verbs == ["meeting.pack_frozen", "meeting.planned"]
    assert freeze(meeting, secretary, known_at=at(7, 1, 13)).pk != pack.pk


@pytest.mark.django_db
def test_a_meeting_that_was_held_stays_held() -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    meeting = plan(secretary)
    with acting_as(SYSTEM):
        Meeting.objects.update(state=Meeting.State.HELD)
    freeze(meeting, secretary)
    assert rows()[0] == ["held"]


@pytest.mark.django_db
def test_a_pack_of_nothing_says_so_in_words() -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    pack = freeze(plan(secretary), secretary)
    for sentence in (
        "已建档家庭 0 户、0 人",
        "截至统计日没有在册对象。",
        "截至统计日没有救助帮扶资金。",
        "本年没有新增认定。",
        "本年没有拦截到重复救助。",
        "本年没有事后发现的重叠。",
        "没有超过 30 日无人响应的需求和线索。",
        "截至统计日没有覆盖本辖区的匹配运行。",
        "截至统计日没有办理过匹配建议。",
    ):
        assert sentence in text_of(pack)
    for kind in RENDERERS:
        assert hashlib.sha256(pack_file(pack=pack, kind=kind)).hexdigest() == pack.digests[kind]


@pytest.mark.django_db
def test_a_pack_says_what_its_numbers_are_and_counts_its_county_alone() -> None:
    need = make.need(net_fen=100_000_000)
    promise = entry(need, "promise", 700_000_00, brand=Brand.objects.order_by("position")[0])
    entry(need, "payment", 200_000_00, of=promise)
    prevented(need, 12_345, at(5, 1))
    near, far = (make.actor(Role.MEETING_SECRETARY, c) for c in (make.COUNTY, make.OTHER_COUNTY))

    said = text_of(freeze(plan(near), near))
    nothing = text_of(freeze(plan(far, make.OTHER_COUNTY), far))

    assert "2026 年各来源救助帮扶支出 20.00 万元，本年承诺 70.00 万元（含已支付的）" in said
    assert "已承诺尚未支付 50.00 万元（含往年承诺）" in said
    assert "拦截重复救助 1 次，避免重复支出 123.45 元" in said
    assert "O-03 超过核定净额" in said
    for term in ("统计口径", "本年支出：", "本年承诺：", "尚未支付：", "无人响应："):
        assert term in said
    assert "救助帮扶支出 0.00 万元" in nothing
    assert "拦截重复救助 0 次" in nothing


@pytest.mark.django_db
def test_another_kind_of_file_is_not_found() -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    with pytest.raises(Refused) as no:
        pack_file(pack=freeze(plan(secretary), secretary), kind="odt")
    assert no.value.code == "not_found"


_ELSEWHERE = """
import django, hashlib, sys
django.setup()
from audit.acting import acting_as
from kernel.access import SYSTEM
from meetings.models import Pack
from meetings.services import RENDERERS, pack_file
with acting_as(SYSTEM):
    pack = Pack.objects.get()
for kind in sorted(RENDERERS):
    print(hashlib.sha256(pack_file(pack=pack, kind=kind)).hexdigest())
"""


def test_another_process_another_day_and_zone_gives_the_same_bytes(
    committed_db: dict[str, str],
) -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    promise = entry(make.need(), "promise", 50_000)
    pack = freeze(plan(secretary), secretary)
    entry(promise.need, "release", 50_000, of=promise)
    connections.close_all()

    said = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        cwd=settings.ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "DATABASE_URL": committed_db["web"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{settings.ROOT}{os.pathsep}{settings.ROOT / 'platform'}",
            "PYTHONHASHSEED": "7",
            "TZ": "America/New_York",
            "BUSINESS_DATE": "2027-02-28",
            "DEMO": "1",
        },
    )

    assert said.stdout.split() == [pack.digests[kind] for kind in sorted(RENDERERS)]


def test_two_secretaries_at_once_freeze_one_pack(committed_db: dict[str, str]) -> None:
    one, other = (make.actor(Role.MEETING_SECRETARY) for _ in range(2))
    meeting = plan(one)
    made = at_once(lambda: freeze(meeting, one).pk, lambda: freeze(meeting, other).pk)
    assert len(made) == 2
    assert len(set(made)) == 1
    assert rows()[1] == 1
