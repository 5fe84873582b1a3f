"""Reading batches: a sender's own, and the state's in its region."""

from django.db.models import Q, QuerySet

from exchange.models import Batch, BatchRow
from kernel.access import Actor


def batches_visible_to(actor: Actor) -> QuerySet[Batch]:
    """Batches that ``actor``'s organisations sent or whose region he works in, newest first."""
    seen = Q(sender_id__in=actor.organisation_ids)
    for path in actor.region_paths:
        seen |= Q(region__path__startswith=path)
    return (
        Batch.objects.filter(seen)
        .select_related("sender", "region")
        .order_by("-recorded_at", "-id")
    )


def bad_rows(batch: Batch) -> QuerySet[BatchRow]:
    """The rows of a batch that its sender has to mend, in file order."""
    return batch.rows.exclude(errors=[]).order_by("row_number")
