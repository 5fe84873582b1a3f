"""Reading links: the queue of rows that a person has to compare."""

from django.db.models import Q, QuerySet

from kernel.access import Actor
from linkage.models import Link


def links_visible_to(actor: Actor) -> QuerySet[Link]:
    """Links of rows about persons in ``actor``'s region, newest first."""
    seen = Q(pk__in=[])
    for path in actor.region_paths:
        seen |= Q(region__path__startswith=path)
    return Link.objects.filter(seen).select_related("region", "person").order_by("-id")


def review_queue(actor: Actor) -> QuerySet[Link]:
    """Rows that wait for a person, oldest first."""
    return links_visible_to(actor).filter(outcome=Link.Outcome.REVIEW).order_by("id")
