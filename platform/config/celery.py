"""The Celery application: one task, which runs one outbox row (jobs.relay)."""

import os

import django
from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

app = Celery("1798")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
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


@app.task(name="jobs.run", bind=False)  # type: ignore[untyped-decorator]
def run(outbox_id: str) -> None:
    """Run one outbox row; running it again changes nothing."""
    from jobs.services import outbox_run

    outbox_run(outbox_id)
