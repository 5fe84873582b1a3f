"""Long work that its starter watches."""

import graphene
from graphql import GraphQLResolveInfo

from api.graphql.common import Label, Row, actor_of, label, needed, seen
from api.graphql.scalars import DateTime
from jobs.models import Job as JobModel
from jobs.selectors import jobs_visible_to
from jobs.services import job_cancel


class Job(graphene.ObjectType):
    id = graphene.ID(required=True)
    kind = graphene.String(required=True, description="match_run | batch_apply")
    title = graphene.String(required=True)
    state = graphene.Field(
        Label, required=True, description="queued | running | done | failed | cancelled"
    )
    done_count = graphene.Int(required=True)
    total_count = graphene.Int(required=True)
    message = graphene.String(required=True)
    result_id = graphene.ID(description="The run or batch that came of it.")
    created_at = DateTime(required=True)


def job_row(job: JobModel) -> Row:
    """Return a job as the client sees it."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "title": job.title,
        "state": label(job.state, job.get_state_display()),
        "done_count": job.done_count,
        "total_count": job.total_count,
        "message": job.message,
        "result_id": job.result.get("result_id"),
        "created_at": job.created_at,
    }


class Query(graphene.ObjectType):
    job = graphene.Field(Job, id=graphene.ID(required=True))

    def resolve_job(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        job = seen(info, jobs_visible_to(actor_of(info)), id)
        return job_row(job) if job else None


class Mutation(graphene.ObjectType):
    job_cancel = graphene.Field(Job, required=True, id=graphene.ID(required=True))

    def resolve_job_cancel(self, info: GraphQLResolveInfo, id: str) -> Row:
        actor = actor_of(info)
        return job_row(job_cancel(job=needed(jobs_visible_to(actor), id), actor=actor))
