"""Who may ask what: role x query or mutation x answer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.selectors import actor_of
from audit.acting import acting_as
from audit.models import Event
from jobs.models import IdempotentReply, Job
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from matching.models import Run
from meetings.models import Meeting
from projects.models import Project
from tests import make
from tests.api.graphql import rows
from tests.api.graphql.ask import Asker, somebody

pytestmark = pytest.mark.django_db

STAFF = {
    Role.VILLAGE_ASSISTANT, Role.SOCIAL_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER,
    Role.COUNTY_REVIEWER, Role.CITY_OFFICER, Role.MEETING_SECRETARY, Role.AUDITOR,
}  # fmt: skip
ORGANISED = {
    Role.DEPARTMENT_LIAISON, Role.PARTNER_OFFICER, Role.CHARITY_OFFICER, Role.CHARITY_FINANCE,
}  # fmt: skip
ALL = {*Role} - {Role.SYSTEM}
MATCHES = {
    Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.CITY_OFFICER, Role.AUDITOR,
    Role.MEETING_SECRETARY,
}  # fmt: skip
BATCHES = {
    Role.DEPARTMENT_LIAISON, Role.PARTNER_OFFICER, Role.CHARITY_OFFICER, Role.TOWNSHIP_OFFICER,
    Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.CITY_OFFICER, Role.AUDITOR,
}  # fmt: skip

#: Query -> the roles that are answered; every other one is denied, a visitor unauthenticated.
QUERIES: dict[str, set[Role]] = {
    "{ dashboard { householdCount todo { code } } }": STAFF | ORGANISED | {Role.ADMINISTRATOR},
    "{ proposals { total } }": MATCHES,
    "{ runs { total } }": MATCHES,
    "{ households { total } }": STAFF,
    "{ batches { total } }": BATCHES,
    "{ meetings { total } }": MATCHES,
    "{ organisations { total } }": ALL,
    "{ regions { code } }": ALL,
    "{ projects { total } }": ALL,
    "{ wishes { total } }": ALL,
    "{ myClaims { id } }": ALL,
    "{ myDonations { total } }": ALL,
}


def everybody() -> dict[Role, Asker]:
    body = make.charity()
    return {role: somebody(role, organisation=body if role in ORGANISED else None) for role in ALL}


def test_queries_are_answered_by_role() -> None:
    cast = everybody()
    for query, allowed in QUERIES.items():
        answered = {role for role, asker in cast.items() if "errors" not in asker.ask(query).body}
        assert answered == allowed, query
        for role in ALL - allowed:
            assert cast[role].ask(query).code == "denied"
        assert Asker().ask(query).code == "unauthenticated"


def mutations() -> list[tuple[str, Callable[[], dict[str, Any]], set[Role]]]:
    """Mutation, its variables made anew, and the roles that get past the check of permission."""
    person, paying, run = make.person(), rows.project(), rows.run()
    with acting_as(SYSTEM):
        meeting = Meeting.objects.create(
            region=make.region(make.COUNTY), title="联席会议", planned_on=make.START,
            created_by=new_id(),
        )  # fmt: skip
    return [
        (
            "mutation ($r: String!) { matchRun(regionCode: $r) { id } }",
            lambda: {"r": make.COUNTY},
            {Role.COUNTY_OFFICER, Role.CITY_OFFICER},
        ),
        (
            "mutation ($id: ID!) { proposalApprove(id: $id) { id } }",
            lambda: {"id": str(rows.proposal(of_project=paying, of_run=run).pk)},
            {Role.COUNTY_OFFICER},
        ),
        (
            "mutation ($id: ID!) { personReadId(personId: $id) { idNumber } }",
            lambda: {"id": str(person.pk)},
            {Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER},
        ),
        (
            """mutation ($r: String!) { meetingPlan(
               regionCode: $r, title: "会议", plannedOn: "2026-12-01") { id } }""",
            lambda: {"r": make.COUNTY},
            {Role.MEETING_SECRETARY, Role.CITY_OFFICER},
        ),
        (
            """mutation ($id: ID!) { packFreeze(meetingId: $id, asOf: "2026-06-30",
               knownAt: "2199-01-01T00:00:00+08:00") { id } }""",
            lambda: {"id": str(meeting.pk)},
            {Role.MEETING_SECRETARY},
        ),
    ]


def test_mutations_pass_by_role_and_leave_nothing_when_refused() -> None:
    cast = everybody()
    for mutation, variables, allowed in mutations():
        for role, asker in cast.items():
            given = variables()
            before = _counts()
            reply = asker.ask(mutation, **given)
            past = "errors" not in reply.body or reply.code not in ("denied", "not_found")
            assert past == (role in allowed), (mutation, role, reply.body)
            if "errors" in reply.body:
                assert _counts() == before
        assert Asker().ask(mutation, **variables()).code == "unauthenticated"


def _counts() -> list[int]:
    with connection.cursor() as cursor, acting_as(SYSTEM):
        found = []
        for model in (Job, Run, Meeting, Project):
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            found.append(cursor.fetchone()[0])
    return found


def test_full_id_is_read_logged_and_never_kept_as_a_reply() -> None:
    home = make.household()
    person = make.person(home)
    number = "350699194506120011"
    with acting_as(SYSTEM):
        for field, value in make.sealed_id(person.pk, number).items():
            setattr(person, field, value)
        person.save()
    officer = somebody(Role.TOWNSHIP_OFFICER)
    query = "mutation ($id: ID!) { personReadId(personId: $id) { idNumber } }"
    for _ in range(2):
        reply = officer.ask(query, key="read", id=str(person.pk))
        assert reply.data["personReadId"]["idNumber"] == number
    assert officer.user
    with acting_as(actor_of(officer.user)):
        assert not IdempotentReply.objects.exists()
    with acting_as(SYSTEM), connection.cursor() as cursor:
        assert Event.objects.filter(verb="person.id_read").count() == 2
        cursor.execute("SELECT count(*) FROM audit_event WHERE data::text LIKE %s", [f"%{number}%"])
        assert cursor.fetchone() == (0,)


ONE_OF_ANOTHER_COUNTY = ["household", "proposal", "run", "meeting", "wish", "batch", "job"]


@pytest.mark.parametrize("name", ONE_OF_ANOTHER_COUNTY)
def test_row_of_another_county_is_null_and_the_attempt_recorded(name: str) -> None:
    far = make.OTHER_COUNTY
    with acting_as(SYSTEM):
        keys = {
            "household": lambda: make.household(make.OTHER_VILLAGE).pk,
            "proposal": lambda: rows.proposal(code=make.OTHER_VILLAGE).pk,
            "run": lambda: rows.run(far).pk,
            "meeting": lambda: rows.meeting(far).pk,
            "wish": lambda: rows.wish(code=make.OTHER_VILLAGE).pk,
            "batch": lambda: rows.batch(far).pk,
            "job": lambda: rows.job(far).pk,
        }
        key = keys[name]()
    query = f"query ($id: ID!) {{ {name}(id: $id) {{ id }} }}"
    officer = somebody(Role.COUNTY_OFFICER)
    assert officer.ask(query, id=str(key)).data == {name: None}
    with acting_as(SYSTEM):
        assert Event.objects.filter(verb="access.refused").count() == 1
    if name not in ("job",):
        near = somebody(Role.COUNTY_OFFICER, far)
        assert near.ask(query, id=str(key)).data == {name: {"id": str(key)}}


def test_charity_sees_no_other_charitys_draft() -> None:
    ours, theirs = make.charity(), make.charity()
    draft = rows.project(theirs, state="draft")
    officer = somebody(Role.CHARITY_OFFICER, organisation=ours)
    assert officer.ask("{ projects { total } }").data["projects"]["total"] == 0
    query = "query ($id: ID!) { project(id: $id) { id } }"
    assert officer.ask(query, id=str(draft.pk)).data == {"project": None}
    decide = "mutation ($id: ID!) { projectDecide(id: $id) { id } }"
    assert officer.ask(decide, id=str(draft.pk)).code == "not_found"
    with acting_as(SYSTEM):
        draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize(
    "query",
    [
        "{ me { password } }",
        "{ households { items { idSealed } } }",
        "query ($id: ID!) { household(id: $id) { members { idNumber } } }",
        "{ publicWishes { items { need { id } } } }",
        "{ publicWishes { items { household { id } } } }",
    ],
)
def test_hidden_fields_do_not_exist(query: str) -> None:
    reply = somebody(Role.CITY_OFFICER, make.CITY).ask(query, id=str(new_id()))
    assert (reply.status, reply.code) == (400, "invalid")


def test_hidden_input_is_refused() -> None:
    reply = somebody(Role.CHARITY_OFFICER, organisation=make.charity()).ask(
        "mutation ($i: DeliveryInput!) { deliveryRecord(input: $i) { id } }",
        i={"wishId": "1", "deliveredOn": "2026-01-01", "quantity": 1, "actualCostFen": 1,
           "receipt": "x", "recordedBy": str(new_id())},
    )  # fmt: skip
    assert reply.code == "invalid"
