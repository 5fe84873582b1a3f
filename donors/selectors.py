"""Reading claims, donations and what became of them."""

from django.db.models import QuerySet

from donors.models import Claim, Donation
from kernel.access import Actor


def claims_of(actor: Actor) -> QuerySet[Claim]:
    """The donor's own claims, newest first."""
    return (
        Claim.objects.filter(donor_id=actor.id)
        .select_related("wish__project", "organisation")
        .order_by("-created_at", "-id")
    )


def donations_of(actor: Actor) -> QuerySet[Donation]:
    """The donor's own donations, newest first."""
    return (
        Donation.objects.filter(donor_id=actor.id)
        .select_related("wish__project", "organisation", "claim")
        .order_by("-created_at", "-id")
    )
