"""The outbox: a task runs after commit, once in effect, however often it is sent."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from audit.acting import acting_as
from audit.models import Event
from audit.services import record
from jobs import services
from jobs.models import IdempotentReply, Outbox
from jobs.services import due_rows, enqueue, fingerprint, idempotent, outbox_drain, outbox_run
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from tests import make

failing = {"now": False}


@pytest.fixture
def as_system(db: None) -> Iterator[None]:
    with acting_as(SYSTEM):
        yield


@services.task("tests.note")
def note(*, actor: Actor, code: str) -> None:
    record("tests.noted", make.region(code), actor)
    if failing["now"]:
        raise RuntimeError("broken on purpose")


@services.task("tests.note_home")
def note_home(*, actor: Actor) -> None:
    record("tests.noted", make.region(), actor)


def test_task_runs_as_the_actor_who_queued_it(db: None) -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        enqueue("tests.note", actor=officer, code=make.VILLAGE)
    assert outbox_drain() == 1
    with acting_as(officer):
        assert Event.objects.get().actor_id == officer.id


def test_rolled_back_request_queues_nothing(db: None) -> None:
    def fail_after_queueing() -> None:
        with acting_as(SYSTEM):
            enqueue("tests.note", actor=SYSTEM, code=make.VILLAGE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_queueing()
    assert outbox_drain() == 0


def test_running_a_closed_row_again_changes_nothing(db: None) -> None:
    with acting_as(SYSTEM):
        row = enqueue("tests.note", actor=SYSTEM, code=make.VILLAGE)
    assert (outbox_run(row.pk), outbox_run(row.pk)) == (True, False)
    with acting_as(SYSTEM):
        assert Event.objects.count() == 1


def test_failure_keeps_the_row_and_writes_nothing_else(db: None) -> None:
    with acting_as(SYSTEM):
        row = enqueue("tests.note", actor=SYSTEM, code=make.VILLAGE)
    failing["now"] = True
    try:
        with pytest.raises(RuntimeError):
            outbox_run(row.pk)
    finally:
        failing["now"] = False
    with acting_as(SYSTEM):
        row.refresh_from_db()
    assert (row.attempts, row.done_at, row.leased_until) == (1, None, None)
    assert row.last_error == "RuntimeError: broken on purpose"
    with acting_as(SYSTEM):
        assert not Event.objects.exists()


def test_two_relays_lease_each_row_once(committed_db: dict[str, str]) -> None:
    with acting_as(SYSTEM):
        for _ in range(20):
            enqueue("tests.note", actor=SYSTEM, code=make.VILLAGE)
    leased: list[object] = []

    def relay() -> None:
        leased.extend(due_rows())
        connection.close()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leased) == len(set(leased)) == 20
    assert due_rows() == []


def test_two_workers_on_one_row_have_one_effect(committed_db: dict[str, str]) -> None:
    with acting_as(SYSTEM):
        row = enqueue("tests.note", actor=SYSTEM, code=make.VILLAGE)
    ran: list[bool] = []

    def work() -> None:
        ran.append(outbox_run(row.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [False, False, False, True]
    with acting_as(SYSTEM):
        assert Event.objects.count() == 1
        assert Outbox.objects.get().attempts == 1


def test_two_schedulers_queue_one_task_a_period(committed_db: dict[str, str]) -> None:
    hour = timedelta(hours=1)

    def schedule() -> None:
        services.enqueue_each("tests.note_home", hour, actor=SYSTEM)
        connection.close()

    threads = [threading.Thread(target=schedule) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not services.enqueue_each("tests.note_home", hour, actor=SYSTEM)
    with acting_as(SYSTEM):
        assert Outbox.objects.count() == 1
    assert outbox_drain() == 1
    assert not services.enqueue_each("tests.note_home", hour, actor=SYSTEM)


def test_unknown_task_is_refused_when_queued(db: None) -> None:
    with pytest.raises(ValueError, match="no task"), transaction.atomic():
        enqueue("tests.nothing", actor=SYSTEM)


def test_idempotency_key_keeps_the_reply_and_refuses_another_body(as_system: None) -> None:
    with idempotent(SYSTEM, "k1", fingerprint("a")) as reply:
        assert reply.status is None
        reply.status, reply.body = 201, {"id": 1}
        reply.save()
    with idempotent(SYSTEM, "k1", fingerprint("a")) as again:
        assert (again.status, again.body) == (201, {"id": 1})
    with pytest.raises(Refused) as no, idempotent(SYSTEM, "k1", fingerprint("b")):
        pass
    assert no.value.code == "key_reused"
    assert IdempotentReply.objects.count() == 1
