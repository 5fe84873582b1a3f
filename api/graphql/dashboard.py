import graphene

from api.graphql.scalars import Date, DateTime, Fen


class Coverage(graphene.ObjectType):
    """Coverage is aidFen / netFen; netFen counts assessed needs only."""

    code = graphene.String(required=True)
    label = graphene.String(required=True)
    need_count = graphene.Int(required=True)
    net_fen = Fen(required=True)
    aid_fen = Fen(required=True)


class Todo(graphene.ObjectType):
    """Something that waits for the reader. code: proposals | wishes_screen | wishes_verify | batches | deliveries | findings | packs."""

    code = graphene.String(required=True)
    label = graphene.String(required=True)
    count = graphene.Int(required=True)
    oldest_at = DateTime(description="Of the oldest, so that nothing ages unseen.")


class Dashboard(graphene.ObjectType):
    as_of = Date(required=True)
    household_count = graphene.Int(
        required=True, description="Households on the books of the reader's region."
    )
    person_count = graphene.Int(required=True)
    open_need_count = graphene.Int(required=True)
    net_fen = Fen(
        required=True,
        description="Assessed net of open needs, the aid active on it, and what is left.",
    )
    aid_fen = Fen(required=True)
    residual_fen = Fen(required=True)
    prevented_count = graphene.Int(required=True, description="Overlaps prevented since 1 January.")
    prevented_fen = Fen(required=True)
    gap_count = graphene.Int(
        required=True, description="Needs with nothing after the waiting time (G-01)."
    )
    coverage_by_region = graphene.List(graphene.NonNull(Coverage), required=True)
    coverage_by_purpose = graphene.List(graphene.NonNull(Coverage), required=True)
    todo = graphene.List(graphene.NonNull(Todo), required=True)


class Query(graphene.ObjectType):
    dashboard = graphene.Field(Dashboard, required=True)
