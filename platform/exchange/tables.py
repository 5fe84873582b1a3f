"""From sheets to checked rows: find the headings, map the columns, say what is wrong where."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from exchange.cells import BadCell, Cell, cell_text
from exchange.columns import CheckContext, Column, Kind
from exchange.files import MOST_ROWS, Sheet
from kernel.errors import Refused

#: Headings stand within the first rows: titles, units and notes may stand above them.
_HEADING_ROWS = 30


@dataclass(frozen=True)
class RowError:
    """What is wrong in a row: number, heading, reason, and how to mend it (Chinese)."""

    row: int
    column: str
    reason: str
    mend: str

    def as_json(self) -> dict[str, str | int]:
        """Return the stored form."""
        return {"row": self.row, "column": self.column, "reason": self.reason, "mend": self.mend}


@dataclass
class CheckedRow:
    """A row with its texts as sent, its values as read, its errors and its notes."""

    number: int
    texts: dict[str, str]
    values: dict[str, str | int | None]
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _plain(heading: str) -> str:
    """Return a heading without marks, units and spaces.

    >>> _plain("* 金额（元）"), _plain("身份证 号码")
    ('金额', '身份证号码')
    """
    return re.sub(r"[（(].*?[）)]|[\s*＊:：]", "", heading)


def _spellings(column: Column) -> set[str]:
    return {_plain(heading) for heading in (column.heading, *column.aliases)}


def _match(cells: Iterable[Cell], kind: Kind) -> dict[str, int]:
    """Return column key -> position for the headings found in a row."""
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        text = _plain(cell_text(cell))
        for column in kind.columns:
            if text and text in _spellings(column) and column.key not in found:
                found[column.key] = position
                break
    return found


def find_headings(sheets: Iterable[Sheet], kind: Kind) -> tuple[Sheet, int, dict[str, int]]:
    """Return the sheet, the row number of its headings and the position of each column.

    Raises ``Refused("headings_missing")`` naming what was expected and what was found.
    """
    required = {column.key for column in kind.columns if column.required}
    best: tuple[int, Sheet, int, dict[str, int]] | None = None
    for sheet in sheets:
        for number, cells in islice(sheet.read(), _HEADING_ROWS):
            found = _match(cells, kind)
            if required <= found.keys():
                return sheet, number, found
            if best is None or len(found) > best[0]:
                best = len(found), sheet, number, found
    if best is None or best[0] < 2:
        expected = "、".join(column.heading for column in kind.columns if column.required)
        raise Refused(
            "headings_missing", f"没有找到“{kind.title}”的表头，应有：{expected}。请下载模板对照"
        )
    missing = [c.heading for c in kind.columns if c.required and c.key not in best[3]]
    raise Refused(
        "headings_missing",
        f"工作表“{best[1].name}”第 {best[2]} 行的表头缺少：{'、'.join(missing)}。请下载模板对照",
        missing=missing,
        row=best[2],
    )


def checked_rows(
    sheet: Sheet, headings: int, positions: dict[str, int], kind: Kind, context: CheckContext
) -> Iterator[CheckedRow]:
    """Yield each filled row below the headings, checked. Raises ``Refused("too_many_rows")``."""
    columns = [column for column in kind.columns if column.key in positions]
    count = 0
    for number, cells in sheet.read():
        if number <= headings:
            continue
        found = {
            column.key: cells[positions[column.key]] if positions[column.key] < len(cells) else None
            for column in columns
        }
        texts = {key: cell_text(cell) for key, cell in found.items()}
        if not any(texts.values()) or _repeats_headings(columns, texts):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Refused("too_many_rows", f"超过 {MOST_ROWS} 行，请拆分后分批上传")
        yield _check(number, found, texts, columns, sheet, positions, kind, context)


def _repeats_headings(columns: list[Column], texts: dict[str, str]) -> bool:
    return all(_plain(texts[column.key]) in {*_spellings(column), ""} for column in columns)


def _check(
    number: int,
    found: dict[str, Cell],
    texts: dict[str, str],
    columns: list[Column],
    sheet: Sheet,
    positions: dict[str, int],
    kind: Kind,
    context: CheckContext,
) -> CheckedRow:
    row = CheckedRow(number, texts, {})
    for column in columns:
        if (number, positions[column.key] + 1) in sheet.formulas:
            row.errors.append(
                RowError(
                    number,
                    column.heading,
                    "单元格里是公式，读到的结果可能与您看到的不同",
                    "请复制该列，用“选择性粘贴—数值”覆盖后再上传",
                )
            )
        elif not texts[column.key]:
            row.values[column.key] = None
            if column.required:
                row.errors.append(RowError(number, column.heading, "未填写", "该列为必填，请补填"))
        else:
            try:
                read = column.read(found[column.key], context)
            except BadCell as bad:
                row.errors.append(RowError(number, column.heading, bad.reason, bad.mend))
            else:
                row.values[column.key] = read.value
                if read.note:
                    row.notes.append(f"{column.heading}：{read.note}")
    if not row.errors:
        row.errors = [RowError(number, *found_error) for found_error in kind.check(row.values)]
    return row
