"""Micro-wishes as those who work on them see them."""

from collections.abc import Iterable
from typing import Any

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
    needed,
    page_of,
    seen,
)
from api.graphql.households import HouseholdBrief, brief_rows
from api.graphql.needs import Need, need_rows
from api.graphql.scalars import Date, DateTime, Fen
from donors import services as donor_services
from households.selectors import needs_visible_to
from kernel.access import Actor, may
from kernel.errors import Refused
from projects import rules
from projects.models import Wish as WishModel
from projects.selectors import projects_visible_to, wishes_in_full
from projects.services import (
    outcome_record,
    wish_draft,
    wish_publish,
    wish_screen,
    wish_verify,
    wish_withdraw,
)

#: The client's actions by the state they lead to.
ACTIONS = {
    "wishScreen": WishModel.State.SCREENED,
    "wishVerify": WishModel.State.VERIFIED,
    "wishPublish": WishModel.State.PUBLISHED,
    "wishWithdraw": WishModel.State.WITHDRAWN,
    "deliveryRecord": WishModel.State.DELIVERED,
    "outcomeRecord": WishModel.State.OUTCOME,
}


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
        description="wishScreen | wishVerify | wishPublish | wishWithdraw | deliveryRecord "
        "| outcomeRecord: what the reader may do now.",
    )


class WishPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Wish), required=True)
    total = graphene.Int(required=True)


def wish_rows(wishes: Iterable[WishModel], actor: Actor) -> list[Row]:
    """Return wishes as the client sees them; a fixed number of queries for the whole page."""
    listed = list(wishes)
    needs = list(needs_visible_to(actor).filter(pk__in=[w.need_id for w in listed]))
    shown = need_rows(needs, actor)
    briefs = brief_rows(_homes(needs), actor)
    homes = {need.pk: briefs[need.household_id] for need in needs}
    return [
        {
            "id": wish.pk,
            "project_id": wish.project_id,
            "project_name": wish.project.name,
            "organisation_name": wish.organisation.name,
            "item": wish.item,
            "quantity": wish.quantity,
            "unit_price_fen": wish.unit_price_fen,
            "price_fen": wish.price_fen,
            "public_title": wish.public_title,
            "public_story": wish.public_story,
            "public_region": wish.public_region,
            "age_band": wish.age_band,
            "purpose": label(wish.project.purpose, wish.project.get_purpose_display()),
            "state": label(wish.state, wish.get_state_display()),
            "recorded_at": wish.recorded_at,
            "published_at": wish.published_at,
            "claimed_quantity": wish.held_quantity,
            "need": shown.get(wish.need_id),
            "household": homes.get(wish.need_id),
            "warnings": _warnings(wish),
            "delivery": getattr(wish, "delivery", None),
            "outcome": getattr(wish, "outcome", None),
            "actions": _actions(wish, actor),
        }
        for wish in listed
    ]


def _homes(needs: Iterable[Any]) -> list[Any]:
    """Return the households of needs; a need lies in its household's region."""
    homes = []
    for need in needs:
        need.household.region = need.region
        homes.append(need.household)
    return homes


def _warnings(wish: WishModel) -> list[str]:
    found = []
    for text in (wish.item, wish.public_title, wish.public_story):
        try:
            rules.screen_text(text)
        except Refused as refused:
            found.append(refused.message)
    return found


def _actions(wish: WishModel, actor: Actor) -> list[str]:
    """Return what the table of moves and the reader's posts allow now."""
    allowed = []
    for action, state in ACTIONS.items():
        permission = rules.WISH_MOVES.get((wish.state, state), rules.BY_SYSTEM)
        if permission == rules.BY_SYSTEM or (
            state == WishModel.State.VERIFIED and wish.drafted_by == actor.id
        ):
            continue
        if may(
            actor,
            permission,
            region_path=wish.region.path,
            organisation_id=wish.organisation_id,
        ):
            allowed.append(action)
    return allowed


def _moved(info: GraphQLResolveInfo, key: str, service: Any, **values: Any) -> Row:
    """Call a service on a wish of the reader's work and return the wish as it is now."""
    actor = actor_of(info)
    service(wish=needed(wishes_in_full(actor), key), actor=actor, **values)
    return wish_rows([needed(wishes_in_full(actor), key)], actor)[0]


class Query(graphene.ObjectType):
    wishes = graphene.Field(
        WishPage,
        required=True,
        description="Wishes in the reader's work: a charity's own, or the region's. "
        "state may be several codes joined by commas.",
        state=graphene.String(),
        region_code=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    wish = graphene.Field(Wish, id=graphene.ID(required=True))

    def resolve_wishes(
        self,
        info: GraphQLResolveInfo,
        state: str | None = None,
        region_code: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        actor = actor_of(info)
        found = in_region(wishes_in_full(actor), region_code)
        if state:
            codes = [code.strip() for code in state.split(",")]
            found = found.filter(state__in=[chosen("state", c, WishModel.State) for c in codes])
        rows, total = page_of(found, page, page_size)
        return Page(wish_rows(rows, actor), total)

    def resolve_wish(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        actor = actor_of(info)
        wish = seen(info, wishes_in_full(actor), id)
        return wish_rows([wish], actor)[0] if wish else None


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

    def resolve_wish_draft(self, info: GraphQLResolveInfo, input: Row) -> Row:
        actor, values = actor_of(info), dict(input)
        project = needed(projects_visible_to(actor), values.pop("project_id"))
        need = needed(needs_visible_to(actor), values.pop("need_id"))
        wish = wish_draft(project=project, need=need, actor=actor, **values)
        return wish_rows([needed(wishes_in_full(actor), str(wish.pk))], actor)[0]

    def resolve_wish_screen(
        self, info: GraphQLResolveInfo, id: str, public_title: str, public_story: str
    ) -> Row:
        return _moved(info, id, wish_screen, public_title=public_title, public_story=public_story)

    def resolve_wish_verify(self, info: GraphQLResolveInfo, id: str) -> Row:
        return _moved(info, id, wish_verify)

    def resolve_wish_publish(self, info: GraphQLResolveInfo, id: str) -> Row:
        return _moved(info, id, wish_publish)

    def resolve_wish_withdraw(self, info: GraphQLResolveInfo, id: str, reason: str) -> Row:
        return _moved(info, id, wish_withdraw, reason=reason)

    def resolve_delivery_record(self, info: GraphQLResolveInfo, input: Row) -> Row:
        values = dict(input)
        return _moved(info, values.pop("wish_id"), donor_services.delivery_record, **values)

    def resolve_outcome_record(self, info: GraphQLResolveInfo, input: Row) -> Row:
        values = dict(input)
        return _moved(info, values.pop("wish_id"), outcome_record, **values)
