"""The divisions: 2,293 of the city, old codes with successors, zones, and the rules' counties."""

import pytest

from organisations.models import Organisation
from regions.models import Region
from regions.reference import load_regions
from regions.selectors import county_of, region_now, regions_under

pytestmark = pytest.mark.django_db


def test_the_city_holds_its_divisions() -> None:
    present = regions_under("/350600/").exclude(is_functional_zone=True)
    counted = {
        level: present.filter(level=level).count()
        for level in ("city", "county", "township", "village")
    }
    assert counted == {"city": 1, "county": 11, "township": 146, "village": 2135}


@pytest.mark.parametrize(("old", "new"), [("350681", "350604"), ("350625", "350605")])
def test_an_abolished_code_leads_to_its_successor(old: str, new: str) -> None:
    found = region_now(old)
    assert found is not None
    assert found.code == new
    assert not regions_under("/350600/").filter(pk=old).exists()


def test_an_unknown_code_leads_nowhere() -> None:
    assert region_now("999999") is None


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("350602001001", ["350602001001", "350602001000", "350602", "350600", "350000", "CN"]),
        ("350582", ["350582", "350500", "350000", "CN"]),
        ("3506Z1", ["3506Z1", "350600", "350000", "CN"]),
    ],
)
def test_parameters_are_looked_up_from_the_village_to_the_nation(
    code: str, chain: list[str]
) -> None:
    assert Region.objects.get(pk=code).chain == chain


def test_county_of_a_village() -> None:
    assert county_of(Region.objects.get(pk="350622100001")).code == "350622"


def test_loading_again_changes_nothing_and_keeps_the_count() -> None:
    before = list(Region.objects.order_by("code").values())
    load_regions()
    assert list(Region.objects.order_by("code").values()) == before


def test_repeated_village_names_are_told_apart_by_their_parent() -> None:
    names = [str(r) for r in regions_under("/350600/", level="village").select_related("parent")]
    assert len(set(names)) > len(names) * 0.99
    assert len({r.name for r in regions_under("/350600/", level="village")}) < len(names)


def test_civil_affairs_stands_at_four_levels_and_the_partners_are_seven() -> None:
    levels = Organisation.objects.filter(kind="civil_affairs").values_list(
        "region__level", flat=True
    )
    assert set(levels) == {"city", "county", "township", "village"}
    assert Organisation.objects.filter(kind="partner").count() == 7
