"""A report's tables as an Excel workbook; the same tables give the same bytes.

Text is always written as text, never as a formula, number or link, and text that a later CSV
export could turn into a formula carries Excel's own text mark.
"""

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from documents.report import (
    BarChart,
    Cell,
    Column,
    Kind,
    Paragraph,
    Report,
    Table,
    chinese_date,
    printable,
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# Excel's calendar is wrong before this day.
_FIRST_DATE = date(1900, 3, 1)
_NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.INT: "0",
    Kind.DATE: "yyyy-mm-dd",
    Kind.FEN: "#,##0.00",
    Kind.WAN: "#,##0.00",
    Kind.RATE: "0.00%",
}
# What one unit of the stored integer is worth in the written number.
_DIVISORS = {Kind.INT: 1, Kind.FEN: 100, Kind.WAN: 1_000_000, Kind.RATE: 10_000}


def render_xlsx(report: Report) -> bytes:
    """Return a workbook with a cover sheet (title, text, list of tables) and a sheet per table."""
    sheets: list[Table | BarChart] = []
    cover: list[str] = [report.title, report.subtitle, report.number, chinese_date(report.dated)]
    for section, heading in report.numbered():
        cover.append(heading if section.heading else "")
        for block in section.blocks:
            if isinstance(block, Paragraph):
                cover.append(block.text)
            else:
                sheets.append(block)
                cover.append(f"见工作表：{block.title}")
    return _workbook([line for line in cover if line], sheets, report)


def render_tables(tables: Sequence[Table], *, title: str, dated: date) -> bytes:
    """Return a workbook with one sheet per table and no cover, as templates and exports need."""
    return _workbook([], tables, Report(title, dated, ()))


def _workbook(cover: list[str], sheets: Sequence[Table | BarChart], report: Report) -> bytes:
    out = io.BytesIO()
    # write_string alone keeps text as text; sheet.write() would guess numbers, links and formulas.
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties(
        {
            "title": printable(report.title)[:255],
            "author": printable(report.signed_by)[:255],
            "created": report.created_at.replace(tzinfo=None),
        }
    )
    formats = _Formats(book)
    names = _SheetNames()
    if cover:
        sheet = book.add_worksheet(names.take("说明"))
        sheet.set_column(0, 0, 100)
        for line, text in enumerate(cover):
            sheet.write_string(line, 0, printable(text), formats.text(text, wrap=True))
    for block in sheets:
        name = names.take(block.title)
        sheet = book.add_worksheet(name)
        if isinstance(block, BarChart):
            _fill(sheet, block.as_table(), formats)
            _draw(book, sheet, name, block)
        else:
            _fill(sheet, block, formats)
    book.close()
    return out.getvalue()


class _Formats:
    """Cell formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self.head = self._take(
            bold=True,
            text_wrap=True,
            align="center",
            valign="vcenter",
            bg_color="#EBEBEB",
            border=1,
        )

    def _take(self, **wanted: object) -> Any:
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(wanted))
        return self._made[key]

    def text(self, text: str, *, bold: bool = False, wrap: bool = False) -> Any:
        return self._take(
            num_format="@",
            bold=bold,
            text_wrap=wrap,
            quote_prefix=text.lstrip(" ").startswith(FORMULA_STARTS),
        )

    def number(self, kind: Kind, *, bold: bool = False) -> Any:
        return self._take(num_format=_NUMBER_FORMATS[kind], bold=bold)


class _SheetNames:
    """Sheet names as Excel wants them: at most 31 characters, some forbidden, none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, title: str) -> str:
        base = re.sub(r"[\[\]:*?/\\]", " ", printable(title)).strip(" '") or "表"
        # Excel counts a character outside the basic plane as two.
        while len(base.encode("utf-16-le")) > 62:
            base = base[:-1]
        name, number = base, 1
        while name.lower() in self._taken or name.lower() == "history":
            number += 1
            tail = f"({number})"
            name = base
            while len((name + tail).encode("utf-16-le")) > 62:
                name = name[:-1]
            name += tail
        self._taken.add(name.lower())
        return name


def _fill(sheet: Any, table: Table, formats: _Formats) -> None:
    for place, column in enumerate(table.columns):
        # One Chinese character is about two of Excel's width units.
        sheet.set_column(place, place, column.width * 2 + 2, formats.number(column.kind))
        sheet.write_string(0, place, printable(column.heading), formats.head)
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for line, row in enumerate(table.rows, 1):
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            _write(sheet, line, place, cell, column, formats, bold=False)
    line = len(table.rows) + 1
    if table.total:
        for place, (cell, column) in enumerate(zip(table.total, table.columns, strict=True)):
            _write(sheet, line, place, cell, column, formats, bold=True)
        line += 1
    if table.note:
        sheet.write_string(line, 0, printable(table.note), formats.text(table.note))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write(
    sheet: Any,
    line: int,
    place: int,
    cell: Cell,
    column: Column,
    formats: _Formats,
    *,
    bold: bool,
) -> None:
    if cell is None:
        return
    if isinstance(cell, date) and cell < _FIRST_DATE:
        cell = cell.isoformat()
    if isinstance(cell, str):
        sheet.write_string(line, place, printable(cell), formats.text(cell, bold=bold))
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, cell, formats.number(column.kind, bold=bold))
    else:
        value = cell / _DIVISORS[column.kind] if column.kind is not Kind.INT else cell
        sheet.write_number(line, place, value, formats.number(column.kind, bold=bold))


def _draw(book: Any, sheet: Any, name: str, chart: BarChart) -> None:
    if not chart.bars:
        return
    drawing = book.add_chart({"type": "bar"})
    last = len(chart.bars)
    drawing.add_series(
        {
            "name": [name, 0, 1],
            "categories": [name, 1, 0, last, 0],
            "values": [name, 1, 1, last, 1],
        }
    )
    drawing.set_title({"name": printable(chart.title), "overlay": False})
    # The first row at the top, as in the table.
    drawing.set_y_axis({"reverse": True})
    drawing.set_legend({"none": True})
    sheet.insert_chart(1, 3, drawing)
