"""Demo organisations and one log-in for each role. Names are invented and marked as samples."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Membership, User
from kernel.access import Role
from kernel.errors import Refused
from kernel.ids import named_id
from organisations.models import FundraisingCertificate, Organisation
from organisations.reference import organisation_id
from regions.reference import ROOT, pinyin_key

PASSWORD = "demo1798"  # noqa: S105
#: Where the demo's officers work: a county, one of its townships, one of its villages.
COUNTY, TOWNSHIP, VILLAGE = "350602", "350602001000", "350602001001"
OTHER_COUNTY = "350622"
RULE_COUNTIES = ("350582", "350121", "350526", "331022", "500231")

INSURER, UNION, FEDERATION = map(
    organisation_id, ("medical_insurance", "trade_union", "charity_federation")
)
CHARITY = named_id("demo:charity:certified")
CHARITY_WITHOUT_CERTIFICATE = named_id("demo:charity:uncertified")
BRANCH = named_id("demo:charity:branch")
ENTERPRISE = named_id("demo:enterprise")
SCHOOL = named_id("demo:school")

_Kind = Organisation.Kind
_BODIES = [
    (CHARITY, "漳州水仙慈善基金会（示例）", _Kind.CHARITY, ROOT, None, "53350600MJ00000023"),
    (
        CHARITY_WITHOUT_CERTIFICATE,
        "芗江邻里互助会（示例）",
        _Kind.CHARITY,
        COUNTY,
        None,
        "51350600MJ00000016",
    ),
    (
        ENTERPRISE,
        "漳州荔海食品公司（示例）",
        _Kind.ENTERPRISE,
        ROOT,
        None,
        "91350600MA0000003P",
    ),
    (SCHOOL, "芗江实验小学（示例）", _Kind.SCHOOL, COUNTY, None, ""),
]

#: Bodies of the counties whose rules are run: role code, name after the county, kind.
_CASE_BODIES = [
    ("civil_affairs", "民政局", _Kind.CIVIL_AFFAIRS),
    ("township", "乡镇民政办", _Kind.CIVIL_AFFAIRS),
    ("human_resources", "人力资源和社会保障局", _Kind.DEPARTMENT),
    ("disabled_federation", "残疾人联合会", _Kind.PARTNER),
    ("trade_union", "总工会", _Kind.PARTNER),
    ("charity_federation", "慈善总会", _Kind.CHARITY),
    ("enterprise", "爱心企业", _Kind.ENTERPRISE),
]
_COUNTY_NAMES = dict(
    zip(RULE_COUNTIES, ("晋江市", "闽侯县", "德化县", "三门县", "垫江县"), strict=True)
)


@dataclass(frozen=True)
class Login:
    """A demo user: post, place and, for some roles, the organisation."""

    username: str
    title: str
    role: Role
    region: str
    organisation: UUID | None = None


LOGINS = [
    Login("cun", "村民政协管员", Role.VILLAGE_ASSISTANT, VILLAGE),
    Login("shegong", "社会工作者", Role.SOCIAL_WORKER, TOWNSHIP),
    Login("zhen", "乡镇（街道）经办", Role.TOWNSHIP_OFFICER, TOWNSHIP),
    Login("xian", "县级民政经办", Role.COUNTY_OFFICER, COUNTY),
    Login("fuhe", "县级民政复核", Role.COUNTY_REVIEWER, COUNTY),
    Login("shi", "市民政局", Role.CITY_OFFICER, ROOT),
    Login("mishu", "联席会议秘书", Role.MEETING_SECRETARY, ROOT),
    Login("yibao", "医保局联络员", Role.DEPARTMENT_LIAISON, ROOT, INSURER),
    Login("gonghui", "总工会干事", Role.PARTNER_OFFICER, ROOT, UNION),
    *(
        Login(name, title, Role.PARTNER_OFFICER, ROOT, organisation_id(role))
        for name, title, role in (
            ("tuan", "团市委干事", "youth_league"),
            ("canlian", "残联干事", "disabled_federation"),
            ("fulian", "妇联干事", "womens_federation"),
            ("hongshi", "红十字会干事", "red_cross"),
            ("guangong", "关工委干事", "next_generation_committee"),
        )
    ),
    Login("cishan", "慈善总会项目", Role.CHARITY_OFFICER, ROOT, FEDERATION),
    Login("caiwu", "慈善总会财务", Role.CHARITY_FINANCE, ROOT, FEDERATION),
    Login(
        "caiwu2",
        "慈善总会财务复核",
        Role.CHARITY_FINANCE,
        ROOT,
        FEDERATION,
    ),
    Login("shuixian", "基金会项目", Role.CHARITY_OFFICER, ROOT, CHARITY),
    Login("shuixiancw", "基金会财务", Role.CHARITY_FINANCE, ROOT, CHARITY),
    Login("linli", "互助会项目", Role.CHARITY_OFFICER, COUNTY, CHARITY_WITHOUT_CERTIFICATE),
    Login("juanzeng", "捐赠人", Role.DONOR, ROOT),
    Login("shenji", "审计", Role.AUDITOR, ROOT),
    Login("admin", "系统管理员", Role.ADMINISTRATOR, ROOT),
    Login("yunxiao", "外县民政经办", Role.COUNTY_OFFICER, OTHER_COUNTY),
    *(
        Login(f"case{code}", f"{name}民政经办", Role.COUNTY_OFFICER, code)
        for code, name in _COUNTY_NAMES.items()
    ),
]


def case_body(role: str, region: str) -> UUID:
    """Return the id of a body of a worked case: the city's own, or a sample of another county."""
    return organisation_id(role) if region.startswith(ROOT[:4]) else organisation_id(role, region)


