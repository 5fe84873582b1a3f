"""The worked cases A to I (domain.md, after section 3) as households with needs and aid.

Amounts are those of the sources; where a source gives none (a net cost, the split of a sum over
layers) the value is a sample, and the need's note says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from psycopg.types.range import DateRange

from config.demo.bodies import VILLAGE, case_body
from config.demo.family import Family, FamilyMaker
from households.models import Category, MedicalBill, Need, Purpose
from organisations.reference import organisation_id
from regions.models import Region

Layer = Literal["government", "group", "charity", "individual", "own"]
_SAMPLE = "净额为示例值"


@dataclass(frozen=True)
class CaseAid:
    """One amount of aid in a case: layer, giver's role, yuan or a quantity, what it was."""

    layer: Layer
    giver: str
    yuan: int
    what: str
    quantity: int = 0


@dataclass(frozen=True)
class CaseNeed:
    """One need of a case with the aid it received; ``net_yuan`` None: not assessed."""

    purpose: Purpose
    cost_item: str
    net_yuan: int | None
    aid: tuple[CaseAid, ...]
    note: str = ""
    quantity: int | None = None
    common: bool = False
    gross_yuan: int | None = None


@dataclass(frozen=True)
class Case:
    """A labelled household."""

    label: str
    region: str
    category: Category | None
    size: int
    needs: tuple[CaseNeed, ...]
    monthly_yuan: int = 0
    recognised_from_month: int = 1


JINJIANG, DEHUA, SANMEN, DIANJIANG = "350582", "350526", "331022", "500231"
_BUILD, _FURNITURE, _FISCAL_MAXIMUM = 120_000, 10_000, 110_000
_FISCAL = min(_BUILD, _FISCAL_MAXIMUM)
#: 99,000 yuan gathered "from several levels and enterprises"; the split is a sample.
_GATHERED = (
    CaseAid("government", "civil_affairs", 40_000, "医疗救助"),
    CaseAid("group", "trade_union", 15_000, "工会慰问"),
    CaseAid("charity", "charity_federation", 24_000, "慈善医疗援助"),
    CaseAid("individual", "enterprise", 20_000, "企业捐助"),
)

CASES = (
    Case(
        "A",
        JINJIANG,
        Category.DIBAO,
        3,
        (
            CaseNeed(
                Purpose.HOUSING_BUILD,
                "建房",
                50_000,
                (CaseAid("government", "civil_affairs", 50_000, "帮安居建房补助"),),
                _SAMPLE,
                common=True,
            ),
            CaseNeed(
                Purpose.HOUSING_BUILD,
                "装修",
                30_000,
                (CaseAid("government", "civil_affairs", 30_000, "帮安居装修补助"),),
                _SAMPLE,
                common=True,
            ),
        ),
    ),
    Case(
        "B",
        JINJIANG,
        Category.DIBAO,
        4,
        (
            # JJ-05: of the building cost at most 110,000 is fiscal, the rest and furniture charity.
            CaseNeed(
                Purpose.HOUSING_BUILD,
                "安居兜底建房装修",
                _BUILD,
                (
                    CaseAid("government", "civil_affairs", _FISCAL, "安居兜底财政资金"),
                    CaseAid("charity", "charity_federation", _BUILD - _FISCAL, "安居兜底慈善资金"),
                ),
                common=True,
            ),
            CaseNeed(
                Purpose.HOUSING_BUILD,
                "家具",
                _FURNITURE,
                (CaseAid("charity", "charity_federation", _FURNITURE, "安居兜底家具"),),
                common=True,
            ),
        ),
    ),
    Case(
        "C",
        JINJIANG,
        Category.RIGID_EXPENDITURE,
        4,
        (
            CaseNeed(
                Purpose.MEDICAL,
                "重病自付",
                130_000,
                (CaseAid("government", "civil_affairs", 7_800, "晋力帮自主申报救助"),),
                "此前医疗支出超过13万元",
            ),
        ),
    ),
    Case(
        "D",
        DIANJIANG,
        Category.DIBAO,
        3,
        (
            CaseNeed(
                Purpose.MEDICAL,
                "手术费",
                200_000,
                (CaseAid("government", "civil_affairs", 40_000, "临时救助"),),
                "手术费超过20万元，其后纳入低保",
            ),
        ),
        recognised_from_month=3,
    ),
    Case(
        "E",
        DEHUA,
        Category.DIBAO,
        2,
        (
            CaseNeed(
                Purpose.MEDICAL,
                "重病自付",
                130_000,
                (
                    CaseAid("government", "civil_affairs", 19_900, "一事一议大额临时救助"),
                    CaseAid("government", "township", 5_000, "乡镇救助"),
                    CaseAid("charity", "charity_federation", 5_000, "慈善救助"),
                ),
                "自付医疗费超过13万元",
            ),
            CaseNeed(
                Purpose.REHABILITATION,
                "康复训练（月2500元）",
                30_000,
                (CaseAid("group", "disabled_federation", 2_500, "康复补助（当月）"),),
            ),
        ),
    ),
    Case(
        "F",
        JINJIANG,
        Category.DIBAO,
        3,
        (
            CaseNeed(Purpose.MEDICAL, "亡夫治疗费", 99_000, _GATHERED, "各层分摊为示例值"),
            CaseNeed(
                Purpose.HOUSING_BUILD, "安居兜底建房装修", None, (), "其后安居兜底", common=True
            ),
            CaseNeed(
                Purpose.EMPLOYMENT,
                "就业安置（人）",
                None,
                (CaseAid("government", "human_resources", 0, "安排就业", quantity=1),),
                quantity=1,
            ),
        ),
    ),
    Case(
        "G",
        SANMEN,
        Category.DIBAO,
        2,
        (
            CaseNeed(
                Purpose.MEDICAL, "药费（每月超过1万元）", 120_000, (), "按每月1万元折算的示例值"
            ),
            CaseNeed(
                Purpose.LIVING,
                "水电减免（项）",
                None,
                (CaseAid("government", "civil_affairs", 0, "水电费减免", quantity=1),),
                quantity=2,
                common=True,
            ),
            CaseNeed(
                Purpose.FESTIVAL,
                "捐赠物品（件）",
                None,
                (CaseAid("individual", "enterprise", 0, "爱心人士捐赠", quantity=1),),
                quantity=3,
                common=True,
            ),
        ),
        monthly_yuan=2_080,
    ),
    Case(
        "H",
        VILLAGE,
        Category.DIBAO,
        4,
        (CaseNeed(Purpose.MEDICAL, "上年自付", 100_000, (), "12月推送，次年2月四口人纳入低保"),),
        monthly_yuan=4 * 469,
        recognised_from_month=2,
    ),
    Case(
        "I",
        VILLAGE,
        Category.DIBAO_EDGE,
        2,
        (
            CaseNeed(
                Purpose.EMPLOYMENT,
                "公益性岗位",
                None,
                (CaseAid("government", "human_resources", 0, "公益性岗位，月工资2045元", 1),),
                "月工资2045元，工资不计作救助",
                quantity=1,
            ),
        ),
    ),
)


