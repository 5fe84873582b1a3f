"""The figures of today for one reader's regions."""

from datetime import date, datetime, time

from django.db.models import Count, Q, Sum

from aid.selectors import prevented_visible_to
from casework.selectors import gaps
from households.models import Household, Member
from households.selectors import in_regions
from kernel.access import Actor
from kernel.clock import SHANGHAI
from regions.selectors import regions_at


def figures_of(actor: Actor, on: date) -> dict[str, int]:
    """Return households, persons, gaps and overlaps prevented since 1 January, by field name."""
    books = Household.objects.filter(in_regions(actor), opened_on__lte=on)
    open_books = books.filter(Q(closed_on=None) | Q(closed_on__gt=on))
    members = Member.objects.filter(in_regions(actor), period__contains=on)
    since = datetime.combine(date(on.year, 1, 1), time(), SHANGHAI)
    prevented = (
        prevented_visible_to(actor)
        .filter(recorded_at__gte=since)
        .order_by()
        .aggregate(count=Count("pk"), fen=Sum("prevented_fen", default=0))
    )
    regions = regions_at(actor.region_paths).values()
    return {
        "household_count": open_books.count(),
        "person_count": members.aggregate(n=Count("person_id", distinct=True))["n"],
        "gap_count": sum(gaps(region, on).needs.count() for region in regions),
        "prevented_count": prevented["count"],
        "prevented_fen": int(prevented["fen"]),
    }
