"""From a user to the actor he is today."""

from datetime import date

from django.db.models import Q

from accounts.models import Membership, User
from kernel import clock
from kernel.access import Actor, Grant, Role


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
