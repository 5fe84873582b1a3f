"""What runs again and again; each task is an idempotent service, queued once a period."""

from datetime import timedelta

PERIODIC: dict[str, timedelta] = {
    "claims.expire": timedelta(minutes=1),
    "donations.poll": timedelta(minutes=2),
}
