"""The other numbers of a pack: stock, prevented overlaps, gaps, wishes and decisions."""

from datetime import date, datetime
from typing import Any

import pytest
from psycopg.types.range import DateRange

from aid.models import Finding
from audit.acting import acting_as
from donors.models import Claim, Donation
from households.models import Category, Household, Recognition
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from matching.models import Proposal, Run
from matching.services import proposal_approve, proposal_reject
from projects.models import Wish
from tests import make
from tests.matching import market
from tests.meetings.facts import at, entry, numbers, prevented
from tests.projects.story import Story

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.role("worker")]


def recognise(household: Household, *categories: Category, recorded: datetime) -> None:
    person = make.person(household)
    with acting_as(SYSTEM):
        Recognition.objects.bulk_create(
            [
                Recognition(
                    person=person,
                    household=household,
                    region=household.region,
                    category=category,
                    period=DateRange(date(2026, 2, 1), date(2026, 9, 1)),
                    recorded_at=recorded,
                )
                for category in categories
            ]
        )


def test_a_person_of_two_categories_is_one_person_on_the_lists() -> None:
    home = make.household(recorded_at=at(2, 1))
    recognise(home, Category.DIBAO, Category.DISABLED, recorded=at(2, 1))
    recognise(home, Category.DIBAO, recorded=at(7, 2))  # known too late

    stock = numbers()["stock"]

    assert stock["households"] == 1
    assert stock["recognised"] == {"persons": 1, "households": 1}
    assert [(row["code"], row["persons"]) for row in stock["categories"]] == [
        ("dibao", 1),
        ("disabled", 1),
    ]
    assert [row["persons"] for row in numbers()["new_cases"]["recognitions"]] == [1, 1]
    assert numbers(as_of=date(2026, 1, 31))["stock"]["recognised"]["persons"] == 0


@pytest.mark.parametrize(
    ("recorded", "counts"),
    [
        (at(1, 1, 0), True),
        (datetime.fromisoformat("2025-12-31T23:59:59+08:00"), False),
        (datetime.fromisoformat("2026-06-30T23:59:59+08:00"), True),
        (at(7, 1, 0), False),
    ],
)
def test_prevented_overlaps_count_by_shanghai_days_of_the_year(
    recorded: datetime, counts: bool
) -> None:
    prevented(make.need(), 700, recorded)
    found = numbers()["prevented"]
    assert (found["count"], found["fen"]) == ((1, 700) if counts else (0, 0))


def test_what_happened_after_the_time_of_knowledge_is_not_prevented_yet() -> None:
    need = make.need()
    prevented(need, 700, at(6, 30, 9))
    prevented(need, 80, at(6, 30, 10))
    found = numbers(known_at=at(6, 30, 9))["prevented"]
    assert (found["count"], found["fen"]) == (1, 700)
    assert numbers(code=make.OTHER_COUNTY)["prevented"]["fen"] == 0


def test_findings_of_the_year_by_code() -> None:
    need = make.need()
    with acting_as(SYSTEM):
        for code, opened in (("O-14", at(3, 1)), ("O-03", at(3, 1)), ("O-06", at(7, 1, 0))):
            Finding.objects.create(
                code=code, outcome="REASON", need=need, region_id=need.region_id,
                amount_fen=5, opened_at=opened,
            )  # fmt: skip
    assert [(row["code"], row["count"], row["fen"]) for row in numbers()["findings"]] == [
        ("O-03", 1, 5),
        ("O-14", 1, 5),
    ]


def test_gaps_are_needs_that_waited_with_nothing_by_county_and_purpose() -> None:
    long_ago: dict[str, Any] = {"recorded_at": at(3, 1), "assessed_at": at(3, 1)}
    make.need(**long_ago)
    helped = make.need(**long_ago)
    entry(helped, "promise", 10)
    helped_late = make.need(purpose="living", **long_ago)
    entry(helped_late, "promise", 10, recorded=at(7, 2))
    make.need(recorded_at=at(6, 20), assessed_at=at(6, 20))
    make.need(make.household(make.OTHER_VILLAGE), **long_ago)

    found = numbers()["gaps"]

    assert (found["days"], found["count"]) == (30, 3)
    assert sorted(row["count"] for row in found["places"]) == [1, 2]
    assert {row["label"]: row["count"] for row in found["purposes"]} == {"医疗": 2, "生活": 1}
    assert numbers(code=make.OTHER_COUNTY)["gaps"]["count"] == 1


def wishes() -> list[int]:
    return [row["count"] for row in numbers()["wishes"]]


