"""Regions, organisations and brands: public reference data."""

from collections.abc import Iterable

import graphene
from graphql import GraphQLResolveInfo

from aid.catalogue import brands_all
from aid.models import Brand as BrandModel
from api.graphql.common import Label, Page, Row, actor_of, label, page_of, region_of
from kernel import clock
from organisations.models import Organisation as OrganisationModel
from organisations.selectors import certificate_numbers, organisations_found
from regions.models import Region as RegionModel
from regions.selectors import names_read_aloud, regions_under


class Region(graphene.ObjectType):
    code = graphene.String(required=True)
    name = graphene.String(required=True)
    full_name = graphene.String(
        required=True, description="As read aloud: city, county, township, village."
    )
    level = graphene.Field(Label, required=True)


class Organisation(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    kind = graphene.Field(Label, required=True)
    region_name = graphene.String(required=True)
    certificate_number = graphene.String(
        description="Number of a fundraising certificate in force today."
    )


class OrganisationPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Organisation), required=True)
    total = graphene.Int(required=True)


class Brand(graphene.ObjectType):
    id = graphene.ID(required=True)
    position = graphene.Int(required=True)
    name = graphene.String(required=True)
    purpose = graphene.Field(Label, required=True)
    target = graphene.String(required=True)
    rhythm = graphene.String(required=True)
    lead_name = graphene.String()


def organisation_rows(bodies: Iterable[OrganisationModel]) -> list[Row]:
    """Return organisations as the client sees them; one query for all certificates."""
    listed = list(bodies)
    numbers = certificate_numbers(listed, clock.today())
    return [
        {
            "id": body.pk,
            "name": body.name,
            "kind": label(body.kind, body.get_kind_display()),
            "region_name": body.region.name,
            "certificate_number": numbers.get(body.pk),
        }
        for body in listed
    ]


def brand_row(brand: BrandModel) -> Row:
    """Return a brand as the client sees it."""
    return {
        "id": brand.pk,
        "position": brand.position,
        "name": brand.name,
        "purpose": label(brand.purpose, brand.get_purpose_display()),
        "target": brand.target,
        "rhythm": brand.rhythm,
        "lead_name": brand.lead.name if brand.lead else None,
    }


def _counties(paths: Iterable[str]) -> Iterable[RegionModel]:
    """Counties of the deployment's city that lie in, or hold, the reader's regions."""
    county = RegionModel.Level.COUNTY
    city = regions_under("/").filter(level=RegionModel.Level.CITY, parent=None).first()
    counties = regions_under(city.path if city else "/", level=county)
    mine = tuple(paths)
    return [
        each
        for each in counties
        if not mine or any(each.path.startswith(p) or p.startswith(each.path) for p in mine)
    ]


class Query(graphene.ObjectType):
    regions = graphene.List(
        graphene.NonNull(Region),
        required=True,
        description="Children of a region; "
        "without parentCode the counties of the city that the reader may see.",
        parent_code=graphene.String(),
    )
    organisations = graphene.Field(
        OrganisationPage,
        required=True,
        kind=graphene.String(),
        search=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    brands = graphene.List(graphene.NonNull(Brand), required=True)

    def resolve_regions(
        self, info: GraphQLResolveInfo, parent_code: str | None = None
    ) -> list[Row]:
        if parent_code:
            parent = region_of(parent_code)
            found = list(regions_under(parent.path).filter(parent=parent))
        else:
            found = list(_counties(actor_of(info).region_paths))
        names = names_read_aloud(found)
        return [
            {
                "code": region.code,
                "name": region.name,
                "full_name": names[region.code],
                "level": label(region.level, region.get_level_display()),
            }
            for region in found
        ]

    def resolve_organisations(
        self,
        info: GraphQLResolveInfo,
        kind: str | None = None,
        search: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        found = organisations_found(kind=kind or "", search=search or "")
        rows, total = page_of(found, page, page_size)
        return Page(organisation_rows(rows), total)

    def resolve_brands(self, info: GraphQLResolveInfo) -> list[Row]:
        return [brand_row(brand) for brand in brands_all()]
