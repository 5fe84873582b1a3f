"""Messy Excel files as offices write them, about people of the demo city, with what to expect.

Errors are planted: wrong check digits, three decimals, wrong and abolished codes, numbers that a
spreadsheet rounded, formulas, blank and repeated lines, merged title rows, units under the title.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import xlsxwriter
from django.conf import settings

from audit.acting import acting_as
from config.demo.bodies import COUNTY, INSURER, UNION
from config.demo.family import FamilyMaker
from config.demo.identity import IdNumbers, RowKeys, draw_name
from households.models import Category, Need, Person, Purpose
from kernel import clock
from kernel.access import SYSTEM
from kernel.money import yuan
from organisations.reference import organisation_id
from regions.models import Region
from regions.reference import ROOT
from regions.selectors import regions_under

_LONGHAI, _OLD_LONGHAI = "350604", "350681"
Row = list[Any]


@dataclass(frozen=True)
class DemoFile:
    """A file to import: sender, region, log-in, batch number, and what a dry run counts."""

    kind: str
    path: Path
    sender_id: UUID
    region: str
    login: str
    number: str
    good: int
    bad: int


@dataclass
class _Sheet:
    """Rows as they will stand in the file; ``bad`` counts those that must be refused."""

    title: str
    headings: list[str]
    rows: list[Row | None]
    bad: int = 0

    @property
    def good(self) -> int:
        return sum(row is not None for row in self.rows) - self.bad


def write_demo_files(directory: Path, seed: int) -> dict[str, DemoFile]:
    """Write one file of each kind into ``directory`` and return them by kind.

    The same city and seed give the same rows. Reads IDs of the demo's invented people, so it runs
    in demo and tests only.
    """
    directory.mkdir(parents=True, exist_ok=True)
    today = clock.today()
    random = Random(seed)  # noqa: S311
    with acting_as(SYSTEM):
        people = _People(random)
        numbers = IdNumbers(800, 999)
        sheets = {
            "households": _households(random, numbers, today),
            "government_payments": _payments(random, people, numbers, today),
            "medical_bills": _bills(random, people, numbers, today),
            "partner_beneficiaries": _gifts(random, people, today),
        }
    civil_affairs = organisation_id("civil_affairs")
    senders = {
        "households": (civil_affairs, "shi", "MZ"),
        "government_payments": (civil_affairs, "shi", "FF"),
        "medical_bills": (INSURER, "yibao", "YB"),
        "partner_beneficiaries": (UNION, "gonghui", "GH"),
    }
    files = {}
    for kind, sheet in sheets.items():
        sender, login, letters = senders[kind]
        path = directory / f"{sheet.title}.xlsx"
        _write(path, sheet, today)
        files[kind] = DemoFile(
            kind,
            path,
            sender,
            ROOT,
            login,
            f"{letters}{today:%Y%m}-{seed}",
            sheet.good,
            sheet.bad,
        )
    return files


class _People:
    """People of the city with their plain IDs, drawn without repetition."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._used: set[UUID] = set()

    def draw(self, count: int, **conditions: Any) -> list[tuple[Person, str]]:
        """Return up to ``count`` people who have an ID, live in the city and fit."""
        found = Person.objects.filter(
            region__path__startswith=f"/{ROOT}/", id_digest__isnull=False, **conditions
        ).exclude(memberships__household__case_label__gt="")
        ordered = found.order_by("id").values_list("id", flat=True)[:20_000]
        keys = [key for key in dict.fromkeys(ordered) if key not in self._used]
        drawn = self._random.sample(keys, min(count, len(keys)))
        self._used.update(drawn)
        people = Person.objects.select_related("region").in_bulk(drawn)
        return [(people[key], _plain_id(people[key])) for key in drawn]


def _plain_id(person: Person) -> str:
    number: str = settings.KEYRING.decrypt(
        bytes(person.id_sealed or b""), context=f"households_person.id_sealed.{person.pk}"
    )
    return number


def _wrong_digit(number: str) -> str:
    """Return the ID with another check character."""
    return number[:17] + ("0" if number[17] != "0" else "1")


def _short(number: str) -> str:
    """Return the 15-digit form of somebody born in 19xx."""
    return number[:6] + number[8:17]


def _spoil(sheet: _Sheet, changes: Sequence[tuple[int, Callable[[Any], Any]]]) -> None:
    """Append a spoilt copy of an early row for each change, so that good rows stay good."""
    sources = [row for row in sheet.rows if row is not None]
    for position, (column, change) in enumerate(changes):
        row = list(sources[position % len(sources)])
        row[column] = change(row[column])
        sheet.rows.append(row)
        sheet.bad += 1


