"""Batches of rows that offices send."""

import graphene
from graphql import GraphQLResolveInfo

from api.graphql.common import Label, Page, Row, actor_of, label, needed, page_of, reader, seen
from api.graphql.jobs import Job, job_row
from api.graphql.paging import page_bounds
from api.graphql.scalars import DateTime
from exchange.models import Batch as BatchModel
from exchange.registry import all_kinds
from exchange.selectors import bad_rows, batches_visible_to
from exchange.services import batch_apply_later


class RowError(graphene.ObjectType):
    row_number = graphene.Int(required=True)
    column = graphene.String(required=True)
    reason = graphene.String(required=True)
    mend = graphene.String(required=True)


class RowErrorPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(RowError), required=True)
    total = graphene.Int(required=True)


class Batch(graphene.ObjectType):
    id = graphene.ID(required=True)
    kind = graphene.Field(Label, required=True)
    number = graphene.String(required=True)
    file_name = graphene.String(required=True)
    sender_name = graphene.String(required=True)
    state = graphene.Field(Label, required=True)
    total_count = graphene.Int(required=True)
    good_count = graphene.Int(required=True)
    bad_count = graphene.Int(required=True)
    applied_count = graphene.Int(required=True)
    seen_count = graphene.Int(
        required=True, description="Rows that earlier batches had already brought."
    )
    recorded_at = DateTime(required=True)
    errors = graphene.Field(
        RowErrorPage,
        required=True,
        description="Errors by row, then column.",
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=50),
    )

    def resolve_errors(
        self: Row,
        info: GraphQLResolveInfo,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        first, end = page_bounds(page, page_size)
        rows = [
            {
                "row_number": number,
                "column": error["column"],
                "reason": error["reason"],
                "mend": error["mend"],
            }
            for number, errors in bad_rows(self["batch"]).values_list("row_number", "errors")
            for error in errors
        ]
        return Page(rows[first:end], len(rows))


class BatchPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Batch), required=True)
    total = graphene.Int(required=True)


def batch_row(batch: BatchModel) -> Row:
    """Return a batch as the client sees it, without its rows."""
    titles = {kind.code: kind.title for kind in all_kinds()}
    return {
        "batch": batch,
        "id": batch.pk,
        "kind": label(batch.kind, titles.get(batch.kind, "")),
        "number": batch.number,
        "file_name": batch.file_name,
        "sender_name": batch.sender.name,
        "state": label(batch.state, batch.get_state_display()),
        "total_count": batch.total_count,
        "good_count": batch.good_count,
        "bad_count": batch.bad_count,
        "applied_count": batch.applied_count,
        "seen_count": batch.seen_count,
        "recorded_at": batch.recorded_at,
    }


class Query(graphene.ObjectType):
    batches = graphene.Field(
        BatchPage,
        required=True,
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    batch = graphene.Field(Batch, id=graphene.ID(required=True))

    def resolve_batches(
        self, info: GraphQLResolveInfo, page: int | None = None, page_size: int | None = None
    ) -> Page:
        rows, total = page_of(batches_visible_to(reader(info, "batch.view")), page, page_size)
        return Page([batch_row(row) for row in rows], total)

    def resolve_batch(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        batch = seen(info, batches_visible_to(reader(info, "batch.view")), id)
        return batch_row(batch) if batch else None


class Mutation(graphene.ObjectType):
    batch_apply = graphene.Field(
        Job,
        required=True,
        description="Imports the good rows; applying again changes nothing.",
        id=graphene.ID(required=True),
    )

    def resolve_batch_apply(self, info: GraphQLResolveInfo, id: str) -> Row:
        actor = actor_of(info)
        batch = needed(batches_visible_to(actor), id)
        return job_row(batch_apply_later(batch=batch, actor=actor))
