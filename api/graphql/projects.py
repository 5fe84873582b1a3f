"""Charity projects under the brands, and the needs that fit them."""

from collections.abc import Iterable
from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from aid.catalogue import brands_all
from aid.selectors import residual_quantities, residuals
from api.graphql.common import (
    Label,
    Page,
    Row,
    actor_of,
    chosen,
    in_region,
    label,
    labelled,
    needed,
    page_of,
    region_of,
    seen,
)
from api.graphql.places import Brand, Organisation, brand_row, organisation_rows
from api.graphql.scalars import Date, Fen
from households.models import Category, Purpose
from kernel import clock
from kernel.access import require
from kernel.errors import Refused
from matching.selectors import needs_fitting, projects_spent
from organisations.models import Organisation as OrganisationModel
from organisations.selectors import certificate_numbers, organisations_found
from projects import rules
from projects.models import Project as ProjectModel
from projects.selectors import projects_visible_to, projects_worked_on_by
from projects.services import project_create, project_decide, project_file, project_open
from regions.selectors import counties_of


class Appeal(graphene.ObjectType):
    """What the law has shown beside a public appeal; else the wish is for the charity's members."""

    is_public = graphene.Boolean(required=True)
    reason = graphene.String(required=True, description="Why not, when not.")
    organisation_name = graphene.String(required=True)
    certificate_number = graphene.String(required=True)
    filing_number = graphene.String(required=True)
    platform_link = graphene.String(required=True)
    contact = graphene.String(required=True)


class Project(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    brand = graphene.Field(Brand, required=True)
    organisation = graphene.Field(Organisation, required=True)
    region_name = graphene.String(required=True)
    purpose = graphene.Field(Label, required=True)
    categories = graphene.List(graphene.NonNull(Label), required=True)
    budget_fen = Fen(required=True)
    promised_fen = Fen(required=True, description="Promised under the project so far.")
    household_quota = graphene.Int(required=True)
    household_count = graphene.Int(required=True)
    min_grant_fen = Fen(required=True)
    max_grant_fen = Fen(required=True)
    is_exclusive = graphene.Boolean(required=True)
    opens_on = Date(required=True)
    closes_on = Date(required=True)
    state = graphene.Field(Label, required=True)
    filing_number = graphene.String(required=True)
    platform_link = graphene.String(required=True)
    appeal = graphene.Field(Appeal, required=True)


class ProjectPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Project), required=True)
    total = graphene.Int(required=True)


class ProjectInput(graphene.InputObjectType):
    organisation_id = graphene.ID(required=True)
    brand_id = graphene.ID(required=True)
    region_code = graphene.String(required=True)
    name = graphene.String(required=True)
    purpose = graphene.String(required=True)
    categories = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Empty: everyone with an open need.",
    )
    budget_fen = Fen(required=True)
    household_quota = graphene.Int(required=True)
    min_grant_fen = Fen(required=True)
    max_grant_fen = Fen(required=True)
    is_exclusive = graphene.Boolean(required=True)
    opens_on = Date(required=True)
    closes_on = Date(required=True)


class AnonymousNeed(graphene.ObjectType):
    id = graphene.ID(required=True)
    purpose = graphene.Field(Label, required=True)
    cost_item = graphene.String(required=True)
    county_name = graphene.String(required=True)
    age_band = graphene.String(required=True)
    tier = graphene.Int(required=True)
    residual_fen = Fen()
    residual_quantity = graphene.Int()
    consent_until = Date(required=True)


class AnonymousNeedPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(AnonymousNeed), required=True)
    total = graphene.Int(required=True)


def appeal_row(project: ProjectModel, body: OrganisationModel, certificate: str) -> Row:
    """Return what the law has shown; ``certificate`` is ``""`` where none is in force."""
    is_public, reason = rules.public_payment(
        has_certificate=bool(certificate),
        filing_number=project.filing_number,
        platform_link=project.platform_link,
    )
    return {
        "is_public": is_public,
        "reason": reason,
        "organisation_name": body.name,
        "certificate_number": certificate,
        "filing_number": project.filing_number,
        "platform_link": project.platform_link,
        "contact": body.legal_body.name,
    }


def project_rows(projects: Iterable[ProjectModel]) -> list[Row]:
    """Return projects as the client sees them; a fixed number of queries for the whole page."""
    listed = list(projects)
    totals = projects_spent(project.pk for project in listed)
    bodies = {row["id"]: row for row in organisation_rows({p.organisation for p in listed})}
    numbers = certificate_numbers((p.organisation for p in listed), clock.today())
    return [
        {
            "id": project.pk,
            "name": project.name,
            "brand": brand_row(project.brand),
            "organisation": bodies[project.organisation_id],
            "region_name": project.region.name,
            "purpose": label(project.purpose, project.get_purpose_display()),
            "categories": [labelled(Category, code) for code in project.categories],
            "budget_fen": project.budget_fen,
            "promised_fen": totals[project.pk][0],
            "household_quota": project.household_quota,
            "household_count": len(totals[project.pk][1]),
            "min_grant_fen": project.min_grant_fen,
            "max_grant_fen": project.max_grant_fen,
            "is_exclusive": project.is_exclusive,
            "opens_on": project.opens_on,
            "closes_on": project.closes_on,
            "state": label(project.state, project.get_state_display()),
            "filing_number": project.filing_number,
            "platform_link": project.platform_link,
            "appeal": appeal_row(
                project, project.organisation, numbers.get(project.organisation_id, "")
            ),
        }
        for project in listed
    ]


