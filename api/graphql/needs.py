"""Needs with the aid that is active on them."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import graphene

from aid.models import Layer
from aid.preview import active_by_layer
from aid.selectors import residuals
from api.graphql.common import Label, Row, holds, label, labelled
from api.graphql.scalars import Date, Fen
from households.models import Need as NeedModel
from kernel.access import Actor
from kernel.masking import mask_name


class LayerAmount(graphene.ObjectType):
    layer = graphene.Field(
        Label,
        required=True,
        description="insurance | government | reserve | group | charity | individual | own",
    )
    amount_fen = Fen(required=True)


class Need(graphene.ObjectType):
    id = graphene.ID(required=True)
    purpose = graphene.Field(Label, required=True)
    cost_item = graphene.String(required=True)
    state = graphene.Field(Label, required=True)
    tier = graphene.Int(required=True)
    starts_on = Date(required=True)
    ends_on = Date(required=True)
    person_name = graphene.String()
    gross_fen = Fen(description="Null until assessed. In kind: netQuantity instead.")
    net_fen = Fen()
    net_quantity = graphene.Int()
    aid_by_layer = graphene.List(
        graphene.NonNull(LayerAmount),
        required=True,
        description="Active aid by layer, in paying order; layers without aid are left out.",
    )
    aid_fen = Fen(required=True)
    residual_fen = Fen(description="Net less active aid; null until assessed.")
    note = graphene.String(required=True)


def layer_rows(by_layer: dict[str, int]) -> list[Row]:
    """Return amounts by layer as the client sees them."""
    return [{"layer": labelled(Layer, code), "amount_fen": fen} for code, fen in by_layer.items()]


def name_for(actor: Actor, name: str) -> str:
    """Return a person's name, masked for readers who hold no household in view."""
    return name if holds(actor, "household.view") else mask_name(name)


def need_rows(needs: Iterable[NeedModel], actor: Actor) -> dict[UUID, Row]:
    """Return needs (person loaded) as the client sees them, in two queries for all."""
    listed = list(needs)
    ids = [need.pk for need in listed]
    aid, left = active_by_layer(ids), residuals(ids)
    return {
        need.pk: {
            "id": need.pk,
            "purpose": label(need.purpose, need.get_purpose_display()),
            "cost_item": need.cost_item,
            "state": label(need.state, need.get_state_display()),
            "tier": need.tier,
            "starts_on": need.period.lower,
            "ends_on": need.period.upper - timedelta(days=1),
            "person_name": name_for(actor, need.person.name) if need.person else None,
            "gross_fen": need.gross_fen,
            "net_fen": need.net_fen,
            "net_quantity": need.net_quantity,
            "aid_by_layer": layer_rows(aid.get(need.pk, {})),
            "aid_fen": sum(aid.get(need.pk, {}).values()),
            "residual_fen": left.get(need.pk),
            "note": need.note,
        }
        for need in listed
    }
