"""Find the need that a reported amount was for, or record one that nobody has assessed."""

from datetime import date, timedelta

from django.db.models import Q

from households.models import Household, Need, Person
from households.selectors import household_of
from households.services import need_record
from kernel.access import Actor
from kernel.errors import Refused

_CLOSED = (Need.State.WITHDRAWN, Need.State.EXPIRED)


def need_of_fact(
    *, person: Person, purpose: str, cost_item: str, on: date, item_given: bool, actor: Actor
) -> Need:
    """Return the need for this purpose and cost item on a day.

    A person's need is inside the household: his own comes first, then the common one. Where the
    source names no cost item (``item_given`` False), the only need of that purpose is meant. If
    none matches, one is recorded with its net unknown. Raises ``Refused("no_household")``.
    """
    household = household_of(person, on) or household_of_any_day(person)
    if household is None:
        raise Refused("no_household", "该人员没有所属家庭，请先在家庭名册中登记")
    needs = (
        Need.objects.select_related("region", "household")
        .filter(Q(person=person) | Q(person=None), household=household, purpose=purpose)
        .exclude(state__in=_CLOSED)
    )
    on_day = needs.filter(period__contains=on).order_by("person_id", "id")
    for need in on_day.filter(cost_item=cost_item):
        return need
    if not item_given:
        found = list(on_day[:2])
        if len(found) == 1:
            return found[0]
    first, last = _free_year(list(needs.filter(person=person, cost_item=cost_item)), on)
    return need_record(
        household=household,
        person=person,
        purpose=purpose,
        cost_item=cost_item,
        starts_on=first,
        ends_on=last,
        note="由外部报送的救助事实建立，尚未核定",
        actor=actor,
    )


def household_of_any_day(person: Person) -> Household | None:
    """Return the household a person belonged to last: aid may be older or younger than the list."""
    member = person.memberships.select_related("household__region").order_by("-period").first()
    return member.household if member else None


def _free_year(needs: list[Need], on: date) -> tuple[date, date]:
    """Return first and last day around ``on`` inside its year that no such need takes up."""
    first, last = date(on.year, 1, 1), date(on.year, 12, 31)
    for need in needs:
        lower, upper = need.period.lower, need.period.upper
        if upper <= on:
            first = max(first, upper)
        elif lower > on:
            last = min(last, lower - timedelta(days=1))
    return first, last
