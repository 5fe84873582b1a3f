"""Later and nightly work of donors; each calls one idempotent service."""

from uuid import UUID

from donors.services import (
    claims_expire,
    claims_expire_of_wish,
    donation_settle,
    donations_poll,
    event_settle,
)
from jobs.services import task
from kernel.access import Actor


@task("claims.expire")
def expire(*, actor: Actor) -> object:
    """Queue the end of overdue holds."""
    return claims_expire(actor=actor)


@task("claims.expire_of_wish")
def expire_of_wish(*, actor: Actor, wish: str) -> object:
    """End the overdue holds on one wish."""
    return claims_expire_of_wish(wish=UUID(wish), actor=actor)


@task("donations.poll")
def poll(*, actor: Actor) -> object:
    """Ask the provider about payments whose webhook may be lost."""
    return donations_poll(actor=actor)


@task("donation.settle")
def settle(*, actor: Actor, event: str = "", donation: str = "") -> object:
    """Move one donation to what the provider says now, after a webhook or a poll."""
    if event:
        return event_settle(event=UUID(event), actor=actor)
    return donation_settle(donation=UUID(donation), actor=actor)
