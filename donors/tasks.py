"""Later and nightly work of donors; each line calls one idempotent service."""

from donors.services import claims_expire
from jobs.services import task
from kernel.access import Actor


@task("claims.expire")
def expire(*, actor: Actor) -> object:
    """End overdue holds."""
    return claims_expire(actor=actor)
