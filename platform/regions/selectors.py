"""Reading divisions. They are public."""

from collections.abc import Iterable

from django.db.models import QuerySet

from regions.models import Region


def region_now(code: str) -> Region | None:
    """Return the present division of a code: itself, or the successor of an abolished one."""
    region = Region.objects.select_related("successor").filter(pk=code).first()
    return region.successor or region if region else None


def regions_under(path: str, *, level: str | None = None) -> QuerySet[Region]:
    """Divisions in force in a subtree, by code."""
    found = Region.objects.filter(path__startswith=path, successor=None).order_by("code")
    return found.filter(level=level) if level else found


def county_of(region: Region) -> Region:
    """Return the county that a township or village lies in; a city is its own."""
    codes = [code for code in region.path.split("/") if code]
    found = Region.objects.filter(pk__in=codes, level=Region.Level.COUNTY).first()
    return found or region


def region_at(path: str) -> Region:
    """Return the division that a path leads to."""
    return Region.objects.get(path=path)


def names_read_aloud(regions: Iterable[Region]) -> dict[str, str]:
    """Return "county township village" names by code, in one query; the city is left unsaid."""
    wanted = list(regions)
    codes = {code for region in wanted for code in region.path.split("/") if code}
    names = dict(Region.objects.filter(pk__in=codes).values_list("code", "name"))
    return {
        region.code: "".join(
            names[code]
            for position, code in enumerate(filter(None, region.path.split("/")))
            if position or region.path.count("/") == 2
        )
        for region in wanted
    }


def regions_at(paths: Iterable[str]) -> dict[str, Region]:
    """Return regions by path."""
    return {region.path: region for region in Region.objects.filter(path__in=set(paths))}


def counties_of(regions: Iterable[Region]) -> dict[str, Region]:
    """Return the county of each region by the region's code, in one query; see ``county_of``."""
    wanted = {region.code: region for region in regions}
    codes = {code for region in wanted.values() for code in region.path.split("/") if code}
    counties = {
        county.code: county
        for county in Region.objects.filter(pk__in=codes, level=Region.Level.COUNTY)
    }
    return {
        code: next((counties[c] for c in region.path.split("/") if c in counties), region)
        for code, region in wanted.items()
    }


def names_by_code(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of divisions."""
    return dict(Region.objects.filter(pk__in=set(codes)).values_list("code", "name"))
