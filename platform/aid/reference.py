"""Load the government schemes, the nine brands and the limits that the database's guard uses."""

from datetime import date
from uuid import UUID

from aid.models import Brand, GuardLimit, Scheme
from households.models import Purpose
from kernel import clock
from kernel.ids import named_id
from organisations.reference import organisation_id
from policy.parameters import lookup_number
from regions.models import Region
from regions.reference import ROOT

#: Benefits of this kind exclude each other for one person (domain.md section 5, O-06).
BASIC_LIVING = "basic_living"

#: Code, name, purpose, exclusive kind (domain.md sections 1 and 4).
SCHEMES = [
    ("dibao", "最低生活保障", Purpose.LIVING, BASIC_LIVING),
    ("tekun", "特困人员救助供养", Purpose.LIVING, BASIC_LIVING),
    ("temporary_aid", "临时救助", Purpose.LIVING, ""),
    ("large_temporary_aid", "大额临时救助", Purpose.MEDICAL, ""),
    ("medical_assistance", "医疗救助", Purpose.MEDICAL, ""),
    ("unattended_child_allowance", "事实无人抚养儿童基本生活补贴", Purpose.LIVING, "child_living"),
    ("orphan_allowance", "孤儿基本生活费", Purpose.LIVING, "child_living"),
    ("education_assistance", "教育救助", Purpose.EDUCATION_FEE, ""),
    ("housing_assistance", "住房救助（建房）", Purpose.HOUSING_BUILD, ""),
    ("public_rental", "公共租赁住房", Purpose.HOUSING_RENT, ""),
    ("employment_assistance", "就业救助", Purpose.EMPLOYMENT, ""),
    ("disaster_relief", "受灾人员救助", Purpose.DISASTER, ""),
    ("disabled_living_subsidy", "困难残疾人生活补贴", Purpose.LIVING, ""),
    ("disabled_care_subsidy", "重度残疾人护理补贴", Purpose.CARE_SERVICE, ""),
    ("funeral_aid", "惠民殡葬", Purpose.FUNERAL, ""),
]

#: Code, name, purpose, target, rhythm, role of the probable lead (domain.md sections 1.3 and 5.3).
BRANDS = [
    ("workers_visit", "慰问困难职工", Purpose.FESTIVAL, "困难职工", "节日", "trade_union"),
    ("hope_schooling", "希望工程爱心助学", Purpose.EDUCATION_FEE, "学生", "学年", "youth_league"),
    ("wish_schoolbag", "微心愿爱心书包", Purpose.EDUCATION_ITEM, "儿童", "心愿", "youth_league"),
    ("charity_sunshine", "慈善阳光", Purpose.LIVING, "困难群众", "常年", "charity_federation"),
    ("elderly_orphans", "扶老助孤", Purpose.LIVING, "老人、孤儿", "常年", "charity_federation"),
    ("fraternity_homes", "博爱送万家", Purpose.FESTIVAL, "困难家庭", "春节", "red_cross"),
    (
        "disabled_graduates_fair",
        "残疾人大学生就业嘉年华",
        Purpose.EMPLOYMENT,
        "残疾人大学生",
        "每年",
        "disabled_federation",
    ),
    (
        "caring_mothers",
        "爱心妈妈点亮未来",
        Purpose.COMPANIONSHIP,
        "留守和困境儿童",
        "三年结对",
        "womens_federation",
    ),
    ("golden_autumn", "金秋助学", Purpose.EDUCATION_FEE, "学生", "秋季入学", "trade_union"),
]

LIMIT_KEYS = ("aid.small_gift_limit_fen", "aid.advance_limit_fen")


def scheme_id(code: str) -> UUID:
    """Return the fixed id of a reference scheme."""
    return named_id(f"scheme:{code}")


def brand_id(code: str) -> UUID:
    """Return the fixed id of a reference brand."""
    return named_id(f"brand:{code}")


def load_schemes() -> int:
    """Insert the government schemes and return their number; edits made since are kept."""
    Scheme.objects.bulk_create(
        [
            Scheme(id=scheme_id(code), code=code, name=name, purpose=purpose, exclusive_kind=kind)
            for code, name, purpose, kind in SCHEMES
        ],
        ignore_conflicts=True,
    )
    return len(SCHEMES)


def load_brands() -> int:
    """Insert the nine brands and return their number; edits made since are kept."""
    Brand.objects.bulk_create(
        [
            Brand(
                id=brand_id(code),
                position=position,
                code=code,
                name=name,
                purpose=purpose,
                target=target,
                rhythm=rhythm,
                lead_id=organisation_id(lead),
            )
            for position, (code, name, purpose, target, rhythm, lead) in enumerate(BRANDS, 1)
        ],
        ignore_conflicts=True,
    )
    return len(BRANDS)


def load_guard_limits(on: date | None = None) -> int:
    """Copy the limits in force on a day into the guard's table, by county; return their number.

    The tables' owner alone may write them, so the set-up command calls this, and again whenever a
    parameter changes.
    """
    day = on or clock.today()
    root = Region.objects.get(pk=ROOT)
    regions = [root, *Region.objects.filter(parent__isnull=True).exclude(pk=ROOT)]
    regions += Region.objects.filter(level=Region.Level.COUNTY, successor=None)
    rows = [
        GuardLimit(
            region=region,
            key=key,
            value_fen=lookup_number(key, region_chain=region.chain, on=day),
        )
        for region in {region.pk: region for region in regions}.values()
        for key in LIMIT_KEYS
    ]
    GuardLimit.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["region", "key"],
        update_fields=["value_fen"],
    )
    return len(rows)
