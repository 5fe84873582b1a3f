"""A report as plain data: one frozen snapshot from which PDF, Word and Excel are rendered."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from kernel.errors import Refused
from kernel.money import wan, yuan

Cell = str | int | date | None

# What Excel can hold in one cell and one sheet (its heading row and a total row counted).
MOST_CELL_CHARACTERS = 32_767
MOST_ROWS = 1_048_574

# XML allows no control characters, lone surrogates cannot be encoded, and marks that are invisible
# or turn the direction of reading make a name or an amount look like another.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)
_NUMERALS = "零一二三四五六七八九"


class Kind(StrEnum):
    """What a column holds and so how its cells are written."""

    TEXT = "text"
    INT = "int"
    DATE = "date"
    FEN = "fen"  # integer fen, written in yuan
    WAN = "wan"  # integer fen, written in 万元
    RATE = "rate"  # integer hundredths of a percent: 172 is written 1.72%


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``heading`` is Chinese and names its unit, ``width`` is in Chinese characters."""

    heading: str
    kind: Kind = Kind.TEXT
    width: float = 6


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; ``total`` is one more row, set apart. Unknown cells are None.

    Raises ``Refused("report_malformed")`` where a cell does not fit its column.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise Refused("report_malformed", f"表“{self.title}”没有列")
        if len(self.rows) > MOST_ROWS:
            raise Refused(
                "report_malformed", f"表“{self.title}”有{len(self.rows)}行，超过{MOST_ROWS}行"
            )
        for number, row in enumerate(self.rows, 1):
            _check_row(self, row, f"第{number}行")
        if self.total is not None:
            # A total row starts with its label, whatever the first column holds.
            _check_row(self, self.total, "合计行", label_first=True)


@dataclass(frozen=True, slots=True)
class BarChart:
    """Labelled amounts drawn as horizontal bars; ``kind`` says how a value is written."""

    title: str
    label_heading: str
    value_heading: str
    bars: tuple[tuple[str, int], ...]
    kind: Kind = Kind.INT

    def __post_init__(self) -> None:
        if any(value < 0 for _, value in self.bars):
            raise Refused("report_malformed", f"图“{self.title}”含有负数，不能画成条形")
        self.as_table()

    def as_table(self) -> Table:
        """The same figures as a table, for Word and Excel."""
        columns = (Column(self.label_heading, width=12), Column(self.value_heading, self.kind, 8))
        return Table(self.title, columns, self.bars)


Block = Paragraph | Table | BarChart


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading without its number; level 1 is set 一、 and level 2 （一）."""

    heading: str
    blocks: tuple[Block, ...] = ()
    level: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A document in the order GB/T 9704 prints it; empty parts are left out.

    ``dated`` is the date at the foot and also every file's creation time.
    """

    title: str
    dated: date
    sections: tuple[Section, ...]
    red_head: str = ""
    number: str = ""
    subtitle: str = ""
    addressed_to: str = ""
    signed_by: str = ""

    @property
    def created_at(self) -> datetime:
        """Midnight UTC of ``dated``: what stands in the file's properties, never the clock."""
        return datetime(self.dated.year, self.dated.month, self.dated.day, tzinfo=UTC)

    def numbered(self) -> Iterator[tuple[Section, str]]:
        """Sections with their headings as printed: 一、 at level 1, （一） at level 2."""
        first = second = 0
        for section in self.sections:
            if section.level == 1:
                first, second = first + 1, 0
                yield section, f"{chinese_number(first)}、{section.heading}"
            else:
                second += 1
                yield section, f"（{chinese_number(second)}）{section.heading}"


def _fits(cell: Cell, kind: Kind) -> bool:
    if cell is None:
        return True
    if isinstance(cell, bool | datetime):
        return False
    if kind is Kind.TEXT:
        return isinstance(cell, str)
    return isinstance(cell, date) if kind is Kind.DATE else isinstance(cell, int)


def _check_row(
    table: Table, row: tuple[Cell, ...], where: str, *, label_first: bool = False
) -> None:
    if len(row) != len(table.columns):
        raise Refused(
            "report_malformed",
            f"表“{table.title}”{where}有{len(row)}格，应为{len(table.columns)}格",
        )
    for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
        label = label_first and place == 0 and isinstance(cell, str)
        if not label and not _fits(cell, column.kind):
            raise Refused(
                "report_malformed",
                f"表“{table.title}”{where}“{column.heading}”一格的内容与列的类型不符",
            )
        if isinstance(cell, str) and len(cell) > MOST_CELL_CHARACTERS:
            raise Refused(
                "report_malformed",
                f"表“{table.title}”{where}“{column.heading}”一格超过{MOST_CELL_CHARACTERS}字",
            )


