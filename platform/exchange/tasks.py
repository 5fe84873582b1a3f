"""Applying a batch in steps: each step commits on its own and queues the next one."""

from exchange.models import Batch
from exchange.services import STEP, apply_chunk, batch_close, batch_locked
from jobs.models import Job
from jobs.services import Cancelled, enqueue, job_finish, job_progress, task
from kernel.access import Actor


@task("exchange.apply")
def apply_step(*, actor: Actor, batch_id: str, job_id: str = "", after: int = 0) -> None:
    """Apply the next rows; a killed step leaves nothing and is run again by the outbox."""
    batch = batch_locked(Batch(pk=batch_id), actor)
    job = Job.objects.get(pk=job_id) if job_id else None
    if job:
        try:
            job_progress(job, batch.applied_count + batch.seen_count, "正在导入")
        except Cancelled:
            job_finish(
                job,
                state=Job.State.CANCELLED,
                message="已取消，已导入的行保留",
                result_id=batch_id,
            )
            return
    rows = apply_chunk(batch, actor, after)
    if len(rows) == STEP:
        enqueue(
            "exchange.apply",
            actor=actor,
            batch_id=batch_id,
            job_id=job_id,
            after=rows[-1].row_number,
        )
        return
    batch_close(batch, actor)
    if job:
        waiting = batch.rows.filter(errors=[], applied_at=None).count()
        job_finish(
            job,
            message=f"已导入 {batch.applied_count} 行，此前已导入 {batch.seen_count} 行，"
            f"待人工核对 {waiting} 行，有误 {batch.bad_count} 行",
            result_id=batch_id,
            applied=batch.applied_count,
            seen=batch.seen_count,
            waiting=waiting,
            bad=batch.bad_count,
        )
