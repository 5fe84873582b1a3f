"""The demo's Excel files, taken in by the people who send them; a second time nothing is new."""

from pathlib import Path
from typing import Any

from audit.acting import acting_as
from config.demo.files import write_demo_files
from config.demo.offers import demo_actor
from exchange.services import batch_apply, batch_receive
from organisations.models import Organisation
from regions.models import Region


def demo_files_import(folder: Path, seed: int) -> dict[str, Any]:
    """Write the files, import their good rows, import them again; return counts by kind."""
    counts: dict[str, Any] = {}
    for kind, file in write_demo_files(folder, seed).items():
        with acting_as(demo_actor(file.login)) as sender:
            batch = batch_receive(
                sender=Organisation.objects.get(pk=file.sender_id),
                region=Region.objects.get(pk=file.region),
                kind=kind,
                number=file.number,
                file_name=file.path.name,
                content=file.path.read_bytes(),
                actor=sender,
            )
            applied = batch_apply(batch=batch, actor=sender)
            counts[kind] = {
                "rows": applied.total_count,
                "bad": applied.bad_count,
                "applied": applied.applied_count,
            }
        with acting_as(demo_actor(file.login)) as sender:
            again = batch_apply(batch=batch, actor=sender)
            counts[kind]["applied_again"] = again.applied_count
    return counts
