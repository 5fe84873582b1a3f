"""Send due outbox rows to the broker and seal the audit chain, until told to stop."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand

from audit.acting import acting_as
from audit.services import events_seal
from config.celery import app
from config.schedule import PERIODIC
from jobs.services import due_rows, enqueue_each
from kernel.access import SYSTEM


class Command(BaseCommand):
    help = "把到期任务送往消息队列，并封存审计链"

    def handle(self, *_args: Any, **_options: Any) -> None:
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: stopping.append(got))
        while not stopping:
            for name, period in PERIODIC.items():
                enqueue_each(name, period, actor=SYSTEM)
            ids = due_rows()
            for outbox_id in ids:
                app.send_task("jobs.run", args=[str(outbox_id)])
            with acting_as(SYSTEM):
                sealed = events_seal()
            if not ids and not sealed:
                time.sleep(0.5)
