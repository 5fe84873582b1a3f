"""Who may do what, where: the pure actor, one permission table, and ``require``."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kernel.errors import Refused


class Role(StrEnum):
    """Roles of domain.md section 7."""

    VILLAGE_ASSISTANT = "village_assistant"
    SOCIAL_WORKER = "social_worker"
    TOWNSHIP_OFFICER = "township_officer"
    COUNTY_OFFICER = "county_officer"
    COUNTY_REVIEWER = "county_reviewer"
    CITY_OFFICER = "city_officer"
    MEETING_SECRETARY = "meeting_secretary"
    DEPARTMENT_LIAISON = "department_liaison"
    PARTNER_OFFICER = "partner_officer"
    CHARITY_OFFICER = "charity_officer"
    CHARITY_FINANCE = "charity_finance"
    DONOR = "donor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Scope(StrEnum):
    """What a grant must match: the row's region, its organisation, or nothing (own rows only)."""

    REGION = "region"
    ORGANISATION = "organisation"
    OWN = "own"


#: Posts as people call them.
ROLE_LABEL: dict[Role, str] = {
    Role.VILLAGE_ASSISTANT: "村级民政协理员",
    Role.SOCIAL_WORKER: "社工",
    Role.TOWNSHIP_OFFICER: "乡镇（街道）经办人",
    Role.COUNTY_OFFICER: "县级民政经办人",
    Role.COUNTY_REVIEWER: "县级民政复核人",
    Role.CITY_OFFICER: "市级民政经办人",
    Role.MEETING_SECRETARY: "联席会议秘书",
    Role.DEPARTMENT_LIAISON: "部门联络员",
    Role.PARTNER_OFFICER: "合作单位经办人",
    Role.CHARITY_OFFICER: "慈善组织经办人",
    Role.CHARITY_FINANCE: "慈善组织财务",
    Role.DONOR: "捐赠人",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理员",
    Role.SYSTEM: "系统",
}

#: A role's rows in the database: by region for the state's roles, by organisation for the others.
ROLE_SCOPE: dict[Role, Scope] = {
    Role.VILLAGE_ASSISTANT: Scope.REGION,
    Role.SOCIAL_WORKER: Scope.REGION,
    Role.TOWNSHIP_OFFICER: Scope.REGION,
    Role.COUNTY_OFFICER: Scope.REGION,
    Role.COUNTY_REVIEWER: Scope.REGION,
    Role.CITY_OFFICER: Scope.REGION,
    Role.MEETING_SECRETARY: Scope.REGION,
    Role.DEPARTMENT_LIAISON: Scope.ORGANISATION,
    Role.PARTNER_OFFICER: Scope.ORGANISATION,
    Role.CHARITY_OFFICER: Scope.ORGANISATION,
    Role.CHARITY_FINANCE: Scope.ORGANISATION,
    Role.DONOR: Scope.OWN,
    Role.AUDITOR: Scope.REGION,
    Role.ADMINISTRATOR: Scope.REGION,
    Role.SYSTEM: Scope.REGION,
}

_V, _W, _T = Role.VILLAGE_ASSISTANT, Role.SOCIAL_WORKER, Role.TOWNSHIP_OFFICER
_C, _R, _Y, _M = (
    Role.COUNTY_OFFICER,
    Role.COUNTY_REVIEWER,
    Role.CITY_OFFICER,
    Role.MEETING_SECRETARY,
)
_L, _P, _O, _F = (
    Role.DEPARTMENT_LIAISON,
    Role.PARTNER_OFFICER,
    Role.CHARITY_OFFICER,
    Role.CHARITY_FINANCE,
)
_D, _A, _X = Role.DONOR, Role.AUDITOR, Role.ADMINISTRATOR