def case_families(maker: FamilyMaker, today: date) -> list[Family]:
    """Return the nine labelled families, their needs assessed where the case gives a net."""
    regions = Region.objects.in_bulk([case.region for case in CASES])
    return [_family(case, regions[case.region], maker, today) for case in CASES]


def _family(case: Case, region: Region, maker: FamilyMaker, today: date) -> Family:
    category = case.category or Category.DIBAO
    family = maker.make(
        number=f"CASE-{case.label}",
        region=region,
        category=category,
        size=case.size,
        case_label=case.label,
    )
    since = date(today.year, case.recognised_from_month, 1)
    if since > today:
        since = date(today.year - 1, case.recognised_from_month, 1)
    # Of what was drawn only the case's own category stays, from the month that the case gives.
    first = {r.person_id: r for r in reversed(family.recognitions)}
    family.recognitions = [first[person.id] for person in family.persons]
    for position, recognition in enumerate(family.recognitions):
        share, rest = divmod(case.monthly_yuan * 100, case.size)
        recognition.category = category
        recognition.period = DateRange(since, None)
        recognition.monthly_fen = share + (rest if position == 0 else 0)
    family.needs = [_need(need, family, maker, today) for need in case.needs]
    if case.label == "H":
        family.bills = [_december_bill(family, maker, today)]
    return family


def _need(case_need: CaseNeed, family: Family, maker: FamilyMaker, today: date) -> Need:
    household = family.household
    person = None if case_need.common else family.persons[0]
    net_fen = case_need.net_yuan * 100 if case_need.net_yuan is not None else None
    return Need(
        id=maker.keys.next(),
        household=household,
        person=person,
        scope_id=person.id if person else household.id,
        region=household.region,
        purpose=case_need.purpose,
        cost_item=case_need.cost_item,
        period=DateRange(date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        net_fen=net_fen,
        net_quantity=case_need.quantity,
        tier=0 if case_need.purpose == Purpose.MEDICAL else 1,
        state=Need.State.RECORDED
        if net_fen is None and case_need.quantity is None
        else Need.State.OPEN,
        note=case_need.note,
    )


def _december_bill(family: Family, maker: FamilyMaker, today: date) -> MedicalBill:
    """Return the bill of case H: 100,000 yuan of own money, settled in December."""
    return MedicalBill(
        id=maker.keys.next(),
        person=family.persons[0],
        household=family.household,
        region=family.household.region,
        sender_id=organisation_id("medical_insurance"),
        reference="YB-CASE-H",
        settled_on=date(today.year - 1, 12, 15),
        gross_fen=10_000_000,
    )


def giver_of(case: Case, aid: CaseAid) -> UUID:
    """Return the id of the organisation that gave ``aid``."""
    return case_body(aid.giver, case.region)
