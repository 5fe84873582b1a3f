import graphene

from api.graphql.common import Label
from api.graphql.gifts import Claim
from api.graphql.projects import Appeal
from api.graphql.scalars import DateTime, Fen


class PublicWish(graphene.ObjectType):
    id = graphene.ID(required=True)
    title = graphene.String(required=True)
    story = graphene.String(required=True)
    item = graphene.String(required=True)
    quantity = graphene.Int(required=True)
    taken_quantity = graphene.Int(required=True, description="Held or paid.")
    unit_price_fen = Fen(required=True)
    region_name = graphene.String(required=True)
    age_band = graphene.String(required=True)
    purpose = graphene.Field(Label, required=True)
    state = graphene.Field(Label, required=True)
    project_name = graphene.String(required=True)
    published_at = DateTime()
    appeal = graphene.Field(Appeal, required=True)
    progress = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Steps reached: published | claimed | funded | delivered | outcome.",
    )
    outcome_text = graphene.String()
    my_claim = graphene.Field(Claim, description="The reader's own hold, if any.")
    may_claim = graphene.Boolean(
        required=True, description="Whether the reader may claim, and if not, why."
    )
    may_not_reason = graphene.String()


class PublicWishPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(PublicWish), required=True)
    total = graphene.Int(required=True)


class PublicWishFilters(graphene.ObjectType):
    counties = graphene.List(graphene.NonNull(Label), required=True)
    purposes = graphene.List(graphene.NonNull(Label), required=True)


class Query(graphene.ObjectType):
    public_wishes = graphene.Field(
        PublicWishPage,
        required=True,
        description="What any visitor sees: published wishes, masked.",
        county_code=graphene.String(),
        purpose=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    public_wish = graphene.Field(PublicWish, id=graphene.ID(required=True))
    public_wish_filters = graphene.Field(
        PublicWishFilters,
        required=True,
        description="Counties and purposes that have published wishes.",
    )
