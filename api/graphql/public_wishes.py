"""Wishes as any visitor sees them."""

from collections.abc import Iterable

import graphene
from graphql import GraphQLResolveInfo

from api.graphql.common import (
    Label,
    Page,
    Row,
    actor_of,
    chosen,
    in_region,
    label,
    labelled,
    page_of,
    seen,
)
from api.graphql.gifts import Claim, claim_row
from api.graphql.projects import Appeal, appeal_row
from api.graphql.scalars import DateTime, Fen
from donors.offers import claim_refusals, holds_on
from households.models import Purpose
from kernel import clock
from kernel.access import Actor
from organisations.selectors import certificate_numbers
from projects.models import Wish as WishModel
from projects.selectors import wishes_shown
from regions.selectors import counties_of

#: Steps of a wish's way, and the states in which each is reached.
STEPS = ("published", "claimed", "funded", "delivered", "outcome")


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


def public_wish_rows(wishes: Iterable[WishModel], actor: Actor) -> list[Row]:
    """Return wishes as anybody sees them; a fixed number of queries for the whole page."""
    listed, today = list(wishes), clock.today()
    numbers = certificate_numbers((wish.organisation for wish in listed), today)
    refusals = claim_refusals(listed, actor, today)
    holds = holds_on(listed, actor)
    return [
        {
            "id": wish.pk,
            "title": wish.public_title,
            "story": wish.public_story,
            "item": wish.item,
            "quantity": wish.quantity,
            "taken_quantity": wish.held_quantity,
            "unit_price_fen": wish.unit_price_fen,
            "region_name": wish.public_region,
            "age_band": wish.age_band,
            "purpose": label(wish.project.purpose, wish.project.get_purpose_display()),
            "state": label(wish.state, wish.get_state_display()),
            "project_name": wish.project.name,
            "published_at": wish.published_at,
            "appeal": appeal_row(
                wish.project, wish.organisation, numbers.get(wish.organisation_id, "")
            ),
            "progress": _progress(wish),
            "outcome_text": wish.outcome.public_text if hasattr(wish, "outcome") else None,
            "my_claim": claim_row(holds[wish.pk]) if wish.pk in holds else None,
            "may_claim": wish.pk not in refusals,
            "may_not_reason": refusals.get(wish.pk),
        }
        for wish in listed
    ]


def _progress(wish: WishModel) -> list[str]:
    """Return the steps reached, in order; a claim of one item of several is a claim."""
    state = STEPS[-1] if wish.state == WishModel.State.CLOSED else str(wish.state)
    reached = STEPS.index(state) if state in STEPS else 0
    if wish.held_quantity:
        reached = max(reached, 1)
    return list(STEPS[: reached + 1])


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

    def resolve_public_wishes(
        self,
        info: GraphQLResolveInfo,
        county_code: str | None = None,
        purpose: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        found = in_region(wishes_shown(), county_code)
        if purpose:
            found = found.filter(project__purpose=chosen("purpose", purpose, Purpose))
        rows, total = page_of(found, page, page_size)
        return Page(public_wish_rows(rows, actor_of(info)), total)

    def resolve_public_wish(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        wish = seen(info, wishes_shown(), id)
        return public_wish_rows([wish], actor_of(info))[0] if wish else None

    def resolve_public_wish_filters(self, info: GraphQLResolveInfo) -> Row:
        shown = wishes_shown().order_by()
        purposes = set(shown.values_list("project__purpose", flat=True).distinct())
        places = {
            wish.region
            for wish in shown.select_related(None).select_related("region").only("region")
        }
        counties = {county.code: county.name for county in counties_of(places).values()}
        return {
            "counties": [label(code, name) for code, name in sorted(counties.items())],
            "purposes": [labelled(Purpose, code) for code in Purpose.values if code in purposes],
        }
