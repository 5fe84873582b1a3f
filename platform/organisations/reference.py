"""Load the city's organisations: civil affairs at four levels, departments, the seven partners."""

from uuid import UUID

from kernel.ids import named_id
from organisations.models import Organisation
from regions.models import Region
from regions.reference import ROOT, pinyin_key

#: Departments that exchange lists (domain.md section 2), role code and name.
DEPARTMENTS = [
    ("medical_insurance", "医疗保障局"),
    ("human_resources", "人力资源和社会保障局"),
    ("education", "教育局"),
    ("housing", "住房和城乡建设局"),
    ("emergency", "应急管理局"),
    ("agriculture", "农业农村局"),
    ("finance", "财政局"),
    ("checking_centre", "居民家庭经济状况核对中心"),
]

#: The seven partners (domain.md section 1.3).
PARTNERS = [
    ("youth_league", "共青团漳州市委员会"),
    ("trade_union", "漳州市总工会"),
    ("disabled_federation", "漳州市残疾人联合会"),
    ("womens_federation", "漳州市妇女联合会"),
    ("red_cross", "漳州市红十字会"),
    ("next_generation_committee", "漳州市关心下一代工作委员会"),
    ("charity_federation", "漳州市慈善总会"),
]


def organisation_id(role: str, region_code: str = ROOT) -> UUID:
    """Return the fixed id of a reference organisation."""
    return named_id(f"organisation:{role}:{region_code}")


def load_organisations() -> int:
    """Insert the reference organisations and return their number; edits made since are kept."""
    rows: list[Organisation] = []

    def add(role: str, name: str, kind: str, region: str, parent: str | None = None) -> None:
        rows.append(
            Organisation(
                id=organisation_id(role, region),
                name=name,
                kind=kind,
                role=role,
                region_id=region,
                parent_id=organisation_id(role, parent) if parent else None,
                pinyin=pinyin_key(name),
            )
        )

    kind = Organisation.Kind
    add("civil_affairs", "漳州市民政局", kind.CIVIL_AFFAIRS, ROOT)
    present = Region.objects.filter(path__startswith=f"/{ROOT}/", successor=None)
    for county in present.filter(level=Region.Level.COUNTY).order_by("code"):
        add("civil_affairs", f"{county.name}民政局", kind.CIVIL_AFFAIRS, county.code, ROOT)
    for town in present.filter(level=Region.Level.TOWNSHIP).order_by("code"):
        add("civil_affairs", f"{town.name}民政办", kind.CIVIL_AFFAIRS, town.code, town.parent_id)
    for village in present.filter(level=Region.Level.VILLAGE).order_by("code"):
        add(
            "civil_affairs",
            f"{village.name}民政协管",
            kind.CIVIL_AFFAIRS,
            village.code,
            village.parent_id,
        )
    for role, name in DEPARTMENTS:
        add(role, f"漳州市{name}", kind.DEPARTMENT, ROOT)
    for role, name in PARTNERS:
        add(role, name, kind.PARTNER, ROOT)
    Organisation.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return len(rows)
