"""Reading jobs: each is its starter's own."""

from django.db.models import QuerySet

from jobs.models import Job
from kernel.access import Actor


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """Jobs that ``actor`` started, newest first."""
    return Job.objects.filter(created_by=actor.id).order_by("-created_at", "-id")
