"""Recording families: sealed IDs, permissions, refusals in Chinese, consent."""

import logging
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from aid.models import Finding
from aid.services import aid_promise
from audit.acting import acting_as
from audit.models import Event
from audit.services import personal_of
from households.models import Household, Member, Need, Person
from households.selectors import (
    household_of,
    households_visible_to,
    needs_visible_to,
    person_by_id_number,
    persons_visible_to,
)
from households.services import (
    bill_record,
    consent_record,
    consent_withdraw,
    household_record,
    need_assess,
    need_record,
    need_withdraw,
    person_read_id,
    person_record,
    recognition_record,
)
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from tests import make

NUMBER = "350699198802201025"


@pytest.fixture(autouse=True)
def _database(_database_role: None, db: None) -> None:
    """Every test connects as its role first, then begins its transaction."""


@pytest.fixture
def officer() -> Actor:
    return make.actor(Role.TOWNSHIP_OFFICER)


def recorded(home: Household, actor: Actor, number: str | None = NUMBER) -> Person:
    return person_record(
        household=home,
        name="测试人",
        relation=Member.Relation.HEAD,
        id_number=number,
        joined_on=make.START,
        actor=actor,
    )


def need_of(home: Household, actor: Actor, **values: object) -> Need:
    facts: dict[str, object] = {
        "household": home,
        "purpose": "medical",
        "cost_item": "住院",
        "starts_on": make.START,
        "ends_on": date(2026, 12, 31),
        "gross_fen": 5_000_000,
        "actor": actor,
    }
    return need_record(**(facts | values))  # type: ignore[arg-type]


def test_an_id_is_sealed_found_by_its_digest_and_read_with_an_event(
    officer: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with acting_as(officer):
        person = recorded(make.household(), officer, f" {NUMBER[:17]}５ ")
        assert (person.born_on, person.sex) == (date(1988, 2, 20), "f")
        assert person.id_masked == "350*************25"
        stored = Person.objects.values_list("id_sealed", "id_digest").get()
        assert NUMBER.encode() not in b"".join(bytes(value or b"") for value in stored)
        assert person_by_id_number(NUMBER.lower()) == person
        assert person_by_id_number("350699198802201024") is None
        assert person_by_id_number("350699194506120011") is None
        assert person_read_id(person=person, actor=officer) == NUMBER
        event = Event.objects.get(verb="person.id_read")
        assert (event.person_id, event.actor_id) == (person.pk, officer.id)
        told = personal_of(Event.objects.get(verb="person.recorded"))
        assert told == {"name": "测试人", "id_masked": "350*************25"}
        assert NUMBER not in str(list(Event.objects.values()))
    assert NUMBER not in caplog.text


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("350699198802201026", "校验位"),
        ("35069919880220", "18位"),
        ("350699198813201025", "不存在"),
        ("3.50699E+17", "表格软件"),
    ],
)
def test_an_invalid_id_is_refused_in_chinese_and_nothing_is_written(
    officer: Actor, number: str, said: str
) -> None:
    with acting_as(officer):
        home = make.household()
        with pytest.raises(Refused) as no:
            recorded(home, officer, number)
        assert no.value.code == "bad_resident_id"
        assert said in no.value.message
        assert not Person.objects.exists()


def test_an_id_of_somebody_else_is_refused(officer: Actor) -> None:
    with acting_as(officer):
        home = make.household()
        with pytest.raises(Refused, match="id_mismatch"):
            person_record(
                household=home,
                name="测试儿",
                relation="child",
                id_number=NUMBER,
                born_on=date(2015, 9, 1),
                joined_on=make.START,
                actor=officer,
            )
        recorded(home, officer)
        with pytest.raises(Refused) as no:
            recorded(make.household(), officer)
        assert (no.value.code, no.value.details["code"]) == ("person_known", "O-07")
        assert NUMBER not in str(no.value)
        assert Person.objects.count() == Member.objects.count() == 1


def test_a_person_without_id_gets_a_temporary_key(officer: Actor) -> None:
    with acting_as(officer):
        person = recorded(make.household(), officer, None)
        assert person.temporary_key
        with pytest.raises(Refused, match="no_id"):
            person_read_id(person=person, actor=officer)


def test_one_person_one_household_at_a_time(officer: Actor) -> None:
    with acting_as(officer):
        home = make.household()
        person = recorded(home, officer)
        assert household_of(person, date(2026, 5, 1)) == home
        assert household_of(person, date(2025, 12, 31)) is None


#: A verb and who may not do it in 芗城区.
@pytest.mark.parametrize(
    ("role", "county"),
    [
        (Role.TOWNSHIP_OFFICER, make.OTHER_COUNTY),
        (Role.CHARITY_OFFICER, make.COUNTY),
        (Role.AUDITOR, make.CITY),
        (Role.DONOR, make.COUNTY),
    ],
)
def test_others_may_record_nothing(role: Role, county: str) -> None:
    home, person = make.household(), make.person()
    need, giver = make.need(home), make.charity()
    actor = make.actor(role, county, giver)
    before = Event.objects.count()
    calls: list[Callable[[], object]] = [
        lambda: household_record(region=home.region, number="x", opened_on=make.START, actor=actor),
        lambda: recorded(home, actor),
        lambda: person_read_id(person=person, actor=actor),
        lambda: recognition_record(
            person=person, household=home, category="dibao", starts_on=make.START, actor=actor
        ),
        lambda: bill_record(
            person=person,
            household=home,
            sender=giver,
            reference="x",
            settled_on=make.START,
            gross_fen=1,
            actor=actor,
        ),
        lambda: need_of(home, actor),
        lambda: need_assess(need=need, net_fen=1, actor=actor),
        lambda: need_withdraw(need=need, reason="x", actor=actor),
        lambda: consent_record(
            household=home,
            organisation=giver,
            scope="x",
            valid_until=clock.today(),
            evidence="x",
            actor=actor,
        ),
    ]
    with acting_as(actor):
        for call in calls:
            with pytest.raises(Refused, match="denied"):
                call()
    with acting_as(SYSTEM):
        assert Event.objects.count() == before
        assert Need.objects.get().net_fen == 100_000


