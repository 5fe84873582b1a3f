"""Later work of matching."""

from jobs.services import task
from kernel.access import Actor
from matching.services import run_queued


@task("match.run")
def run(*, actor: Actor, job_id: str, region_code: str, seed: int) -> None:
    """Run a queued matching job."""
    run_queued(actor=actor, job_id=job_id, region_code=region_code, seed=seed)