def _households(random: Random, numbers: IdNumbers, today: date) -> _Sheet:
    maker = FamilyMaker(random, RowKeys(random, today), numbers, today)
    villages = list(regions_under(f"/{ROOT}/", level=Region.Level.VILLAGE))
    longhai = [village for village in villages if village.code.startswith(_LONGHAI)]
    categories = (Category.DIBAO, Category.DIBAO_EDGE, Category.TEKUN)
    sheet = _Sheet(
        "漳州市新增困难家庭名册",
        [
            "序号", "户号", "村代码", "成员姓名", "公民身份号码", "家庭关系", "男女", "出生年月日",
            "对象类别", "月保障金（元）", "纳入时间",
        ],
        [],
    )  # fmt: skip
    labels = dict(Category.choices)
    for serial in range(1, 61):
        region = random.choice(longhai if serial % 10 == 0 else villages)
        category = random.choices(categories, (73, 18, 9))[0]
        size = 1 if category == Category.TEKUN else random.choice((1, 1, 2, 2, 3, 4))
        family = maker.make(number=f"XZ{serial:04d}", region=region, category=category, size=size)
        for person, number, member in zip(
            family.persons, family.id_numbers, family.members, strict=True
        ):
            code = region.code
            if serial % 10 == 0:
                code = _OLD_LONGHAI + code[6:]
            elif serial % 7 == 0:
                code = f"{region.parent.name if region.parent else ''}{region.name}"
            monthly = next(r.monthly_fen for r in family.recognitions if r.person_id == person.id)
            shown = number
            if number and serial % 9 == 0 and number[6:8] == "19":
                shown = _short(number)
            born = person.born_on or today
            sheet.rows.append(
                [
                    len(sheet.rows) + 1,
                    family.household.number,
                    code,
                    f"{person.name[0]}  {person.name[1:]}" if serial % 8 == 0 else person.name,
                    f" {shown}" if serial % 11 == 0 else shown or None,
                    member.get_relation_display(),
                    {"m": "男", "f": "女"}[person.sex],
                    f"{born:%Y.%m.%d}" if serial % 5 == 0 else f"{born:%Y-%m-%d}",
                    labels[category],
                    f"{monthly // 100}元" if serial % 6 == 0 else monthly / 100,
                    today.replace(day=1) if serial % 4 else f"{today.year}年{today.month}月1日",
                ]
            )
        if serial % 15 == 0:
            sheet.rows.append(None)
    with_id = next(row for row in sheet.rows if row and row[4])
    _spoil(
        sheet,
        [
            (4, lambda _: _wrong_digit(str(with_id[4]).strip())),
            (4, lambda _: 350_699_194_506_120_011.0),
            (4, lambda _: "35069919450612"),
            (2, lambda _: "350699999999"),
            (2, lambda _: "不存在的村"),
            (8, lambda _: "困难户"),
            (9, lambda _: 469.125),
            (9, lambda _: "=SUM(400,69)"),
            (10, lambda _: "去年"),
            (3, lambda _: None),
        ],
    )
    _repeat(sheet, 3)
    return sheet


def _repeat(sheet: _Sheet, count: int) -> None:
    """Repeat some of the first rows word for word; the serial number is no column of ours."""
    sources = [row for row in sheet.rows if row is not None]
    for row in sources[:count]:
        sheet.rows.append(list(row))
        sheet.bad += 1


def _payments(random: Random, people: _People, numbers: IdNumbers, today: date) -> _Sheet:
    sheet = _Sheet(
        "漳州市政府救助发放明细",
        ["救助类型", "领取人", "证件号码", "用途", "费用", "实发金额", "发放时间", "凭证号"],
        [],
    )

    def add(scheme: str, name: str, number: str, purpose: Any, item: Any, amount: Any) -> None:
        serial = len(sheet.rows) + 1
        paid_on = today - timedelta(days=random.randrange(1, 120))
        sheet.rows.append(
            [scheme, name, number, purpose, item, amount, paid_on, f"FF{today.year}-{serial:04d}"]
        )

    for person, number in people.draw(60, needs__purpose=Purpose.MEDICAL, needs__net_fen__gt=0):
        need = Need.objects.filter(person=person, purpose=Purpose.MEDICAL).order_by("id")[0]
        fen = min(need.net_fen or 0, random.randrange(800, 4_000) * 100)
        add("临时救助", person.name, number, "医疗", need.cost_item, yuan(fen))
    for person, number in people.draw(80, recognitions__category=Category.DIBAO):
        add("低保金", person.name, number, None, None, random.randrange(169, 769))
    for _ in range(3):
        born = date(1960, 1, 1) + timedelta(days=random.randrange(9_000))
        add("临时救助", draw_name(random), numbers.draw(born, "m"), None, None, 500)
    sheet.rows.insert(20, None)
    _spoil(
        sheet,
        [
            (2, _wrong_digit),
            (2, lambda _: "3.50699E+17"),
            (5, lambda _: "1200.125"),
            (5, lambda _: -500),
            (5, lambda _: "壹仟元"),
            (0, lambda _: "其他补助"),
            (6, lambda _: today + timedelta(days=30)),
            (7, lambda _: None),
        ],
    )
    _repeat(sheet, 2)
    return sheet