def claim(wish: Wish, held_until: datetime, state: str = "held") -> Claim:
    with acting_as(SYSTEM):
        return Claim.objects.create(
            wish=wish, donor_id=new_id(), organisation=wish.organisation, quantity=1,
            held_until=held_until, created_at=at(6, 1), state=state,
        )  # fmt: skip


def gift(claim: Claim) -> None:
    with acting_as(SYSTEM):
        Donation.objects.create(
            claim=claim, wish=claim.wish, donor_id=new_id(), organisation=claim.organisation,
            amount_fen=1, provider="paysim", received_at=at(6, 1, 13),
        )  # fmt: skip


def test_a_wish_counts_at_each_stage_and_a_claim_that_ran_out_is_none() -> None:
    wish = Story().published()
    assert wishes() == [0, 0, 0, 0]  # published today, after the pack
    with acting_as(SYSTEM):
        Wish.objects.filter(pk=wish.pk).update(published_at=at(5, 1))
    assert wishes() == [1, 0, 0, 0]
    ran_out = claim(wish, at(6, 2), "expired")
    assert wishes() == [1, 0, 0, 0]
    gift(ran_out)
    assert wishes() == [1, 1, 0, 0]


def test_a_claim_that_is_held_at_the_time_counts_once() -> None:
    wish = Story().published()
    with acting_as(SYSTEM):
        Wish.objects.filter(pk=wish.pk).update(published_at=at(5, 1))
    claim(wish, at(8, 1), "cancelled")
    assert wishes() == [1, 0, 0, 0]
    gift(claim(wish, at(8, 1), "expired"))
    claim(wish, at(8, 2))
    assert wishes() == [1, 1, 0, 0]


def decided(code: str = make.COUNTY) -> list[tuple[str, int, int]]:
    """What a pack of this moment says of the proposals; the steps' times are the database's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    rows = numbers(code, now.date().replace(year=now.year + 1), now)["matching"]["decided"]
    return [(row["label"], row["count"], row["fen"]) for row in rows]


def test_proposals_count_once_however_many_steps_they_took() -> None:
    first = market.proposal(net_fen=90_000)
    officer, reviewer = make.actor(Role.COUNTY_OFFICER), make.actor(Role.COUNTY_REVIEWER)
    assert decided() == []
    with acting_as(officer):
        proposal_approve(proposal=first, actor=officer)
    assert decided() == [("待复核", 1, 90_000)]
    with acting_as(reviewer):
        proposal_approve(proposal=first, actor=reviewer)
    assert decided() == [("已批准", 1, 90_000)]
    assert decided(make.OTHER_COUNTY) == []


def test_rejected_and_held_proposals_are_told_from_their_traces() -> None:
    officer, reviewer = make.actor(Role.COUNTY_OFFICER), make.actor(Role.COUNTY_REVIEWER)
    market.project()
    make.need(net_fen=40_000)
    make.need(net_fen=50_000)
    market.run()
    small, large = sorted(market.proposals(), key=lambda p: p.granted_fen)
    with acting_as(officer):
        proposal_reject(proposal=small, reason="已自行解决", actor=officer)
        proposal_approve(proposal=large, actor=officer)
    market.other_aid(large.need, 50_000)
    with acting_as(reviewer):
        assert proposal_approve(proposal=large, actor=reviewer).state == Proposal.State.HELD
    assert decided() == [("重叠待处理", 1, 50_000), ("已退回", 1, 40_000)]


def test_a_county_finds_the_run_of_the_city_but_the_city_none_of_a_county() -> None:
    def made(code: str, when: datetime, ratio: float) -> None:
        with acting_as(SYSTEM):
            Run.objects.create(
                region=make.region(code), input_hash="0" * 64, engine_version="1",
                certificate={"ratio": ratio, "violations": 0},
                created_by=SYSTEM.id, created_at=when,
            )  # fmt: skip

    made(make.CITY, at(6, 1), 0.91)
    made(make.OTHER_COUNTY, at(6, 2), 0.92)
    made(make.CITY, at(7, 1), 0.93)
    found = {c: numbers(c)["matching"] for c in (make.CITY, make.COUNTY, make.OTHER_COUNTY)}
    assert {code: row["ratio"] for code, row in found.items()} == {
        make.CITY: 0.91,
        make.COUNTY: 0.91,
        make.OTHER_COUNTY: 0.92,
    }
    assert (found[make.COUNTY]["run_region"], found[make.COUNTY]["run_on"]) == (
        "漳州市",
        "2026-06-01",
    )
