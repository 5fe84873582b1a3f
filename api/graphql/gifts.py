"""A donor's claims and donations, and the way of each gift."""

import graphene
from graphql import GraphQLResolveInfo

from api.graphql.common import Label, Page, Row, actor_of, label, needed, page_of, seen
from api.graphql.scalars import DateTime, Fen
from donors import services as donor_services
from donors.models import Claim as ClaimModel
from donors.models import Donation as DonationModel
from donors.offers import claims_in_full
from donors.selectors import TraceStep as Step
from donors.selectors import claims_of, donations_of, trace_of
from projects.selectors import wishes_shown


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

    def resolve_trace(self: Row, info: GraphQLResolveInfo) -> list[Step]:
        return trace_of(donation=self["donation"], actor=actor_of(info))


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


def donation_row(donation: DonationModel) -> Row:
    """Return a donation (wish and organisation loaded) as its donor sees it."""
    return {
        "donation": donation,
        "id": donation.pk,
        "wish_id": donation.wish_id,
        "wish_title": donation.wish.public_title if donation.wish else "",
        "organisation_name": donation.organisation.name,
        "amount_fen": donation.amount_fen,
        "state": label(donation.state, donation.get_state_display()),
        "checkout_url": donation.checkout_url,
        "created_at": donation.created_at,
        "received_at": donation.received_at,
        "terms": str(donation.terms.get("text", "")),
    }


def claim_row(claim: ClaimModel) -> Row:
    """Return a claim (wish and donations loaded) as its donor sees it."""
    donations = sorted(claim.donations.all(), key=lambda each: each.created_at)
    return {
        "id": claim.pk,
        "wish_id": claim.wish_id,
        "wish_title": claim.wish.public_title,
        "quantity": claim.quantity,
        "mode": label(claim.mode, claim.get_mode_display()),
        "state": label(claim.state, claim.get_state_display()),
        "held_until": claim.held_until,
        "amount_fen": claim.quantity * claim.wish.unit_price_fen,
        "donation": donation_row(donations[-1]) if donations else None,
    }


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

    def resolve_my_claims(self, info: GraphQLResolveInfo) -> list[Row]:
        return [claim_row(claim) for claim in claims_in_full(actor_of(info))[:100]]

    def resolve_my_donations(
        self, info: GraphQLResolveInfo, page: int | None = None, page_size: int | None = None
    ) -> Page:
        rows, total = page_of(donations_of(actor_of(info)), page, page_size)
        return Page([donation_row(row) for row in rows], total)

    def resolve_donation(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        donation = seen(info, donations_of(actor_of(info)), id)
        return donation_row(donation) if donation else None


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

    def resolve_claim_make(
        self,
        info: GraphQLResolveInfo,
        wish_id: str,
        quantity: int | None = None,
        mode: str | None = None,
    ) -> Row:
        actor = actor_of(info)
        claim = donor_services.claim_make(
            wish=needed(wishes_shown(), wish_id),
            quantity=1 if quantity is None else quantity,
            mode=mode or ClaimModel.Mode.PAY,
            actor=actor,
        )
        return claim_row(needed(claims_in_full(actor), str(claim.pk)))

    def resolve_donation_checkout(self, info: GraphQLResolveInfo, claim_id: str) -> Row:
        actor = actor_of(info)
        claim = needed(claims_of(actor), claim_id)
        donation = donor_services.donation_checkout(claim=claim, actor=actor)
        return donation_row(needed(donations_of(actor), str(donation.pk)))