def bodies_load(today: date) -> None:
    """Insert the demo organisations and the certificates of two of them."""
    rows = [
        Organisation(
            id=id_,
            name=name,
            kind=kind,
            region_id=region,
            parent_id=parent,
            uscc=uscc,
            pinyin=pinyin_key(name),
        )
        for id_, name, kind, region, parent, uscc in _BODIES
    ]
    for county, county_name in _COUNTY_NAMES.items():
        for role, suffix, kind in _CASE_BODIES:
            name = f"{county_name}{suffix}（示例）"
            rows.append(
                Organisation(
                    id=case_body(role, county),
                    name=name,
                    kind=kind,
                    role=role,
                    region_id=county,
                    pinyin=pinyin_key(name),
                )
            )
    name = "漳州市慈善总会芗城东铺头分会（示例）"
    branch = Organisation(
        id=BRANCH,
        name=name,
        kind=_Kind.BRANCH,
        region_id=TOWNSHIP,
        parent_id=FEDERATION,
        has_legal_personality=False,
        pinyin=pinyin_key(name),
    )
    Organisation.objects.bulk_create([*rows, branch])
    FundraisingCertificate.objects.bulk_create(
        [
            FundraisingCertificate(
                id=named_id(f"demo:certificate:{holder}"),
                organisation_id=holder,
                number=f"示例-公募-{position}",
                valid_from=date(today.year - 1, 1, 1),
            )
            for position, holder in enumerate((CHARITY, FEDERATION), 1)
        ]
    )


def logins_load(today: date) -> None:
    """Insert the demo users, whose password is known to everybody.

    Raises ``Refused("not_a_demo")`` in a deployment.
    """
    if not settings.DEMO:
        raise Refused("not_a_demo", "演示账号的密码是公开的，只能在演示环境（DEMO=1）中建立")
    users = {
        login.username: User(
            id=named_id(f"demo:user:{login.username}"),
            username=login.username,
            display_name=f"{login.title}（演示）",
            password=make_password(PASSWORD),
        )
        for login in LOGINS
    }
    User.objects.bulk_create(users.values())
    Membership.objects.bulk_create(
        [
            Membership(
                id=named_id(f"demo:membership:{login.username}"),
                user=users[login.username],
                role=login.role.value,
                region_id=login.region,
                organisation_id=login.organisation,
                valid_from=date(today.year - 1, 1, 1),
            )
            for login in LOGINS
        ]
    )
