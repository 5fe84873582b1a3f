"""The permission table: who may do what, where."""

from uuid import UUID

import pytest

from kernel.access import PERMISSIONS, PUBLIC, ROLE_SCOPE, SYSTEM, Actor, Grant, Role, may, require
from kernel.errors import Refused

COUNTY, OTHER = "/350600/350602/", "/350600/350622/"
CHARITY, OTHER_CHARITY = UUID(int=11), UUID(int=12)


def one(role: Role, path: str = COUNTY, organisation: UUID | None = None) -> Actor:
    return Actor(UUID(int=9), "某", (Grant(role, path, organisation),))


@pytest.mark.parametrize(
    ("actor", "permission", "path", "organisation", "expected"),
    [
        (one(Role.COUNTY_OFFICER), "need.assess", COUNTY + "350602001000/", None, True),
        (one(Role.COUNTY_OFFICER), "need.assess", OTHER, None, False),
        (one(Role.COUNTY_OFFICER), "need.assess", "/350600/", None, False),
        (one(Role.CITY_OFFICER, "/350600/"), "match.view", OTHER, None, True),
        (one(Role.VILLAGE_ASSISTANT), "need.assess", COUNTY, None, False),
        (one(Role.CHARITY_OFFICER, "/", CHARITY), "project.edit", OTHER, CHARITY, True),
        (one(Role.CHARITY_OFFICER, "/", CHARITY), "project.edit", OTHER, OTHER_CHARITY, False),
        (one(Role.CHARITY_OFFICER, "/", CHARITY), "project.edit", OTHER, None, False),
        (one(Role.CHARITY_OFFICER, "/", CHARITY), "household.view", COUNTY, CHARITY, False),
        (one(Role.AUDITOR, "/350600/"), "match.approve", COUNTY, None, False),
        (PUBLIC, "wish.claim", COUNTY, None, False),
        (SYSTEM, "match.approve", OTHER, None, True),
    ],
)
def test_permission_needs_role_region_and_organisation(
    actor: Actor, permission: str, path: str, organisation: UUID | None, expected: bool
) -> None:
    assert may(actor, permission, region_path=path, organisation_id=organisation) is expected


def test_require_refuses_in_chinese() -> None:
    with pytest.raises(Refused) as no:
        require(PUBLIC, "match.approve", region_path=COUNTY)
    assert no.value.code == "denied"
    assert "权限" in no.value.message


def test_organisation_role_without_organisation_reaches_nothing() -> None:
    nobody = one(Role.CHARITY_OFFICER, "/")
    assert nobody.organisation_ids == ()
    assert not may(nobody, "project.edit", region_path="/")


def test_only_state_roles_give_a_region_of_rows() -> None:
    assert one(Role.CHARITY_OFFICER, "/", CHARITY).region_paths == ()
    assert one(Role.COUNTY_OFFICER).region_paths == (COUNTY,)


def test_every_role_has_a_scope_and_every_permission_a_holder() -> None:
    assert set(ROLE_SCOPE) == set(Role)
    assert all(PERMISSIONS.values())
