"""Faults 6 to 9 and 12 with the real relay and worker: killed, doubled, or without a broker.

Whatever dies, each task has one effect. Runs on the embedded broker, or on that of ``BROKER_URL``.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from audit.acting import acting_as
from audit.models import Event
from config.processes import command_of
from jobs.models import Outbox
from jobs.services import enqueue
from kernel.access import SYSTEM
from tests.jobs import effects
from tests.jobs.brokers import broker

_NOWHERE = "127.0.0.1:0"
_COMMIT_AND_DIE = """
import django; django.setup()
import os, signal
import tests.jobs.effects
from audit.acting import acting_as
from jobs.services import enqueue
from kernel.access import SYSTEM
with acting_as(SYSTEM):
    for number in range(20):
        enqueue("tests.effect", actor=SYSTEM, mark=f"n{number}")
os.kill(os.getpid(), signal.SIGKILL)
"""


class Machine:
    """The processes of one machine, over one database and one broker."""

    def __init__(self, folder: Path, worker_url: str) -> None:
        self.folder = folder
        database = psycopg.conninfo.conninfo_to_dict(worker_url)["dbname"]
        self.broker = broker(folder, f"1798.{database}")
        self._started: list[subprocess.Popen[bytes]] = []
        self._environment = {
            **os.environ,
            **self.broker.environment,
            effects.FOLDER: str(folder),
            "DATABASE_URL": worker_url,
            "DATA_DIR": str(folder),
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{settings.ROOT}{os.pathsep}{settings.ROOT / 'platform'}",
            "PYTHONWARNINGS": "ignore",
        }

    def python(self, *line: str) -> "subprocess.Popen[bytes]":
        """Start a process; its output goes into ``log``."""
        with (self.folder / "log").open("ab") as log:
            child = subprocess.Popen(
                line, cwd=settings.ROOT, env=self._environment, stdout=log, stderr=log
            )
        self._started.append(child)
        return child

    def relay(self) -> "subprocess.Popen[bytes]":
        return self.python(*command_of("relay", _NOWHERE))

    def worker(self) -> "subprocess.Popen[bytes]":
        return self.python(*command_of("worker", _NOWHERE), "--include=tests.jobs.effects")

    def until(self, done: Callable[[], object]) -> None:
        """Wait; the log tells what the processes said if it never comes."""
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.05)

    def delivered(self, row: Outbox) -> int:
        """How often a worker received the row."""
        file = self.folder / "delivered"
        return file.read_text().split().count(str(row.pk)) if file.exists() else 0

    def stop(self) -> None:
        for child in self._started:
            child.kill()
        for child in self._started:
            child.wait()
        self.broker.close()


@pytest.fixture
def machine(committed_db: dict[str, str], tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, committed_db["worker"])
    yield made
    made.stop()


def kill(child: "subprocess.Popen[bytes]") -> None:
    assert child.poll() is None, "ended by itself"
    child.kill()
    child.wait()


def queued(mark: str) -> Outbox:
    with acting_as(SYSTEM):
        return enqueue("tests.effect", actor=SYSTEM, mark=mark)


def seen() -> Counter[str]:
    """How often each effect is in the database."""
    with acting_as(SYSTEM):
        found = Event.objects.filter(verb="tests.effect").values_list("data", flat=True)
        return Counter(data["mark"] for data in found)


def leases_run_out() -> None:
    with acting_as(SYSTEM):
        Outbox.objects.filter(done_at=None).update(leased_until=None)


def is_done(row: Outbox) -> bool:
    with acting_as(SYSTEM):
        return Outbox.objects.filter(pk=row.pk, done_at__isnull=False).exists()


def test_killed_after_commit_and_two_relays_at_once_have_one_effect_each(machine: Machine) -> None:
    dying = machine.python(sys.executable, "-c", _COMMIT_AND_DIE)
    assert dying.wait() == -9
    for start in (machine.relay, machine.relay, machine.worker):
        start()
    machine.until(lambda: len(seen()) == 20)
    leases_run_out()
    time.sleep(1)
    assert seen() == {f"n{number}": 1 for number in range(20)}


def test_a_relay_killed_after_publishing_is_followed_by_one_that_repeats_itself(
    machine: Machine,
) -> None:
    row = queued("once")
    first = machine.relay()
    machine.until(lambda: machine.broker.depth() >= 3)  # ours, and two periodic tasks
    kill(first)
    assert not is_done(row)
    leases_run_out()
    machine.relay()
    machine.until(lambda: machine.broker.depth() >= 6)
    machine.worker()
    machine.until(lambda: machine.delivered(row) == 2)
    machine.until(lambda: is_done(row))
    assert seen() == {"once": 1}


def test_a_worker_killed_while_running_and_one_killed_before_its_acknowledgement(
    machine: Machine,
) -> None:
    row = queued("once")
    (machine.folder / "stop_running").touch()
    machine.relay()
    first = machine.worker()
    machine.until((machine.folder / "stopped_running").exists)
    kill(first)
    machine.until(lambda: not seen())  # PostgreSQL has noticed, too
    (machine.folder / "stop_running").unlink()

    (machine.folder / "stop_done").touch()
    leases_run_out()
    second = machine.worker()
    machine.until((machine.folder / "stopped_done").exists)
    machine.until(lambda: is_done(row))
    kill(second)
    (machine.folder / "stop_done").unlink()

    after = queued("after")
    leases_run_out()
    machine.worker()
    machine.until(lambda: is_done(after))
    assert seen() == {"once": 1, "after": 1}
    assert machine.delivered(row) >= 2


def test_without_a_broker_the_relay_waits_and_the_work_is_done_once_it_is_back(
    machine: Machine,
) -> None:
    relay = machine.relay()
    machine.until(lambda: machine.broker.depth() >= 2)
    machine.broker.down()
    row = queued("later")
    machine.until(lambda: b"relay waits" in (machine.folder / "log").read_bytes())
    assert relay.poll() is None
    with acting_as(SYSTEM):
        assert Outbox.objects.get(pk=row.pk).done_at is None
    machine.broker.up()
    machine.worker()
    machine.until(lambda: is_done(row))
    assert seen() == {"later": 1}
    assert relay.poll() is None