#: permission -> roles that hold it. SYSTEM holds all of them.
PERMISSIONS: dict[str, frozenset[Role]] = {
    "region.edit": frozenset({_X}),
    "organisation.edit": frozenset({_X}),
    "membership.edit": frozenset({_X}),
    "brand.edit": frozenset({_X, _Y}),
    "household.view": frozenset({_V, _W, _T, _C, _R, _Y, _A, _M}),
    "household.record": frozenset({_T, _C}),
    "person.read_id": frozenset({_T, _C}),
    "need.record": frozenset({_V, _W, _T, _C}),
    "need.assess": frozenset({_T, _C}),
    "consent.record": frozenset({_V, _W, _T, _C}),
    "batch.import": frozenset({_L, _P, _O, _T, _C, _Y}),
    "batch.view": frozenset({_L, _P, _O, _T, _C, _R, _Y, _A}),
    "link.decide": frozenset({_T, _C}),
    "aid.view": frozenset({_T, _C, _R, _Y, _A, _M}),
    "aid.promise_government": frozenset({_T, _C}),
    "aid.pay_government": frozenset({_C}),
    "aid.promise_charity": frozenset({_C, _R, _Y, _O}),
    "aid.pay_charity": frozenset({_F}),
    "aid.correct": frozenset({_C, _F}),
    "finding.close": frozenset({_T, _C}),
    # The ledger as a list: the state's of their regions, the others' own lines.
    "aid.export": frozenset({_T, _C, _R, _Y, _A, _L, _P, _O, _F}),
    "finding.view": frozenset({_T, _C, _R, _Y, _A, _M}),
    "signal.work": frozenset({_V, _W, _T, _C}),
    "project.edit": frozenset({_O, _P}),
    "project.open": frozenset({_O, _P}),
    "wish.draft": frozenset({_V, _W, _T, _O}),
    "wish.screen": frozenset({_T, _C}),
    "wish.verify": frozenset({_C}),
    "wish.publish": frozenset({_O, _P}),
    "wish.withdraw": frozenset({_T, _C, _O}),
    "delivery.record": frozenset({_O, _P}),
    "wish.claim": frozenset({_D}),
    "donation.pay": frozenset({_D}),
    "donor.add_member": frozenset({_O, _F}),
    "donation.cashier": frozenset({_F}),
    "donation.view": frozenset({_D, _F, _A}),
    "payout.approve": frozenset({_F}),
    "match.run": frozenset({_C, _Y}),
    "match.view": frozenset({_C, _R, _Y, _A, _M}),
    "match.first_review": frozenset({_C}),
    "match.approve": frozenset({_R}),
    "match.approve_large": frozenset({_Y}),
    "meeting.plan": frozenset({_M, _Y}),
    "meeting.freeze": frozenset({_M}),
    "meeting.view": frozenset({_M, _C, _R, _Y, _A}),
    "audit.view": frozenset({_A}),
    "setup.view": frozenset({_X, _A}),
}


@dataclass(frozen=True)
class Grant:
    """One dated membership in force: a role in a region subtree and, perhaps, an organisation."""

    role: Role
    region_path: str
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts: opaque id, name for people to read, and the grants in force today."""

    id: UUID
    name: str
    grants: tuple[Grant, ...] = ()

    @property
    def region_paths(self) -> tuple[str, ...]:
        """Subtrees whose rows the actor may see."""
        return tuple(
            sorted({g.region_path for g in self.grants if ROLE_SCOPE[g.role] is Scope.REGION})
        )

    @property
    def organisation_ids(self) -> tuple[UUID, ...]:
        """Organisations whose rows the actor may see; a donor sees none but his own."""
        return tuple(
            sorted(
                {
                    g.organisation_id
                    for g in self.grants
                    if g.organisation_id and ROLE_SCOPE[g.role] is not Scope.OWN
                }
            )
        )

    def has(self, role: Role) -> bool:
        """Whether any grant in force carries ``role``."""
        return any(grant.role is role for grant in self.grants)


#: Acts for listed system tasks only: sees every region.
SYSTEM = Actor(UUID(int=0), "系统", (Grant(Role.SYSTEM, "/"),))
#: A visitor who has not logged in.
PUBLIC = Actor(UUID(int=1), "访客")


def may(
    actor: Actor, permission: str, *, region_path: str, organisation_id: UUID | None = None
) -> bool:
    """Whether ``actor`` holds ``permission`` over a row of that region and organisation.

    State roles need the row's region under theirs; organisation roles need the row's organisation
    to be theirs; a donor's own rows are checked by the service.

    >>> officer = Actor(UUID(int=9), "经办", (Grant(Role.COUNTY_OFFICER, "/350600/350622/"),))
    >>> may(officer, "need.assess", region_path="/350600/350622/350622100000/")
    True
    >>> may(officer, "need.assess", region_path="/350600/350623/")
    False
    """
    roles = PERMISSIONS[permission]
    for grant in actor.grants:
        if grant.role is Role.SYSTEM:
            return True
        if grant.role not in roles:
            continue
        scope = ROLE_SCOPE[grant.role]
        if scope is Scope.REGION and region_path.startswith(grant.region_path):
            return True
        if (
            scope is Scope.ORGANISATION
            and organisation_id is not None
            and organisation_id == grant.organisation_id
        ):
            return True
        if scope is Scope.OWN:
            return True
    return False


def require(
    actor: Actor, permission: str, *, region_path: str, organisation_id: UUID | None = None
) -> None:
    """Raise ``Refused("denied")`` unless ``may`` says yes."""
    if not may(actor, permission, region_path=region_path, organisation_id=organisation_id):
        raise Refused("denied", "您没有此操作的权限，或该记录不在您的辖区内", permission=permission)


def narrowed(actor: Actor, permission: str) -> Actor:
    """Return ``actor`` with only the grants that carry ``permission``: what a list may show him.

    Raises ``Refused("denied")`` when none does.

    >>> both = (Grant(Role.VILLAGE_ASSISTANT, "/1/2/"), Grant(Role.COUNTY_OFFICER, "/1/3/"))
    >>> narrowed(Actor(UUID(int=9), "经办", both), "batch.view").region_paths
    ('/1/3/',)
    """
    roles = PERMISSIONS[permission] | {Role.SYSTEM}
    grants = tuple(grant for grant in actor.grants if grant.role in roles)
    if not grants:
        raise Refused("denied", "您没有此操作的权限", permission=permission)
    return Actor(actor.id, actor.name, grants)
