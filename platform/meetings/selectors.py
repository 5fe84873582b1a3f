"""Reading meetings and packs of the actor's regions."""

from django.db.models import QuerySet

from households.selectors import in_regions
from kernel.access import Actor
from meetings.models import Meeting, Pack


def meetings_visible_to(actor: Actor) -> QuerySet[Meeting]:
    """Meetings, latest first, with their packs."""
    return (
        Meeting.objects.filter(in_regions(actor))
        .select_related("region")
        .prefetch_related("packs")
        .order_by("-planned_on", "-id")
    )


def packs_visible_to(actor: Actor) -> QuerySet[Pack]:
    """Packs, latest first."""
    return Pack.objects.filter(in_regions(actor)).select_related("meeting").order_by("-recorded_at")
