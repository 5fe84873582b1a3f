"""A kind of file that only tests import: each row opens a household."""

import os
from time import sleep

from exchange.columns import (
    Kind,
    choice_column,
    date_column,
    fen_column,
    id_column,
    name_column,
    text_column,
    village_column,
)
from exchange.registry import Applied, IncomingRow, register
from households.models import Household
from kernel.access import Actor, Role
from kernel.errors import Refused

HEADINGS = ["编号", "姓名", "身份证号", "村（社区）代码或名称", "金额", "日期", "类别"]
GOOD = ["T1", "林榕", "350699194506120011", "350602001001", 19900.5, "2026-03-05", "甲"]

#: Set in a process that a test kills: every row then takes this many seconds.
SLOW = "TEST_ROW_SECONDS"


def apply(row: IncomingRow, actor: Actor) -> Applied:
    """Open a household under the row's number."""
    values = row.values
    if values["number"].startswith("NO"):
        Household.objects.create(
            number="gone", region_id=values["village"], opened_on=values["day"]
        )
        raise Refused("not_now", "该行不予办理")
    sleep(float(os.environ.get(SLOW, "0")))
    Household.objects.create(
        number=values["number"], region_id=values["village"], opened_on=values["day"]
    )
    return Applied("helped_temp")


TEST_KIND = Kind(
    "test_rows",
    "测试表",
    (
        text_column("number", "编号"),
        name_column(aliases=("名字",)),
        id_column(),
        village_column(),
        fen_column("amount_fen", "金额"),
        date_column("day", "日期"),
        choice_column("group", "类别", {"甲": "a", "乙": "b"}, required=False),
    ),
    frozenset({Role.PARTNER_OFFICER, Role.COUNTY_OFFICER}),
)
register(TEST_KIND, apply)