def _moved(info: GraphQLResolveInfo, key: str, service: Any, **values: Any) -> Row:
    """Call a service on a project of the reader's and return the project as it is now."""
    actor = actor_of(info)
    project = needed(projects_worked_on_by(actor), key)
    service(project=project, actor=actor, **values)
    return project_rows([needed(projects_worked_on_by(actor), key)])[0]


class Query(graphene.ObjectType):
    projects = graphene.Field(
        ProjectPage,
        required=True,
        description="Projects the reader's organisations run; "
        "to the state's officers, those of their regions.",
        state=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    project = graphene.Field(Project, id=graphene.ID(required=True))
    anonymous_needs = graphene.Field(
        AnonymousNeedPage,
        required=True,
        description="Open needs without identity: "
        "of households that consented to this organisation and fit the project.",
        project_id=graphene.ID(required=True),
        region_code=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )

    def resolve_projects(
        self,
        info: GraphQLResolveInfo,
        state: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        found = projects_worked_on_by(actor_of(info))
        if state:
            found = found.filter(state=chosen("state", state, ProjectModel.State))
        rows, total = page_of(found, page, page_size)
        return Page(project_rows(rows), total)

    def resolve_project(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        project = seen(info, projects_worked_on_by(actor_of(info)), id)
        return project_rows([project])[0] if project else None

    def resolve_anonymous_needs(
        self,
        info: GraphQLResolveInfo,
        project_id: str,
        region_code: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        actor, today = actor_of(info), clock.today()
        project = needed(projects_visible_to(actor), project_id)
        require(
            actor,
            "wish.draft",
            region_path=project.region.path,
            organisation_id=project.organisation_id,
        )
        found = in_region(needs_fitting(project, today), region_code)
        rows: list[Any]  # with consent_until
        rows, total = page_of(found, page, page_size)
        ids = [need.pk for need in rows]
        fen, items = residuals(ids), residual_quantities(ids)
        counties = counties_of(need.region for need in rows)
        return Page(
            [
                {
                    "id": need.pk,
                    "purpose": label(need.purpose, need.get_purpose_display()),
                    "cost_item": need.cost_item,
                    "county_name": counties[need.region_id].name,
                    "age_band": rules.age_band(need.person.born_on if need.person else None, today),
                    "tier": need.tier,
                    "residual_fen": fen.get(need.pk),
                    "residual_quantity": items.get(need.pk),
                    "consent_until": need.consent_until,
                }
                for need in rows
            ],
            total,
        )


class Mutation(graphene.ObjectType):
    project_create = graphene.Field(
        Project,
        required=True,
        description="Makes the project as a draft.",
        input=graphene.Argument(ProjectInput, required=True),
    )
    project_decide = graphene.Field(
        Project,
        required=True,
        description="Records the charity's internal decision.",
        id=graphene.ID(required=True),
    )
    project_file = graphene.Field(
        Project,
        required=True,
        description="Records the filing number "
        "and the designated platform's page of the fundraising plan.",
        id=graphene.ID(required=True),
        filing_number=graphene.String(required=True),
        platform_link=graphene.String(required=True),
    )
    project_open = graphene.Field(Project, required=True, id=graphene.ID(required=True))

    def resolve_project_create(self, info: GraphQLResolveInfo, input: Row) -> Row:
        actor, values = actor_of(info), dict(input)
        body = needed(organisations_found(), values.pop("organisation_id"))
        brand = needed(brands_all(), values.pop("brand_id"))
        region = region_of(values.pop("region_code"))
        chosen("purpose", values["purpose"], Purpose)
        for code in values["categories"]:
            chosen("categories", code, Category)
        if min(values["household_quota"], values["budget_fen"], values["min_grant_fen"]) < 0:
            raise Refused("invalid", "金额和户数不能为负数")
        project = project_create(
            organisation=body, brand=brand, region=region, actor=actor, **values
        )
        return project_rows([needed(projects_worked_on_by(actor), str(project.pk))])[0]

    def resolve_project_decide(self, info: GraphQLResolveInfo, id: str) -> Row:
        return _moved(info, id, project_decide)

    def resolve_project_file(
        self, info: GraphQLResolveInfo, id: str, filing_number: str, platform_link: str
    ) -> Row:
        return _moved(
            info, id, project_file, filing_number=filing_number, platform_link=platform_link
        )

    def resolve_project_open(self, info: GraphQLResolveInfo, id: str) -> Row:
        return _moved(info, id, project_open)
