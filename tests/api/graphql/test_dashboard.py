"""The dashboard: sums by the database, of the reader's regions only, and fast."""

import time
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.types.range import DateRange

from aid.models import Layer, Prevented
from aid.roles import as_exchange
from aid.services import aid_promise, aid_report
from audit.acting import acting_as
from households.models import Household, Member, Need, Person
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from regions.models import Region
from tests import make
from tests.api.graphql import rows
from tests.api.graphql.ask import somebody

DASHBOARD = """{ dashboard { asOf householdCount personCount openNeedCount netFen aidFen
  residualFen preventedCount preventedFen gapCount
  coverageByRegion { code label needCount netFen aidFen }
  coverageByPurpose { code label needCount netFen aidFen }
  todo { code label count oldestAt } } }"""


def promise(need: Need, fen: int) -> None:
    with acting_as(SYSTEM):
        aid_promise(
            need=need,
            layer=Layer.CHARITY,
            organisation=make.charity(),
            amount_fen=fen,
            source_reference=str(need.pk),
            actor=SYSTEM,
        )


@pytest.mark.django_db
def test_sums_of_the_readers_regions_by_place_and_purpose() -> None:
    near, far = make.household(), make.household(make.OTHER_VILLAGE)
    make.person(near)
    medical, living = make.need(near), make.need(near, purpose="living", net_fen=50_000)
    make.need(near, purpose="other", net_fen=None)
    make.need(far, net_fen=70_000)
    promise(medical, 40_000)
    promise(living, 50_000)
    with acting_as(SYSTEM):
        Prevented.objects.create(
            code="O-03", need=medical, region=near.region, organisation=make.charity(),
            asked_fen=9_000, prevented_fen=9_000, attempt="x",
        )  # fmt: skip
    county = somebody(Role.COUNTY_OFFICER).ask(DASHBOARD).data["dashboard"]
    assert (county["householdCount"], county["personCount"], county["openNeedCount"]) == (1, 1, 3)
    assert (county["netFen"], county["aidFen"], county["residualFen"]) == (150_000, 90_000, 60_000)
    assert (county["preventedCount"], county["preventedFen"]) == (1, 9_000)
    by_purpose = county["coverageByPurpose"]
    assert [(c["code"], c["needCount"], c["netFen"], c["aidFen"]) for c in by_purpose] == [
        ("living", 1, 50_000, 50_000),
        ("medical", 1, 100_000, 40_000),
        ("other", 1, 0, 0),
    ]
    assert [(c["code"], c["netFen"]) for c in county["coverageByRegion"]] == [
        ("350602001000", 150_000)
    ]
    city = somebody(Role.CITY_OFFICER, make.CITY).ask(DASHBOARD).data["dashboard"]
    assert [(c["code"], c["label"], c["netFen"]) for c in city["coverageByRegion"]] == [
        ("350602", "芗城区", 150_000),
        ("350622", "云霄县", 70_000),
    ]
    charity = somebody(Role.CHARITY_OFFICER, organisation=make.charity())
    nothing = charity.ask(DASHBOARD).data["dashboard"]
    assert (nothing["householdCount"], nothing["netFen"], nothing["todo"]) == (0, 0, [])


@pytest.mark.usefixtures("db")
@pytest.mark.role("worker")
def test_aid_beyond_a_need_meets_no_other_and_a_village_has_a_name() -> None:
    home = make.household()
    over, bare = make.need(home), make.need(home, purpose="living", net_fen=50_000)
    with acting_as(SYSTEM), as_exchange():
        aid_report(
            need=over,
            layer=Layer.CHARITY,
            organisation=make.charity(),
            amount_fen=160_000,
            source_reference="R1",
            batch_row_id=new_id(),
            effective_on=make.START,
            actor=SYSTEM,
        )
    promise(bare, 20_000)
    village = somebody(Role.VILLAGE_ASSISTANT, make.VILLAGE).ask(DASHBOARD).data["dashboard"]
    assert (village["netFen"], village["aidFen"], village["residualFen"]) == (
        150_000,
        120_000,
        30_000,
    )
    assert [(c["label"], c["aidFen"]) for c in village["coverageByRegion"]] == [("本辖区", 120_000)]


@pytest.mark.django_db
def test_todo_tells_each_reader_what_waits_for_him() -> None:
    paying = rows.project()
    rows.proposal(of_project=paying)
    rows.wish(paying)
    rows.wish(paying, state="screened")
    rows.published(paying, state="funded")
    rows.batch()
    rows.meeting()

    def waiting(role: Role, **where: object) -> dict[str, int]:
        asker = somebody(role, **where)  # type: ignore[arg-type]
        todo = asker.ask(DASHBOARD).data["dashboard"]["todo"]
        assert all(row["oldestAt"] for row in todo)
        return {row["code"]: row["count"] for row in todo}

    assert waiting(Role.COUNTY_OFFICER) == {
        "proposals": 1,
        "wishes_screen": 1,
        "wishes_verify": 1,
        "batches": 1,
    }
    assert waiting(Role.COUNTY_REVIEWER) == {}
    assert waiting(Role.MEETING_SECRETARY) == {"packs": 1}
    assert waiting(Role.CHARITY_OFFICER, organisation=paying.organisation) == {"deliveries": 1}


@pytest.mark.django_db
def test_dashboard_of_5000_households_takes_under_300_ms() -> None:
    villages = list(
        Region.objects.filter(path__startswith="/350600/350602/", level="village", successor=None)
    )
    period, now = DateRange(date(2026, 1, 1), date(2027, 1, 1)), timezone.now()
    homes = [
        Household(number=f"P{n}", region=villages[n % len(villages)], opened_on=make.START)
        for n in range(5_000)
    ]
    people = [
        Person(region=home.region, name="测试人", pinyin="ce", temporary_key=home.number)
        for home in homes
    ]
    with acting_as(SYSTEM):
        Household.objects.bulk_create(homes)
        Person.objects.bulk_create(people)
        Member.objects.bulk_create(
            Member(household=h, person=p, relation="head", period=period, region=h.region)
            for h, p in zip(homes, people, strict=True)
        )
        Need.objects.bulk_create(
            Need(
                household=home, scope_id=home.pk, region=home.region, purpose="medical",
                cost_item=f"item{n}", period=period, net_fen=100_000, state="open",
                assessed_at=now,
            )
            for home in homes
            for n in range(2)
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    officer = somebody(Role.CITY_OFFICER, make.CITY)
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        seen = officer.ask(DASHBOARD, key=str(new_id())).data["dashboard"]
        spent.append(time.perf_counter() - began)
    assert (seen["householdCount"], seen["openNeedCount"]) == (5_000, 10_000)
    assert sorted(spent)[2] < 0.3
