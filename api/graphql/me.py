"""Who asks, and the codes with their words."""

import graphene
from graphql import GraphQLResolveInfo

from aid.models import Layer
from api.graphql.common import Label, Row, actor_of, label, labels
from api.graphql.places import Organisation, organisation_rows
from exchange.registry import all_kinds
from households.models import Category, Purpose
from kernel.access import PERMISSIONS, PUBLIC, ROLE_LABEL, Role
from matching.models import Proposal
from organisations.selectors import organisations_found
from projects.models import Project, Wish
from regions.selectors import regions_at


class MyRole(graphene.ObjectType):
    role = graphene.String(required=True)
    label = graphene.String(required=True)
    region_code = graphene.String(required=True)
    region_name = graphene.String(required=True)
    organisation_name = graphene.String()


class Me(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    roles = graphene.List(graphene.NonNull(MyRole), required=True)
    permissions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Permissions held anywhere, as noun.verb; "
        "shows or hides pages, the server decides each case.",
    )
    organisations = graphene.List(
        graphene.NonNull(Organisation),
        required=True,
        description="Organisations the reader may act for.",
    )


class Choices(graphene.ObjectType):
    purposes = graphene.List(graphene.NonNull(Label), required=True)
    categories = graphene.List(graphene.NonNull(Label), required=True)
    layers = graphene.List(graphene.NonNull(Label), required=True)
    batch_kinds = graphene.List(graphene.NonNull(Label), required=True)
    proposal_states = graphene.List(graphene.NonNull(Label), required=True)
    wish_states = graphene.List(graphene.NonNull(Label), required=True)
    project_states = graphene.List(graphene.NonNull(Label), required=True)


class Query(graphene.ObjectType):
    me = graphene.Field(Me, description="Null for a visitor who has not logged in.")
    choices = graphene.Field(Choices, required=True)

    def resolve_me(self, info: GraphQLResolveInfo) -> Row | None:
        actor = actor_of(info)
        if actor is PUBLIC:
            return None
        bodies = list(organisations_found().filter(pk__in=actor.organisation_ids))
        names = {body.pk: body.name for body in bodies}
        regions = regions_at(grant.region_path for grant in actor.grants)
        roles = {grant.role for grant in actor.grants}
        return {
            "id": actor.id,
            "name": actor.name,
            "roles": [
                {
                    "role": grant.role.value,
                    "label": ROLE_LABEL[grant.role],
                    "region_code": regions[grant.region_path].code,
                    "region_name": regions[grant.region_path].name,
                    "organisation_name": grant.organisation_id and names.get(grant.organisation_id),
                }
                for grant in actor.grants
                if grant.region_path in regions
            ],
            "permissions": sorted(
                name for name, held in PERMISSIONS.items() if held & roles or Role.SYSTEM in roles
            ),
            "organisations": organisation_rows(bodies),
        }

    def resolve_choices(self, info: GraphQLResolveInfo) -> Row:
        return {
            "purposes": labels(Purpose),
            "categories": labels(Category),
            "layers": labels(Layer),
            "batch_kinds": [label(kind.code, kind.title) for kind in all_kinds()],
            "proposal_states": labels(Proposal.State),
            "wish_states": labels(Wish.State),
            "project_states": labels(Project.State),
        }
