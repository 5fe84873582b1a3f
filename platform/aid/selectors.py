"""Reading the ledger: sums through the guard, rows by region and by organisation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from aid.models import AidEntry, Finding, Prevented
from households.models import Household
from households.selectors import in_regions
from kernel.access import Actor


def residuals(need_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """Return what is left of each need in fen, over every organisation's aid.

    ``None`` where nothing is assessed in money. Unknown needs are left out.
    """
    return {need_id: fen for need_id, fen, _ in _residual_rows(need_ids)}


def residual_quantities(need_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """Return how many items are left of each need; ``None`` where none are assessed."""
    return {need_id: quantity for need_id, _, quantity in _residual_rows(need_ids)}


def residual_fen(need_id: UUID) -> int | None:
    """Return what is left of one need in fen; ``None`` where nothing is assessed in money."""
    return residuals([need_id]).get(need_id)


def _residual_rows(need_ids: Iterable[UUID]) -> list[tuple[UUID, int | None, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT need_id, residual_fen, residual_quantity FROM aid_residuals(%s)",
            [list(need_ids)],
        )
        rows: list[tuple[UUID, int | None, int | None]] = cursor.fetchall()
    return rows


def household_year_fen(household_ids: Iterable[UUID], year: int) -> dict[UUID, int]:
    """Return the active aid of each household that took effect in a year, from the lines that the
    reader may see: for an officer, every organisation's lines of his region.
    """
    adds = (AidEntry.Kind.PROMISE, AidEntry.Kind.REPORTED)
    takes = Q(kind=AidEntry.Kind.RELEASE) | Q(
        kind=AidEntry.Kind.REVERSAL, of_entry__kind=AidEntry.Kind.REPORTED
    )
    rows = (
        AidEntry.objects.filter(household__in=list(household_ids), effective_on__year=year)
        .values("household_id")
        .annotate(
            added=Sum("amount_fen", filter=Q(kind__in=adds)), taken=Sum("amount_fen", filter=takes)
        )
    )
    return {row["household_id"]: int(row["added"] or 0) - int(row["taken"] or 0) for row in rows}


def entries_visible_to(actor: Actor) -> QuerySet[AidEntry]:
    """Ledger lines of the actor's region, of his organisations and of his own hand."""
    return (
        AidEntry.objects.filter(
            in_regions(actor)
            | Q(organisation_id__in=actor.organisation_ids)
            | Q(recorded_by=actor.id)
        )
        .select_related("organisation", "scheme", "brand", "region")
        .order_by("effective_on", "recorded_at", "pk")
    )


def findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    """Findings of the actor's region, open ones first, newest first."""
    return (
        Finding.objects.filter(in_regions(actor))
        .select_related("need", "household", "entry", "region")
        .order_by("-state", "-opened_at", "pk")
    )


def prevented_visible_to(actor: Actor) -> QuerySet[Prevented]:
    """Refused asks of the actor's region and of his organisations, newest first."""
    return (
        Prevented.objects.filter(in_regions(actor) | Q(organisation_id__in=actor.organisation_ids))
        .select_related("organisation", "region")
        .order_by("-recorded_at", "pk")
    )


@dataclass
class ChainLink:
    """A promise or reported fact and the lines that follow it, in order."""

    entry: AidEntry
    followed_by: list[AidEntry] = field(default_factory=list)


def aid_chain(household: Household, actor: Actor) -> list[ChainLink]:
    """Return the household's aid of every source that the actor may see, in order of time."""
    links: dict[UUID, ChainLink] = {}
    lines = list(entries_visible_to(actor).filter(household=household).select_related("need"))
    by_id = {line.pk: line for line in lines}
    for line in lines:
        first = line
        while first.of_entry_id in by_id:
            first = by_id[first.of_entry_id]
        links.setdefault(first.pk, ChainLink(first))
        if first is not line:
            links[first.pk].followed_by.append(line)
    return list(links.values())
