"""Reading signals, and the gaps that nobody has answered (G-01)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from aid.models import AidEntry
from casework.models import Signal
from households.models import Need
from kernel.access import Actor
from kernel.clock import SHANGHAI
from policy.parameters import lookup_number
from regions.models import Region


def signals_visible_to(actor: Actor) -> QuerySet[Signal]:
    """Signals in ``actor``'s region, newest first."""
    seen = Q(pk__in=[])
    for path in actor.region_paths:
        seen |= Q(region__path__startswith=path)
    return (
        Signal.objects.filter(seen)
        .select_related("person", "household", "region")
        .order_by("-opened_on", "-id")
    )


@dataclass(frozen=True)
class Gaps:
    """Needs and signals without any active aid after ``days`` days (G-01), most urgent first."""

    days: int
    needs: QuerySet[Need]
    signals: QuerySet[Signal]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return self.needs.count() + self.signals.count()


def gaps(
    region: Region, as_of: date, days: int | None = None, *, known_at: datetime | None = None
) -> Gaps:
    """Return what had waited ``days`` days on ``as_of``, as it was known at ``known_at``.

    A need waits from its assessment, one never assessed from its first day; a signal from the day
    it was opened. ``days`` defaults to the parameter ``gap.days``. Row-level security limits the
    rows to the actor's; the caller checks that ``region`` is his.
    """
    if days is None:
        days = lookup_number("gap.days", region_chain=region.chain, on=as_of)
    since = as_of - timedelta(days=days)
    entries = AidEntry.objects.filter(effective_on__lte=as_of)
    needs = Need.objects.filter(region__path__startswith=region.path)
    signals = Signal.objects.filter(region__path__startswith=region.path, opened_on__lte=since)
    if known_at is not None:
        entries = entries.filter(recorded_at__lte=known_at)
        needs = needs.filter(recorded_at__lte=known_at)
        signals = signals.filter(recorded_at__lte=known_at)
    end = datetime.combine(since + timedelta(days=1), datetime.min.time(), SHANGHAI)
    waiting = Q(assessed_at__lt=end) | Q(assessed_at=None, period__startswith__lte=since)
    return Gaps(
        days,
        needs.filter(waiting, state__in=[Need.State.RECORDED, Need.State.OPEN])
        .annotate(active=_active(entries, "need"))
        .filter(active=0)
        .select_related("region", "household")
        .order_by("tier", "id"),
        signals.exclude(state=Signal.State.CLOSED)
        .annotate(active=_active(entries, "household"))
        .filter(active=0)
        .select_related("region", "household")
        .order_by("opened_on", "id"),
    )


def _active(entries: QuerySet[AidEntry], of: str) -> Coalesce:
    """Return active aid in fen, an item counting as one (architecture.md section 3)."""
    kind = AidEntry.Kind
    sign = Case(
        When(kind__in=[kind.PROMISE, kind.REPORTED], then=Value(1)),
        When(kind=kind.RELEASE, then=Value(-1)),
        When(kind=kind.REVERSAL, of_entry__kind=kind.REPORTED, then=Value(-1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    total = (
        entries.filter(**{of: OuterRef("pk" if of == "need" else f"{of}_id")})
        .order_by()
        .values(of)
        .annotate(total=Sum((F("amount_fen") + F("quantity")) * sign))
        .values("total")
    )
    return Coalesce(Subquery(total, output_field=IntegerField()), Value(0))
