"""Data batches: upload (a dry run), apply, look, and the rows to mend."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import Reply
from api.refusals import not_found
from api.rest.base import (
    KIB,
    MUTATION_PARAMETERS,
    PAGE_PARAMETERS,
    Api,
    Label,
    ListApi,
    actor_of,
    once,
    refusals,
    word_of,
)
from api.rest.files import TYPES, file_reply
from api.rest.jobs import JobOut
from exchange.files import MOST_BYTES
from exchange.models import Batch
from exchange.registry import all_kinds, kind_of
from exchange.selectors import batches_visible_to
from exchange.services import batch_apply_later, batch_receive
from exchange.workbooks import errors_xlsx, template_xlsx
from kernel.access import Actor, narrowed
from organisations.models import Organisation
from organisations.selectors import organisation_by_id
from regions.models import Region
from regions.selectors import region_at


@extend_schema_field(OpenApiTypes.BINARY)
class Upload(serializers.FileField):
    """A file in a form."""


class BatchIn(serializers.Serializer[Any]):
    """An upload as multipart/form-data."""

    file = Upload(max_length=200, help_text=".xlsx 或 .csv，至多 30 MB")
    kind = serializers.CharField(
        max_length=30,
        help_text="households、government_payments、medical_bills 或 partner_beneficiaries",
    )
    number = serializers.CharField(max_length=60, help_text="报送单位自己的批次号")
    senderId = serializers.UUIDField(help_text="报送单位")


class BatchOut(serializers.Serializer[Batch]):
    """A batch and its counts, without its rows."""

    id = serializers.UUIDField()
    kind = Label(lambda code: kind_of(code).title)
    number = serializers.CharField()
    fileName = serializers.CharField(source="file_name")
    senderName = serializers.CharField(source="sender.name")
    state = Label(word_of(Batch.State))
    totalCount = serializers.IntegerField(source="total_count")
    goodCount = serializers.IntegerField(source="good_count")
    badCount = serializers.IntegerField(source="bad_count")
    appliedCount = serializers.IntegerField(source="applied_count")
    seenCount = serializers.IntegerField(source="seen_count")
    recordedAt = serializers.DateTimeField(source="recorded_at")


class BatchFilter(filters.FilterSet):  # type: ignore[misc]
    """Filters of the list."""

    state = filters.ChoiceFilter(choices=Batch.State.choices, label="状态")
    kind = filters.CharFilter(label="种类")


def batch_seen_by(request: Request, batch_id: UUID) -> Batch:
    """Return a batch within the reader's scope; raises ``Refused("not_found")``."""
    reader = narrowed(actor_of(request), "batch.view")
    batch = batches_visible_to(reader).filter(pk=batch_id).first()
    if batch is None:
        raise not_found()
    return batch


class BatchesApi(ListApi):
    """The list, and the upload."""

    most_bytes = MOST_BYTES + 64 * KIB
    parser_classes = (MultiPartParser,)
    queryset = Batch.objects.none()
    filterset_class = BatchFilter

    @extend_schema(
        operation_id="batches",
        tags=["数据批次"],
        summary="列出可见的数据批次，最新的在前",
        filters=True,
        parameters=PAGE_PARAMETERS,
        responses={200: BatchOut(many=True), **refusals(400, 404)},
    )
    def get(self, request: Request) -> Response:
        """Return a page of batches."""
        reader = narrowed(actor_of(request), "batch.view")
        return self.page_of(batches_visible_to(reader), request, BatchOut)

    @extend_schema(
        operation_id="batchReceive",
        tags=["数据批次"],
        summary="上传一份文件并逐行校验（不入库）；同一文件再次上传返回原批次",
        parameters=MUTATION_PARAMETERS,
        request={"multipart/form-data": BatchIn},
        responses={201: BatchOut, 200: BatchOut, **refusals(400, 404, 409, 413, 422)},
    )
    def post(self, request: Request) -> Response:
        """Check a file; its good rows wait to be applied."""
        given = BatchIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        sender = organisation_by_id(values["senderId"])
        if sender is None:
            raise serializers.ValidationError({"senderId": "没有这个机构"})
        content: bytes = values["file"].read()
        actor = actor_of(request)

        def receive() -> Reply:
            same_number = batches_visible_to(actor).filter(
                sender=sender, kind=values["kind"], number=values["number"]
            )
            came_before = same_number.exists()
            batch = batch_receive(
                sender=sender,
                region=region_of_delivery(sender, actor),
                kind=values["kind"],
                number=values["number"],
                file_name=values["file"].name,
                content=content,
                actor=actor,
            )
            return (200 if came_before else 201), BatchOut(batch).data

        body = {
            "kind": values["kind"],
            "number": values["number"],
            "sender": sender.pk,
            "name": values["file"].name,
            "digest": hashlib.sha256(content).hexdigest(),
        }
        return once(request, body, receive)


def region_of_delivery(sender: Organisation, actor: Actor) -> Region:
    """Return the sender's region, or the officer's own where that lies inside it.

    A city body's list that a county's officer uploads concerns his county.
    """
    inside = [path for path in actor.region_paths if path.startswith(sender.region.path)]
    return region_at(inside[0]) if len(inside) == 1 else sender.region


class BatchApi(Api):
    """One batch."""

    @extend_schema(
        operation_id="batch",
        tags=["数据批次"],
        summary="查看一个数据批次",
        responses={200: BatchOut, **refusals(404)},
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Return the batch with its counts."""
        return Response(BatchOut(batch_seen_by(request, batch_id)).data)


class BatchApplyApi(Api):
    """The second step of an import."""

    @extend_schema(
        operation_id="batchApply",
        tags=["数据批次"],
        summary="导入无误的行（后台执行）；重复导入不产生变化",
        parameters=MUTATION_PARAMETERS,
        request=None,
        responses={202: JobOut, **refusals(400, 404, 409, 422)},
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Queue the good rows and return the job to watch."""
        batch = batch_seen_by(request, batch_id)
        actor = actor_of(request)
        return once(
            request,
            None,
            lambda: (202, JobOut(batch_apply_later(batch=batch, actor=actor)).data),
        )


class BatchErrorsApi(Api):
    """What the sender has to mend."""

    @extend_schema(
        operation_id="batchErrors",
        tags=["数据批次"],
        summary="下载有误的行及修改方法（Excel，证件号码已遮盖）",
        responses={(200, TYPES["xlsx"]): OpenApiTypes.BINARY, **refusals(404)},
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Return the bad rows as a workbook."""
        batch = batch_seen_by(request, batch_id)
        title = f"{kind_of(batch.kind).title} {batch.number} 有误的行"
        return file_reply(errors_xlsx(batch), title=title, ending="xlsx")


class TemplateApi(Api):
    """An empty file to fill in."""

    @extend_schema(
        operation_id="template",
        tags=["数据批次"],
        summary="下载导入模板（Excel）",
        responses={(200, TYPES["xlsx"]): OpenApiTypes.BINARY, **refusals(404)},
    )
    def get(self, request: Request, kind: str) -> HttpResponse:
        """Return the template of a kind of file."""
        narrowed(actor_of(request), "batch.import")
        if kind not in {known.code for known in all_kinds()}:
            raise not_found()
        return file_reply(template_xlsx(kind), title=f"{kind_of(kind).title}模板", ending="xlsx")
