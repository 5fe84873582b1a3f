"""Reading runs and proposals, within the actor's region or organisation."""

from django.db.models import Q, QuerySet

from households.selectors import in_regions
from kernel.access import Actor
from matching.models import Proposal, Run


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Runs of the actor's regions, newest first."""
    return Run.objects.filter(in_regions(actor)).select_related("region").order_by("-created_at")


def proposals_visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Proposals of the actor's regions or organisations, oldest first, with what a row needs."""
    return (
        Proposal.objects.filter(in_regions(actor) | Q(organisation_id__in=actor.organisation_ids))
        .select_related("region", "need", "household", "project__brand", "project__organisation")
        .order_by("created_at", "id")
    )
