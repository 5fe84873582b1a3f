import graphene

from api.graphql.common import Label
from api.graphql.households import HouseholdBrief
from api.graphql.needs import Need
from api.graphql.scalars import Date, DateTime, Fen


class WishInput(graphene.InputObjectType):
    project_id = graphene.ID(required=True)
    need_id = graphene.ID(required=True)
    item = graphene.String(required=True)
    quantity = graphene.Int(required=True)
    unit_price_fen = Fen(required=True)
    public_title = graphene.String(required=True)
    public_story = graphene.String(required=True)


class Delivery(graphene.ObjectType):
    delivered_on = Date(required=True)
    quantity = graphene.Int(required=True)
    actual_cost_fen = Fen(required=True)
    receipt = graphene.String(required=True)


class DeliveryInput(graphene.InputObjectType):
    wish_id = graphene.ID(required=True)
    delivered_on = Date(required=True)
    quantity = graphene.Int(required=True)
    actual_cost_fen = Fen(required=True)
    receipt = graphene.String(required=True)


class WishOutcome(graphene.ObjectType):
    observed_on = Date(required=True)
    public_text = graphene.String(required=True)


class OutcomeInput(graphene.InputObjectType):
    wish_id = graphene.ID(required=True)
    observed_on = Date(required=True)
    public_text = graphene.String(required=True)


class Wish(graphene.ObjectType):
    id = graphene.ID(required=True)
    project_id = graphene.ID(required=True)
    project_name = graphene.String(required=True)
    organisation_name = graphene.String(required=True)
    item = graphene.String(required=True)
    quantity = graphene.Int(required=True)
    unit_price_fen = Fen(required=True)
    price_fen = Fen(required=True)
    public_title = graphene.String(required=True)
    public_story = graphene.String(required=True)
    public_region = graphene.String(required=True)
    age_band = graphene.String(required=True)
    purpose = graphene.Field(Label, required=True)
    state = graphene.Field(Label, required=True)
    recorded_at = DateTime(required=True)
    published_at = DateTime()
    claimed_quantity = graphene.Int(required=True)
    need = graphene.Field(
        Need, description="Null for readers who may not see the need (charities without consent)."
    )
    household = graphene.Field(HouseholdBrief, description="Null likewise.")
    warnings = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="What a screener must look at again: words that might identify somebody.",
    )
    delivery = graphene.Field(Delivery)
    outcome = graphene.Field(WishOutcome)
    actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="wishScreen | wishVerify | wishPublish | wishWithdraw | deliveryRecord | outcomeRecord: what the reader may do now.",
    )


class WishPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Wish), required=True)
    total = graphene.Int(required=True)


class Query(graphene.ObjectType):
    wishes = graphene.Field(
        WishPage,
        required=True,
        description="Wishes in the reader's work: a charity's own, or the region's. state may be several codes joined by commas.",
        state=graphene.String(),
        region_code=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    wish = graphene.Field(Wish, id=graphene.ID(required=True))


class Mutation(graphene.ObjectType):
    wish_draft = graphene.Field(
        Wish, required=True, input=graphene.Argument(WishInput, required=True)
    )
    wish_screen = graphene.Field(
        Wish,
        required=True,
        id=graphene.ID(required=True),
        public_title=graphene.String(required=True),
        public_story=graphene.String(required=True),
    )
    wish_verify = graphene.Field(Wish, required=True, id=graphene.ID(required=True))
    wish_publish = graphene.Field(Wish, required=True, id=graphene.ID(required=True))
    wish_withdraw = graphene.Field(
        Wish, required=True, id=graphene.ID(required=True), reason=graphene.String(required=True)
    )
    delivery_record = graphene.Field(
        Wish, required=True, input=graphene.Argument(DeliveryInput, required=True)
    )
    outcome_record = graphene.Field(
        Wish, required=True, input=graphene.Argument(OutcomeInput, required=True)
    )
