"""A task whose effect can be counted, and places to kill its worker at.

A real worker loads it by ``--include``; the folder named in ``FOLDER`` says where to stop.
"""

import os
import time
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun

from audit.services import record
from jobs.services import task
from kernel.access import Actor
from regions.models import Region

FOLDER = "TEST_EFFECTS_DIR"
_ran: list[str] = []


@task("tests.effect")
def effect(*, actor: Actor, mark: str) -> None:
    """Leave one event; the row's transaction is still open."""
    record("tests.effect", Region.objects.get(pk="350600"), actor, mark=mark)
    _ran.append(mark)
    _stop_at("running")


@task_prerun.connect  # type: ignore[untyped-decorator]
def _delivered(args: list[Any], **_signal: Any) -> None:
    if FOLDER in os.environ:
        with (Path(os.environ[FOLDER]) / "delivered").open("a") as file:
            file.write(f"{args[0]}\n")


@task_postrun.connect  # type: ignore[untyped-decorator]
def _before_the_acknowledgement(**_signal: Any) -> None:
    if _ran:  # periodic work comes through here as well
        _stop_at("done")


def _stop_at(point: str) -> None:
    if FOLDER not in os.environ:
        return
    folder = Path(os.environ[FOLDER])
    if (folder / f"stop_{point}").exists():
        (folder / f"stopped_{point}").touch()
        time.sleep(300)
