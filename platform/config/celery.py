"""The Celery application: one task, which runs one outbox row (jobs.relay)."""

import os

import django
from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.durability import require_durable_database  # noqa: E402

app = Celery("1798")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    # Deployments that share a broker must not take each other's work.
    task_default_queue=f"1798.{settings.DATABASES['default']['NAME']}",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Its queue is exclusive by host name: a second worker there, or one restarted before RabbitMQ
    # missed the first, could not start.
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)
if settings.CELERY_BROKER_URL.startswith("filesystem:"):
    for name in ("in", "control"):
        (settings.CELERY_BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": str(settings.CELERY_BROKER_DIR / "in"),
        "data_folder_out": str(settings.CELERY_BROKER_DIR / "in"),
        "control_folder": str(settings.CELERY_BROKER_DIR / "control"),
    }
else:
    app.conf.task_default_queue_type = "quorum"


@worker_init.connect  # type: ignore[untyped-decorator]
def _start(**_signal: object) -> None:
    # A signal's exception is only logged; SystemExit ends the worker.
    try:
        require_durable_database()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@app.task(name="jobs.run", bind=False)  # type: ignore[untyped-decorator]
def run(outbox_id: str) -> None:
    """Run one outbox row; running it again changes nothing."""
    from jobs.services import outbox_run

    outbox_run(outbox_id)
