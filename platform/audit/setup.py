"""Saving a row of set-up data: permission, audit and write kept together."""

from collections.abc import Sequence

from django.db import models, transaction

from audit.services import record
from kernel.access import Actor, require


@transaction.atomic
def setup_save(
    *, row: models.Model, permission: str, region_path: str, changed: Sequence[str], actor: Actor
) -> None:
    """Save an organisation, brand, membership or the like; raises ``Refused("denied")``.

    ``changed`` names the fields that the form changed; their new values go into the audit event.
    """
    require(actor, permission, region_path=region_path)
    adding = row._state.adding
    row.full_clean()
    row.save()
    record(
        f"{row._meta.model_name}.{'added' if adding else 'changed'}",
        row,
        actor,
        fields={name: str(getattr(row, name)) for name in changed if hasattr(row, name)},
    )