def test_a_need_is_recorded_once_assessed_and_withdrawn_while_unused() -> None:
    county = make.actor(Role.COUNTY_OFFICER)
    with acting_as(county):
        home = make.household()
        need = need_of(home, county)
        with pytest.raises(Refused) as twice:
            need_of(home, county, starts_on=date(2026, 6, 1), ends_on=date(2027, 6, 1))
        assert twice.value.code == "need_known"
        need_of(home, county, starts_on=date(2027, 1, 1), ends_on=date(2027, 6, 1))
        need_of(home, county, cost_item="门诊")
        with pytest.raises(Refused, match="bad_period"):
            need_of(home, county, ends_on=date(2025, 1, 1))
        with pytest.raises(Refused, match="net_above_gross"):
            need_assess(need=need, net_fen=5_000_001, actor=county)
        with pytest.raises(Refused, match="no_net"):
            need_assess(need=need, actor=county)
        with pytest.raises(Refused, match="bad_amount"):
            need_assess(need=need, net_fen=-1, actor=county)
        need = need_assess(need=need, net_fen=1_800_000, actor=county)
        assert (need.state, need.net_fen) == ("open", 1_800_000)
        giver = make.charity()
    with acting_as(SYSTEM):
        aid_promise(
            need=need,
            layer="charity",
            organisation=giver,
            amount_fen=1_800_000,
            source_reference="C1",
            actor=SYSTEM,
        )
    with acting_as(county):
        with pytest.raises(Refused, match="need_in_use"):
            need_withdraw(need=need, reason="家庭放弃", actor=county)
        need_assess(need=need, net_fen=1_200_000, actor=county)
        finding = Finding.objects.get()
        assert (finding.code, finding.amount_fen) == ("O-14", 600_000)
        unused = need_of(home, county, cost_item="康复")
        assert need_withdraw(need=unused, reason="已自费", actor=county).state == "withdrawn"
        with pytest.raises(Refused, match="wrong_state"):
            need_assess(need=unused, net_fen=1, actor=county)
        need_of(home, county, cost_item="康复")


def test_bills_and_recognitions_refuse_repeats(officer: Actor) -> None:
    with acting_as(officer):
        home = make.household()
        person = make.person(home)
        facts = {"person": person, "household": home, "actor": officer}
        bill = {
            **facts,
            "sender": make.partner("medical_insurance"),
            "reference": "B1",
            "settled_on": make.START,
            "gross_fen": 5_000_000,
        }
        assert bill_record(**bill, insurance_fen=3_200_000).net_fen == 1_800_000  # type: ignore[arg-type]
        with pytest.raises(Refused, match="bill_known"):
            bill_record(**bill)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="bad_bill"):
            bill_record(**bill | {"reference": "B2"}, insurance_fen=5_000_001)  # type: ignore[arg-type]
        recognised = {**facts, "category": "dibao", "starts_on": make.START}
        recognition_record(**recognised)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="recognised"):
            recognition_record(**recognised)  # type: ignore[arg-type]


def test_a_charity_sees_a_household_while_its_consent_lasts(officer: Actor) -> None:
    home = make.household()
    person = make.person(home)
    need, giver = make.need(home), make.charity()
    theirs = make.actor(Role.CHARITY_OFFICER, organisation=giver)

    def seen() -> list[int]:
        with acting_as(theirs):
            return [
                households_visible_to(theirs).filter(pk=home.pk).count(),
                needs_visible_to(theirs).filter(pk=need.pk).count(),
                persons_visible_to(theirs).filter(pk=person.pk).count(),
            ]

    assert seen() == [0, 0, 0]
    with acting_as(officer):
        consent = consent_record(
            household=home,
            organisation=giver,
            scope="慈善帮扶",
            valid_until=clock.today() + timedelta(days=30),
            evidence="签字",
            actor=officer,
        )
    assert seen() == [1, 1, 1]
    with acting_as(officer):
        consent_withdraw(consent=consent, actor=officer)
        with pytest.raises(Refused, match="wrong_state"):
            consent_withdraw(consent=consent, actor=officer)
    assert seen() == [0, 0, 0]


def test_lists_filter_by_region_without_the_row_policies() -> None:
    """Defence 1 alone: the system's rows are visible, the selector still hides them."""
    here, there = make.household(), make.household(make.OTHER_VILLAGE)
    for home in (here, there):
        make.person(home)
        make.need(home)
    county = make.actor(Role.COUNTY_OFFICER)
    city = make.actor(Role.CITY_OFFICER, make.CITY)
    with acting_as(SYSTEM):
        for seen in (households_visible_to, needs_visible_to, persons_visible_to):
            counts = [seen(actor).count() for actor in (county, city, SYSTEM)]
            assert counts == [1, 2, 2]
            assert seen(make.actor(Role.DONOR)).count() == 0


def test_a_list_of_needs_takes_one_query(
    django_assert_num_queries: object,
) -> None:
    for _ in range(3):
        make.need()
    county = make.actor(Role.COUNTY_OFFICER)
    with acting_as(county):
        with django_assert_num_queries(1):  # type: ignore[operator]
            rows = [(n.household.number, n.region.name) for n in needs_visible_to(county)]
        assert len(rows) == 3
