"""An import killed half-way goes on where the last committed step ended."""

import os
import subprocess
import sys
import time

from django.conf import settings

from audit.acting import acting_as
from exchange.models import Batch
from exchange.services import STEP, batch_apply_later, batch_receive
from households.models import Household
from jobs.models import Job, Outbox
from jobs.services import outbox_drain
from kernel.access import SYSTEM, Role
from tests import make
from tests.exchange.books import book
from tests.exchange.kinds import GOOD, HEADINGS, SLOW, TEST_KIND

_CHILD = """
import django; django.setup()
import tests.exchange.kinds
from jobs.services import outbox_drain
outbox_drain()
"""


def _households() -> int:
    with acting_as(SYSTEM):
        return Household.objects.count()


def _killed_after_a_step(worker_url: str) -> int:
    """Run the worker's drain in a process, kill -9 it inside its second step; return the count."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DATABASE_URL": worker_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{settings.ROOT}:{settings.ROOT / 'platform'}",
            SLOW: "0.002",
        },
    )
    try:
        end = time.monotonic() + 60
        while _households() < STEP:
            assert child.poll() is None, "the worker ended by itself"
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.4)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
    return _households()


def test_a_killed_import_resumes_without_doubles(committed_db: dict[str, str]) -> None:
    actor = make.actor(Role.PARTNER_OFFICER, make.CITY, make.partner("trade_union"))
    count = 3 * STEP + 7
    rows = [[f"T{n}", *GOOD[1:]] for n in range(count)]
    with acting_as(actor):
        batch = batch_receive(
            sender=make.partner("trade_union"),
            region=make.region(make.CITY),
            kind=TEST_KIND.code,
            number="1",
            file_name="a.xlsx",
            content=book([HEADINGS, *rows]),
            actor=actor,
        )
        job = batch_apply_later(batch=batch, actor=actor)

    there = _killed_after_a_step(committed_db["worker"])
    assert 0 < there < count
    assert there % STEP == 0

    with acting_as(SYSTEM):
        Outbox.objects.update(leased_until=None)  # the dead worker's lease runs out
    outbox_drain()

    assert _households() == count
    with acting_as(SYSTEM):
        stored = Batch.objects.get(pk=batch.pk)
        assert (stored.applied_count, stored.seen_count, stored.state) == (count, 0, "distributed")
        assert not stored.rows.filter(applied_at=None).exists()
    with acting_as(actor):
        job = Job.objects.get(pk=job.pk)
    assert (job.state, job.result["applied"]) == ("done", count)
    assert (job.kind, job.result["result_id"]) == ("batch_apply", str(batch.pk))
