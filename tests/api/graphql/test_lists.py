"""Every list: right rows, and as many queries for twenty of them as for one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import DateRange

from audit.acting import acting_as
from donors.models import Claim, Donation, Donor
from households.models import Category, Recognition
from kernel.access import SYSTEM, Role
from tests import make
from tests.api.graphql import rows
from tests.api.graphql.ask import Asker, somebody

pytestmark = pytest.mark.django_db

NEED = """need { id purpose { code } costItem state { code } tier startsOn endsOn personName
  grossFen netFen netQuantity aidByLayer { layer { code } amountFen } aidFen residualFen note }"""
BRIEF = "{ id number headName size regionName categories { code label } }"
PROJECT = """{ id name regionName purpose { code } categories { code } brand { name leadName }
  organisation { name certificateNumber } budgetFen promisedFen householdQuota householdCount
  state { label } appeal { isPublic reason certificateNumber contact } }"""
WISH = f"""{{ id projectName organisationName item priceFen publicTitle state {{ code }}
  claimedQuantity {NEED} household {BRIEF} warnings actions delivery {{ receipt }}
  outcome {{ publicText }} }}"""
PUBLIC = """{ id title story item quantity takenQuantity unitPriceFen regionName purpose { code }
  state { code } appeal { isPublic reason organisationName } progress outcomeText mayClaim
  mayNotReason myClaim { id amountFen donation { id } } }"""


def people(role: Role, **where: Any) -> Asker:
    return somebody(role, **where)


def some_households() -> Asker:
    for _ in range(20):
        home = make.household()
        member = make.person(home)
        with acting_as(SYSTEM):
            Recognition.objects.create(
                person=member, household=home, region=home.region, category=Category.DIBAO,
                period=DateRange(make.START, None),
            )  # fmt: skip
    return somebody(Role.COUNTY_OFFICER)


def some_runs() -> Asker:
    for _ in range(20):
        rows.proposal(of_run=rows.run())
    return somebody(Role.COUNTY_OFFICER)


def some_batches() -> Asker:
    for _ in range(20):
        rows.batch(bad=2)
    return somebody(Role.COUNTY_OFFICER)


def some_projects() -> Asker:
    body = make.charity()
    for _ in range(20):
        rows.project(body)
    return somebody(Role.CHARITY_OFFICER, organisation=body)


def some_wishes() -> Asker:
    for _ in range(20):
        rows.wish()
    return somebody(Role.COUNTY_OFFICER)


def some_needs() -> Asker:
    paying = rows.project()
    for _ in range(20):
        rows.wish(paying, consented=True)
    return somebody(Role.CHARITY_OFFICER, organisation=paying.organisation)


def some_meetings() -> Asker:
    for _ in range(20):
        rows.meeting()
    return somebody(Role.COUNTY_OFFICER)


def donor_with_gifts(count: int = 20) -> Asker:
    donor = somebody(Role.DONOR, make.CITY)
    assert donor.user
    with acting_as(SYSTEM):
        Donor.objects.create(user=donor.user)
    for _ in range(count):
        wish = rows.published()
        with acting_as(SYSTEM):
            claim = Claim.objects.create(
                wish=wish, donor_id=donor.user.pk, organisation=wish.organisation, quantity=1,
                held_until=timezone.now() + timedelta(hours=1),
            )  # fmt: skip
            Donation.objects.create(
                claim=claim, wish=wish, donor_id=donor.user.pk, organisation=wish.organisation,
                amount_fen=30_000, provider="paysim", provider_reference=str(claim.pk),
            )  # fmt: skip
    return donor


LISTS: list[tuple[str, Callable[[], Asker], str]] = [
    ("households", some_households, BRIEF),
    (
        "runs",
        some_runs,
        "{ id createdByName proposalCount grantedFen certificate { ratio tiers { label } } }",
    ),
    ("batches", some_batches, "{ id kind { label } senderName state { code } badCount }"),
    ("projects", some_projects, PROJECT),
    ("wishes", some_wishes, WISH),
    (
        "meetings",
        some_meetings,
        "{ id packs { id files { url } numbers { moneyFen } } }",
    ),
    ("organisations", lambda: somebody(Role.COUNTY_OFFICER), "{ id name certificateNumber }"),
    ("publicWishes", donor_with_gifts, PUBLIC),
    (
        "myDonations",
        donor_with_gifts,
        "{ id wishTitle organisationName amountFen state { code } terms }",
    ),
]


@pytest.mark.parametrize(("name", "start", "fields"), LISTS, ids=[row[0] for row in LISTS])
def test_twenty_rows_take_as_many_queries_as_one(
    name: str, start: Callable[[], Asker], fields: str
) -> None:
    asker = start()
    query = f"query ($n: Int) {{ {name}(pageSize: $n) {{ total items {fields} }} }}"
    counts = []
    for size in (1, 20):
        with CaptureQueriesContext(connection) as queries:
            page = asker.ask(query, n=size).data[name]
        assert len(page["items"]) == size
        assert page["total"] >= 20
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_anonymous_needs_take_as_many_queries_and_identify_nobody() -> None:
    officer = some_needs()
    project = officer.ask("{ projects { items { id } } }").data["projects"]["items"][0]["id"]
    query = """query ($p: ID!, $n: Int) { anonymousNeeds(projectId: $p, pageSize: $n) {
      total items { id purpose { code } countyName ageBand tier residualFen consentUntil } } }"""
    counts = []
    for size in (1, 20):
        with CaptureQueriesContext(connection) as queries:
            page = officer.ask(query, p=project, n=size).data["anonymousNeeds"]
        assert (len(page["items"]), page["total"]) == (size, 20)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert page["items"][0]["countyName"] == "芗城区"
    assert page["items"][0]["residualFen"] == 100_000
    other = somebody(Role.CHARITY_OFFICER, organisation=make.charity())
    assert other.ask(query, p=project).code == "denied"


def test_claims_take_as_many_queries_for_many() -> None:
    query = "{ myClaims { id wishTitle amountFen state { code } donation { id checkoutUrl } } }"
    counts = []
    for size in (1, 20):
        donor = donor_with_gifts(size)
        with CaptureQueriesContext(connection) as queries:
            assert len(donor.ask(query).data["myClaims"]) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_batch_errors_come_in_pages() -> None:
    batch = rows.batch(bad=7)
    query = """query ($id: ID!, $p: Int) { batch(id: $id) { badCount
      errors(page: $p, pageSize: 5) { total items { rowNumber column reason mend } } } }"""
    officer = somebody(Role.COUNTY_OFFICER)
    first = officer.ask(query, id=str(batch.pk), p=1).data["batch"]["errors"]
    second = officer.ask(query, id=str(batch.pk), p=2).data["batch"]["errors"]
    assert (first["total"], len(first["items"]), len(second["items"])) == (7, 5, 2)
    assert first["items"][0] == {
        "rowNumber": 2,
        "column": "姓名",
        "reason": "为空",
        "mend": "请填写",
    }


def test_charity_sees_its_wish_and_the_family_only_by_consent() -> None:
    paying = rows.project()
    known, unknown = rows.wish(paying, consented=True), rows.wish(paying)
    officer = somebody(Role.CHARITY_OFFICER, organisation=paying.organisation)
    page = officer.ask(f"{{ wishes {{ total items {WISH} }} }}").data["wishes"]
    by_id = {row["id"]: row for row in page["items"]}
    assert by_id[str(unknown.pk)]["need"] is None
    assert by_id[str(unknown.pk)]["household"] is None
    assert by_id[str(known.pk)]["need"]["personName"] == "测****"
    assert by_id[str(known.pk)]["household"]["headName"] == "测****"


def test_visitor_sees_published_wishes_and_nothing_of_the_family() -> None:
    rows.wish()
    rows.published(state="withdrawn")
    shown = rows.published()
    page = Asker().ask(f"{{ publicWishes {{ total items {PUBLIC} }} }}")
    assert page.data["publicWishes"]["total"] == 1
    row = page.data["publicWishes"]["items"][0]
    assert (row["id"], row["regionName"]) == (str(shown.pk), "芗城区")
    assert (row["progress"], row["mayClaim"]) == (["published"], False)
    assert row["mayNotReason"] == "请先登录"
    assert row["appeal"]["isPublic"] is False
    text = str(page.body)
    assert "测试心愿人" not in text
    filters = Asker().ask("{ publicWishFilters { counties { label } purposes { code } } }").data
    assert filters["publicWishFilters"] == {
        "counties": [{"label": "芗城区"}],
        "purposes": [{"code": "medical"}],
    }
    for by, total in [('countyCode: "350602"', 1), ('countyCode: "350622"', 0),
                      ('purpose: "living"', 0)]:  # fmt: skip
        found = Asker().ask(f"{{ publicWishes({by}) {{ total }} }}").data
        assert found["publicWishes"]["total"] == total
    hidden = Asker().ask("query ($id: ID!) { publicWish(id: $id) { id } }", id=str(rows.wish().pk))
    assert hidden.data == {"publicWish": None}


def test_household_in_full_for_the_county_and_less_for_the_village() -> None:
    home = make.household(address="漳州市芗城区东铺头街道某某路3号")
    person = make.person(home, name="测试户主", id_masked="350*************11", sex="m")
    make.need(home, of_person=person)
    query = """query ($id: ID!) { household(id: $id) { number regionName address openedOn
      members { name relation { label } sexLabel ageYears idMasked } recognitions { personName }
      needs { personName residualFen } aidChain { id } consents { scope } findings { id } } }"""
    seen = somebody(Role.COUNTY_OFFICER).ask(query, id=str(home.pk)).data["household"]
    assert seen["address"] == "漳州市芗城区东铺头街道某某路3号"
    assert seen["members"] == [
        {
            "name": "测试户主",
            "relation": {"label": "户主"},
            "sexLabel": "男",
            "ageYears": None,
            "idMasked": "350*************11",
        }
    ]
    assert seen["needs"] == [{"personName": "测试户主", "residualFen": 100_000}]
    village = somebody(Role.VILLAGE_ASSISTANT, make.VILLAGE)
    assert (
        village.ask(query, id=str(home.pk)).data["household"]["address"] == "漳州市芗城区东铺头街道"
    )


def test_households_are_found_by_number_name_pinyin_and_category() -> None:
    home = make.household()
    make.person(home, name="欧阳测")
    make.person(make.household(), name="测试人")
    officer = somebody(Role.COUNTY_OFFICER)

    def total(**by: str) -> int:
        query = """query ($s: String, $c: String, $r: String) {
          households(search: $s, category: $c, regionCode: $r) { total } }"""
        found: int = officer.ask(query, **by).data["households"]["total"]
        return found

    assert (total(), total(s="欧阳"), total(s=home.number), total(s="ce sh")) == (2, 1, 1, 2)
    assert (total(s="阳测"), total(c="dibao"), total(r=make.OTHER_COUNTY)) == (0, 0, 0)


def test_a_runs_layers_have_words() -> None:
    rows.run()
    asked = "{ runs { items { certificate { tiers { label } } } } }"
    [run] = somebody(Role.COUNTY_OFFICER).ask(asked).data["runs"]["items"]
    assert run["certificate"]["tiers"] == [{"label": "第一层（最急）"}]


def test_meeting_with_its_frozen_numbers() -> None:
    meeting = rows.meeting()
    query = """query ($id: ID!) { meeting(id: $id) { title packs { files { kind url digest }
      numbers { householdCount moneyByLayer { layer { label } amountFen } newCaseCount
                preventedFen gapCount gaps { label count unit } wishes { code count } } } } }"""
    pack = somebody(Role.AUDITOR).ask(query, id=str(meeting.pk)).data["meeting"]["packs"][0]
    assert [file["kind"] for file in pack["files"]] == ["pdf", "docx", "xlsx"]
    assert pack["numbers"]["moneyByLayer"] == [{"layer": {"label": "慈善"}, "amountFen": 5}]
    assert (pack["numbers"]["newCaseCount"], pack["numbers"]["preventedFen"]) == (5, 7)
    assert pack["numbers"]["gaps"] == [{"label": "芗城区", "count": 2, "unit": "件"}]


def test_me_choices_regions_and_brands() -> None:
    officer = somebody(Role.COUNTY_OFFICER)
    me = officer.ask("{ me { name permissions roles { role label regionName } } }").data["me"]
    assert me["roles"] == [
        {"role": "county_officer", "label": "县级民政经办人", "regionName": "芗城区"}
    ]
    assert "match.first_review" in me["permissions"]
    assert "match.approve" not in me["permissions"]
    query = "query ($p: String) { regions(parentCode: $p) { code name fullName level { code } } }"
    assert [r["code"] for r in officer.ask(query).data["regions"]] == ["350602"]
    city = somebody(Role.CITY_OFFICER, make.CITY)
    assert len(city.ask(query).data["regions"]) >= 11
    township = officer.ask(query, p="350602").data["regions"][0]
    assert (township["level"]["code"], township["fullName"][:3]) == ("township", "芗城区")
    choices = Asker().ask("{ choices { purposes { code label } batchKinds { code } } }").data
    assert {"code": "medical", "label": "医疗"} in choices["choices"]["purposes"]
    assert "households" in {kind["code"] for kind in choices["choices"]["batchKinds"]}
    brands = Asker().ask("{ brands { position name purpose { label } } }").data["brands"]
    assert [brand["position"] for brand in brands] == list(range(1, 10))
