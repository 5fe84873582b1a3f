"""The demo's Excel files, taken in by the people who send them; a second time nothing is new."""

from pathlib import Path
from typing import Any
from uuid import UUID

from audit.acting import acting_as
from config.demo.bodies import COUNTY, INSURER, UNION
from config.demo.files import write_demo_files
from config.demo.offers import demo_actor
from exchange.services import batch_apply, batch_receive
from organisations.models import Organisation
from organisations.reference import organisation_id
from regions.models import Region
from regions.reference import ROOT

#: Kind of file -> who sends it, and the demo log-in that uploads it.
SENDERS: dict[str, tuple[UUID, str, str]] = {
    "households": (organisation_id("civil_affairs", COUNTY), "xian", COUNTY),
    "government_payments": (organisation_id("civil_affairs", COUNTY), "xian", COUNTY),
    "medical_bills": (INSURER, "yibao", ROOT),
    "partner_beneficiaries": (UNION, "gonghui", ROOT),
}


def demo_files_import(folder: Path, seed: int) -> dict[str, Any]:
    """Write the files, import their good rows, import them again; return counts by kind."""
    counts: dict[str, Any] = {}
    for kind, path in write_demo_files(folder, seed).items():
        sender_id, username, region = SENDERS[kind]
        with acting_as(demo_actor(username)) as sender:
            batch = batch_receive(
                sender=Organisation.objects.get(pk=sender_id),
                region=Region.objects.get(pk=region),
                kind=kind,
                number="演示-01",
                file_name=path.name,
                content=path.read_bytes(),
                actor=sender,
            )
            applied = batch_apply(batch=batch, actor=sender)
            counts[kind] = {
                "rows": applied.total_count,
                "bad": applied.bad_count,
                "applied": applied.applied_count,
            }
        with acting_as(demo_actor(username)) as sender:
            again = batch_apply(batch=batch, actor=sender)
            counts[kind]["applied_again"] = again.applied_count
    return counts
