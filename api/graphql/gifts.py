import graphene

from api.graphql.common import Label
from api.graphql.scalars import DateTime, Fen


class TraceStep(graphene.ObjectType):
    """A step of a gift's way; nobody is identified. at is null for steps still to come."""

    code = graphene.String(required=True)
    title = graphene.String(required=True)
    at = DateTime()
    amount_fen = Fen()
    detail = graphene.String(required=True)


class Donation(graphene.ObjectType):
    id = graphene.ID(required=True)
    wish_id = graphene.ID()
    wish_title = graphene.String(required=True)
    organisation_name = graphene.String(required=True)
    amount_fen = Fen(required=True)
    state = graphene.Field(
        Label,
        required=True,
        description="pledged | received | allocated | disbursed | refunded | failed",
    )
    checkout_url = graphene.String(required=True)
    created_at = DateTime(required=True)
    received_at = DateTime()
    terms = graphene.String(
        required=True, description="Where late or surplus money goes, as agreed at checkout."
    )
    trace = graphene.List(graphene.NonNull(TraceStep), required=True)


class DonationPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Donation), required=True)
    total = graphene.Int(required=True)


class Claim(graphene.ObjectType):
    id = graphene.ID(required=True)
    wish_id = graphene.ID(required=True)
    wish_title = graphene.String(required=True)
    quantity = graphene.Int(required=True)
    mode = graphene.Field(Label, required=True, description="pay | transfer")
    state = graphene.Field(Label, required=True, description="held | paid | expired | cancelled")
    held_until = DateTime(required=True)
    amount_fen = Fen(required=True)
    donation = graphene.Field(Donation)


class Query(graphene.ObjectType):
    my_claims = graphene.List(graphene.NonNull(Claim), required=True)
    my_donations = graphene.Field(
        DonationPage,
        required=True,
        description="Newest first.",
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    donation = graphene.Field(Donation, id=graphene.ID(required=True))


class Mutation(graphene.ObjectType):
    claim_make = graphene.Field(
        Claim,
        required=True,
        description="Holds the wish until heldUntil. mode: pay | transfer.",
        wish_id=graphene.ID(required=True),
        quantity=graphene.Int(default_value=1),
        mode=graphene.String(default_value="pay"),
    )
    donation_checkout = graphene.Field(
        Donation,
        required=True,
        description="Makes the donation and, for mode pay, the payment page (checkoutUrl).",
        claim_id=graphene.ID(required=True),
    )
