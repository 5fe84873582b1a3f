import graphene

from api.graphql.common import Label
from api.graphql.places import Brand, Organisation
from api.graphql.scalars import Date, Fen


class Appeal(graphene.ObjectType):
    """What the law has shown beside a public appeal; without it the wish is for the charity's members only."""

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


class Query(graphene.ObjectType):
    projects = graphene.Field(
        ProjectPage,
        required=True,
        description="Projects the reader's organisations run; to the state's officers, those of their regions.",
        state=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    project = graphene.Field(Project, id=graphene.ID(required=True))
    anonymous_needs = graphene.Field(
        AnonymousNeedPage,
        required=True,
        description="Open needs without identity: of households that consented to this organisation and fit the project.",
        project_id=graphene.ID(required=True),
        region_code=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
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
        description="Records the filing number and the designated platform's page of the fundraising plan.",
        id=graphene.ID(required=True),
        filing_number=graphene.String(required=True),
        platform_link=graphene.String(required=True),
    )
    project_open = graphene.Field(Project, required=True, id=graphene.ID(required=True))
