"""From a user to the actor he is today."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership, User
from kernel import clock
from kernel.access import SYSTEM, Actor, Grant, Role


def actor_of(user: User, on: date | None = None) -> Actor:
    """Return the actor with the grants in force on a date (today), read afresh at every request."""
    day = on or clock.today()
    memberships = (
        Membership.objects.filter(user=user, valid_from__lte=day)
        .filter(Q(valid_until=None) | Q(valid_until__gte=day))
        .select_related("region")
        .order_by("id")
    )
    return Actor(
        user.id,
        user.display_name,
        tuple(Grant(Role(m.role), m.region.path, m.organisation_id) for m in memberships),
    )


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display names of users, the system among them."""
    names = dict(User.objects.filter(pk__in=set(ids)).values_list("id", "display_name"))
    return {**names, SYSTEM.id: SYSTEM.name}
