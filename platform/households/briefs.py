"""What a list shows of families, loaded for a whole page at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from households.models import Category, Household, Member, Person, Recognition
from households.selectors import households_visible_to
from kernel.access import Actor


@dataclass
class Brief:
    """A family in one line on a day: its head's name, its size, the categories it holds."""

    head_name: str = ""
    size: int = 0
    categories: list[str] = field(default_factory=list)


def briefs_of(household_ids: Iterable[UUID], on: date) -> dict[UUID, Brief]:
    """Return the briefs of households in two queries; a family without a head shows its first."""
    wanted = set(household_ids)
    briefs: dict[UUID, Brief] = defaultdict(Brief)
    heads: set[UUID] = set()
    members = Member.objects.filter(household_id__in=wanted, period__contains=on).order_by(
        "recorded_at", "id"
    )
    for household, relation, name in members.values_list(
        "household_id", "relation", "person__name"
    ):
        brief = briefs[household]
        brief.size += 1
        if household not in heads and (relation == Member.Relation.HEAD or brief.size == 1):
            brief.head_name = name
        if relation == Member.Relation.HEAD:
            heads.add(household)
    held: dict[UUID, set[str]] = defaultdict(set)
    for household, category in Recognition.objects.filter(
        household_id__in=wanted, period__contains=on
    ).values_list("household_id", "category"):
        held[household].add(category)
    for household, categories in held.items():
        briefs[household].categories = [c for c in Category.values if c in categories]
    return briefs


def households_found(
    actor: Actor, *, search: str = "", category: str = "", on: date
) -> QuerySet[Household]:
    """Visible households on the books, by number.

    ``search`` is the beginning of a number, or of a member's name or pinyin.
    """
    found = (
        households_visible_to(actor)
        .filter(Q(closed_on=None) | Q(closed_on__gt=on), opened_on__lte=on)
        .order_by("number")
    )
    if start := search.strip():
        persons = Person.objects.filter(Q(name__startswith=start) | Q(pinyin__istartswith=start))
        members = Member.objects.filter(person__in=persons, period__contains=on)
        found = found.filter(
            Q(number__istartswith=start) | Q(pk__in=members.values("household_id"))
        )
    if category:
        held = Recognition.objects.filter(category=category, period__contains=on)
        found = found.filter(pk__in=held.values("household_id"))
    return found