def chinese_number(number: int) -> str:
    """Return 1 to 99 as a heading counts them.

    >>> chinese_number(3), chinese_number(10), chinese_number(21)
    ('三', '十', '二十一')
    """
    tens, ones = divmod(number, 10)
    lead = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return lead + (_NUMERALS[ones] if ones or not tens else "")


def chinese_date(day: date) -> str:
    """Return the date as official documents write it.

    >>> chinese_date(date(2026, 1, 5))
    '2026年1月5日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def printable(text: str) -> str:
    """Return ``text`` without the characters that no document format may hold.

    >>> printable("张\\x00明")
    '张明'
    """
    return _UNPRINTABLE.sub("", text)


def cell_text(cell: Cell, kind: Kind) -> str:
    """Return a cell as PDF and Word print it; an unknown one is a dash.

    >>> cell_text(1_990_000, Kind.FEN), cell_text(172, Kind.RATE), cell_text(None, Kind.INT)
    ('19,900.00', '1.72%', '—')
    """
    if cell is None:
        return "—"
    if isinstance(cell, str):
        return printable(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if kind is Kind.FEN:
        return yuan(cell)
    if kind is Kind.WAN:
        return wan(cell)
    return f"{yuan(cell)}%" if kind is Kind.RATE else str(cell)


def _plain_cell(cell: Cell) -> Any:
    return {"date": cell.isoformat()} if isinstance(cell, date) else cell


def _plain_block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"paragraph": block.text}
    if isinstance(block, BarChart):
        return {
            "chart": block.title,
            "label_heading": block.label_heading,
            "value_heading": block.value_heading,
            "kind": block.kind,
            "bars": block.bars,
        }
    return {
        "table": block.title,
        "columns": [[column.heading, column.kind, column.width] for column in block.columns],
        "rows": [[_plain_cell(cell) for cell in row] for row in block.rows],
        "total": block.total and [_plain_cell(cell) for cell in block.total],
        "note": block.note,
    }


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as JSON values, fit for a JSON column; ``from_data`` reverses it."""
    return {
        "title": report.title,
        "dated": report.dated.isoformat(),
        "red_head": report.red_head,
        "number": report.number,
        "subtitle": report.subtitle,
        "addressed_to": report.addressed_to,
        "signed_by": report.signed_by,
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "blocks": [_plain_block(block) for block in section.blocks],
            }
            for section in report.sections
        ],
    }


def freeze(report: Report) -> str:
    """Return the report as canonical JSON, to be hashed or kept as a file; ``thaw`` reverses it."""
    return json.dumps(as_data(report), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cell(plain: Any) -> Cell:
    return date.fromisoformat(plain["date"]) if isinstance(plain, dict) else plain


def _block(plain: dict[str, Any]) -> Block:
    if "paragraph" in plain:
        return Paragraph(plain["paragraph"])
    if "chart" in plain:
        return BarChart(
            plain["chart"],
            plain["label_heading"],
            plain["value_heading"],
            tuple((label, value) for label, value in plain["bars"]),
            Kind(plain["kind"]),
        )
    return Table(
        plain["table"],
        tuple(Column(heading, Kind(kind), width) for heading, kind, width in plain["columns"]),
        tuple(tuple(map(_cell, row)) for row in plain["rows"]),
        None if plain["total"] is None else tuple(map(_cell, plain["total"])),
        plain["note"],
    )


def from_data(plain: dict[str, Any]) -> Report:
    """Return the report that ``as_data`` wrote."""
    sections = tuple(
        Section(part["heading"], tuple(map(_block, part["blocks"])), part["level"])
        for part in plain["sections"]
    )
    texts = {key: plain[key] for key in plain if key not in ("dated", "sections")}
    return Report(dated=date.fromisoformat(plain["dated"]), sections=sections, **texts)


def thaw(frozen: str) -> Report:
    """Return the report that ``freeze`` wrote."""
    return from_data(json.loads(frozen))
