import graphene

from api.graphql.common import Label
from api.graphql.jobs import Job
from api.graphql.scalars import DateTime


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


class BatchPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Batch), required=True)
    total = graphene.Int(required=True)


class Query(graphene.ObjectType):
    batches = graphene.Field(
        BatchPage,
        required=True,
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    batch = graphene.Field(Batch, id=graphene.ID(required=True))


class Mutation(graphene.ObjectType):
    batch_apply = graphene.Field(
        Job,
        required=True,
        description="Imports the good rows; applying again changes nothing.",
        id=graphene.ID(required=True),
    )
