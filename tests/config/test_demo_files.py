"""The demo's messy files go through the importer with exactly the planted errors."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import sleep

import pytest

from accounts.models import User
from accounts.selectors import actor_of
from aid.models import AidEntry, Finding
from audit.acting import acting_as
from casework.models import Signal
from config.demo.files import DemoFile, write_demo_files
from config.demo.load import city_load
from exchange.models import Batch
from exchange.services import batch_apply, batch_receive
from kernel import clock
from kernel.access import SYSTEM
from linkage.models import Link
from organisations.models import Organisation
from regions.models import Region

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.role("worker")]


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    clock.fix_today(date(2026, 11, 22))
    yield
    clock.fix_today(None)


def _receive(file: DemoFile) -> Batch:
    actor = actor_of(User.objects.get(username=file.login))
    with acting_as(actor):
        return batch_receive(
            sender=Organisation.objects.get(pk=file.sender_id),
            region=Region.objects.get(pk=file.region),
            kind=file.kind,
            number=file.number,
            file_name=file.path.name,
            content=file.path.read_bytes(),
            actor=actor,
        )


def test_files_hold_the_planted_errors_and_apply_once(tmp_path: Path) -> None:
    city_load(households=700, seed=3, today=clock.today())
    files = write_demo_files(tmp_path, 1798)
    results: dict[str, Counter[str]] = {}
    for kind, file in files.items():
        batch = _receive(file)
        with acting_as(SYSTEM):
            wrong = [e for row in batch.rows.exclude(errors=[]) for e in row.errors]
        assert (batch.good_count, batch.bad_count) == (file.good, file.bad), wrong
        actor = actor_of(User.objects.get(username=file.login))
        with acting_as(actor):
            batch_apply(batch=batch, actor=actor)
            results[kind] = Counter(batch.rows.filter(errors=[]).values_list("result", flat=True))
            lines = AidEntry.objects.count()
            again = batch_apply(batch=_receive(file), actor=actor)
            assert again.applied_count == 0
            assert AidEntry.objects.count() == lines

    assert set(results["households"]) == {"helped_dibao", "helped_edge", "helped_tekun"}
    assert results["government_payments"]["not_found"] == 3
    assert results["government_payments"]["refused"] == 0
    assert results["medical_bills"]["planned_temp"] >= 6
    assert results["medical_bills"]["not_found"] == 4
    assert results["partner_beneficiaries"]["not_found"] == 1
    assert results["partner_beneficiaries"][""] >= 2
    assert results["partner_beneficiaries"]["refused"] == 0
    with acting_as(SYSTEM):
        assert Link.objects.filter(outcome="review", rule="id_of_another_name").count() == 2
        assert Finding.objects.filter(code="O-03").exists()
        assert Signal.objects.exists()


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    city_load(households=200, seed=3, today=clock.today())
    first = write_demo_files(tmp_path / "a", 5)
    sleep(1.1)  # a clock's second must not get into the files
    second = write_demo_files(tmp_path / "b", 5)
    for kind in first:
        assert first[kind].path.read_bytes() == second[kind].path.read_bytes()
