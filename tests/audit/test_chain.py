"""The audit chain: append-only, sealed in batches, and a change in the database is named."""

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit.acting import acting_as
from audit.models import Event, PersonKey
from audit.services import chain_break, events_seal, personal_of, record
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from tests import make

pytestmark = pytest.mark.role("worker")


def events(count: int) -> list[Event]:
    return [record("region.viewed", make.region(), SYSTEM, number=i) for i in range(count)]


def test_sealing_chains_every_event_once(db: None) -> None:
    with acting_as(SYSTEM):
        events(3)
        assert (events_seal(), events_seal()) == (3, 0)
        assert chain_break() is None
        assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [
            1,
            2,
            3,
        ]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_event SET verb = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_event SET verb = 'x', position = 1 WHERE position IS NULL",
    ],
)
def test_events_cannot_be_changed(db: None, attack: str) -> None:
    with acting_as(SYSTEM):
        events(1)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
        assert Event.objects.get().verb == "region.viewed"


def test_personal_values_go_with_the_person_key_and_the_chain_still_verifies(db: None) -> None:
    person_id = new_id()
    with acting_as(SYSTEM):
        event = record(
            "person.read", make.region(), SYSTEM, person_id=person_id, personal={"name": "某某"}
        )
        events_seal()
        assert personal_of(event) == {"name": "某某"}
        assert "某某" not in str(Event.objects.values().get())
        PersonKey.objects.filter(pk=person_id).delete()
        assert personal_of(event) is None
        assert chain_break() is None


def test_events_of_another_region_are_not_seen(db: None) -> None:
    here, there = make.actor(Role.AUDITOR), make.actor(Role.AUDITOR, make.OTHER_COUNTY)
    with acting_as(here):
        record("need.assessed", make.region(), here, region_id=make.VILLAGE)
    with acting_as(there):
        assert not Event.objects.exists()
    with acting_as(make.actor(Role.AUDITOR, make.CITY)):
        assert Event.objects.count() == 1


def test_a_change_behind_the_triggers_is_named(committed_db: dict[str, str]) -> None:
    with acting_as(SYSTEM):
        events(3)
        events_seal()
    with psycopg.connect(committed_db["admin"]) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE audit_event SET data = '{\"number\": 9}' WHERE position = 2")
    with acting_as(SYSTEM):
        assert chain_break() == 2