def _bills(random: Random, people: _People, numbers: IdNumbers, today: date) -> _Sheet:
    sheet = _Sheet(
        "漳州市医保大额自付推送",
        [
            "参保人",
            "公民身份号码",
            "所属村居",
            "单据号",
            "结算时间",
            "医疗总费用",
            "统筹支付",
            "第三方支付",
        ],
        [],
    )

    def add(name: str, number: str, village: str | None, least: int) -> None:
        gross = random.randrange(least, 3 * least)
        paid = gross * random.randrange(30, 50) // 100
        settled_on = today - timedelta(days=random.randrange(1, 60))
        serial = len(sheet.rows) + 1
        sheet.rows.append(
            [name, number, village, f"TS{today.year}{serial:05d}", settled_on, gross, paid, 0]
        )

    for person, number in people.draw(90):
        add(person.name, number, None, random.choice((4_000, 12_000, 60_000)))
    villages = list(
        regions_under(f"/{ROOT}/{COUNTY}/", level=Region.Level.VILLAGE).values_list(
            "code", flat=True
        )
    )
    for _ in range(6):
        born = date(1955, 1, 1) + timedelta(days=random.randrange(12_000))
        add(draw_name(random), numbers.draw(born, "f"), random.choice(villages), 90_000)
    for _ in range(4):
        born = date(1955, 1, 1) + timedelta(days=random.randrange(12_000))
        add(draw_name(random), numbers.draw(born, "m"), None, 5_000)
    sheet.rows.insert(33, None)
    _spoil(
        sheet,
        [
            (1, _wrong_digit),
            (5, lambda _: 100),
            (6, lambda amount: f"{amount}.999"),
            (2, lambda _: "350602999999"),
            (4, lambda _: today + timedelta(days=3)),
            (3, lambda _: None),
        ],
    )
    return sheet


def _gifts(random: Random, people: _People, today: date) -> _Sheet:
    sheet = _Sheet(
        "漳州市总工会金秋助学名单",
        [
            "受助人",
            "身份证",
            "出生年月日",
            "所属村居",
            "帮扶用途",
            "帮扶内容",
            "项目",
            "资助金额",
            "发放日期",
            "编号",
        ],
        [],
    )

    def add(name: str, number: Any, born: Any, village: Any, item: Any, amount: Any) -> None:
        given_on = today - timedelta(days=random.randrange(1, 60))
        serial = len(sheet.rows) + 1
        sheet.rows.append(
            [
                name,
                number,
                born,
                village,
                "学费",
                item,
                "金秋助学",
                amount,
                given_on,
                f"JQ{serial:03d}",
            ]
        )

    drawn = people.draw(
        80, needs__purpose=Purpose.EDUCATION_FEE, needs__net_fen__gt=0, died_on__isnull=True
    )
    for person, number in drawn:
        need = Need.objects.filter(person=person, purpose=Purpose.EDUCATION_FEE).order_by("id")[0]
        # Every eighth gift passes the net by a fifth: recorded, and found as an overlap.
        fen = need.net_fen or 100_000
        amount = yuan(fen * 6 // 5 if len(sheet.rows) % 8 == 0 else fen // 400 * 100)
        known = random.random()
        if known < 0.42:
            add(person.name, number, None, None, need.cost_item, amount)
        elif known < 0.80:
            masked = f"{number[:6]}********{number[14:]}"
            add(person.name, masked, None, None, need.cost_item, amount)
        else:
            add(person.name, None, person.born_on, person.region_id, need.cost_item, amount)
    for person, _ in drawn[:2]:
        parent = people.draw(1, born_on__lt=date(1980, 1, 1))[0][1]
        add(person.name, parent, None, None, "学年学费", 500)
    add("不详", None, "2012-09-01", None, None, 500)
    _spoil(
        sheet,
        [
            (7, lambda _: "3000.005"),
            (4, lambda _: "读书"),
            (1, lambda _: "350699****2035"),
            (8, lambda _: "秋季"),
        ],
    )
    _repeat(sheet, 2)
    return sheet


def _write(path: Path, sheet: _Sheet, today: date) -> None:
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    # A datetime: of a mere date xlsxwriter takes no notice and writes the clock's time.
    book.set_properties({"created": datetime.combine(today, time())})
    page = book.add_worksheet("名单")
    middle = book.add_format({"align": "center", "bold": True})
    day = book.add_format({"num_format": "yyyy/m/d"})
    page.merge_range(0, 0, 0, len(sheet.headings) - 1, sheet.title, middle)
    page.write_string(1, 0, f"填报日期：{today}")
    page.write_string(1, len(sheet.headings) - 1, "单位：元")
    for column, heading in enumerate(sheet.headings):
        page.write_string(3, column, heading, middle)
    for number, row in enumerate(sheet.rows, 4):
        for column, cell in enumerate(row or []):
            if isinstance(cell, date):
                page.write_datetime(number, column, cell, day)
            elif isinstance(cell, str) and cell.startswith("="):
                page.write_formula(number, column, cell, None, 469)
            elif isinstance(cell, str):
                page.write_string(number, column, cell)
            elif cell is not None:
                page.write_number(number, column, cell)
    book.add_worksheet("说明").write_string(0, 0, "本表由演示程序生成，人员均为虚构")
    book.close()
