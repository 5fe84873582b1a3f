"""Send due outbox rows to the broker and seal the audit chain, until told to stop."""

import logging
import signal
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from kombu.exceptions import ChannelError, KombuError

from audit.acting import acting_as
from audit.services import events_seal
from config.celery import app
from config.schedule import PERIODIC
from jobs.services import due_rows, enqueue_each, rows_release
from kernel.access import SYSTEM

logger = logging.getLogger(__name__)

#: A broker or database that is away for a time.
_OUTAGES = (OperationalError, InterfaceError, KombuError, ChannelError, OSError)
_PAUSE_SECONDS = 0.5


class Command(BaseCommand):
    help = "把到期任务送往消息队列，并封存审计链"

    def handle(self, *_args: Any, **_options: Any) -> None:
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: stopping.append(got))
        while not stopping:
            try:
                did_something = _turn()
            except _OUTAGES as error:
                logger.warning("relay waits for broker or database: %s", error)
                connection.close()
                did_something = False
            if not did_something:
                time.sleep(_PAUSE_SECONDS)


def _turn() -> bool:
    """Send what is due and seal what is new; whether there was anything."""
    for name, period in PERIODIC.items():
        enqueue_each(name, period, actor=SYSTEM)
    # Sealing goes on while the broker is away.
    with acting_as(SYSTEM):
        sealed = events_seal()
    ids = due_rows()
    for position, outbox_id in enumerate(ids):
        try:
            app.send_task("jobs.run", args=[str(outbox_id)])
        except _OUTAGES:
            rows_release(ids[position:])
            raise
    return bool(ids or sealed)
