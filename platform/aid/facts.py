"""Find the need that a reported amount was for, or record one that nobody has assessed."""

from datetime import date, timedelta

from django.db.models import Q

from households.ahead import FamiliesAhead
from households.models import Need, Person
from households.services import need_record
from kernel.access import Actor
from kernel.errors import Refused

_CLOSED = (Need.State.WITHDRAWN, Need.State.EXPIRED)


def need_of_fact(
    *,
    person: Person,
    purpose: str,
    cost_item: str,
    on: date,
    item_given: bool,
    families: FamiliesAhead,
    actor: Actor,
) -> Need:
    """Return the need for this purpose and cost item on a day.

    A person's need is inside the household: his own comes first, then the common one. Where the
    source names no cost item (``item_given`` False), the only need of that purpose is meant. If
    none matches, one is recorded with its net unknown. Raises ``Refused("no_household")``.
    """
    household = families.household_of(person, on) or families.household_of_any_day(person)
    if household is None:
        raise Refused("no_household", "该人员没有所属家庭，请先在家庭名册中登记")
    needs = list(
        Need.objects.select_related("region", "household")
        .filter(Q(person=person) | Q(person=None), household=household, purpose=purpose)
        .exclude(state__in=_CLOSED)
        .order_by("person_id", "id")
    )
    same_item = [need for need in needs if need.cost_item == cost_item]
    for need in same_item:
        if on in need.period:
            return need
    if not item_given:
        found = [need for need in needs if on in need.period]
        if len(found) == 1:
            return found[0]
    first, last = _free_year([need for need in same_item if need.person_id == person.pk], on)
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
