"""Long work as its starter watches it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.refusals import not_found
from api.rest.base import Api, Label, actor_of, refusals, word_of
from jobs.models import Job
from jobs.selectors import jobs_visible_to


class JobOut(serializers.Serializer[Job]):
    """A job; poll it until its state is done, failed or cancelled."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = Label(word_of(Job.State))
    doneCount = serializers.IntegerField(source="done_count")
    totalCount = serializers.IntegerField(source="total_count")
    message = serializers.CharField()
    resultId = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_resultId(self, job: Job) -> Any:
        """The run or batch that came of it."""
        return job.result.get("result_id")


class JobApi(Api):
    """One job."""

    @extend_schema(
        operation_id="job",
        tags=["任务"],
        summary="查看后台任务的进度",
        responses={200: JobOut, **refusals(404)},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        """Return a job that the reader started."""
        job = jobs_visible_to(actor_of(request)).filter(pk=job_id).first()
        if job is None:
            raise not_found()
        return Response(JobOut(job).data)
