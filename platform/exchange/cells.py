"""Reading one cell: what people type, and what spreadsheets make of it, as a checked value."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kernel.errors import Refused
from kernel.money import parse_yuan
from kernel.resident_id import check_resident_id

#: What a reader of spreadsheets yields for a cell.
Cell = str | float | int | bool | date | datetime | time | timedelta | None
_EXCEL_EPOCH = date(1899, 12, 30)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2100, 1, 1)
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y年%m月%d号")
_MASKS = "*＊xX×"


class BadCell(Exception):
    """A cell that cannot be used: what is wrong and how to mend it, in Chinese."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason, self.mend = reason, mend


@dataclass(frozen=True)
class Read:
    """A checked value, fit for JSON, with what was put right on the way."""

    value: str | int | None
    note: str = ""


def cell_text(cell: Cell) -> str:
    """Return a cell as the text that the sender sees; numbers as a spreadsheet shows them.

    >>> cell_text(350602.0), cell_text(0.30000000000000004), cell_text("　张三 ")
    ('350602', '0.3', '张三')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    return unicodedata.normalize("NFKC", str(cell)).strip() if isinstance(cell, str) else str(cell)


def read_text(cell: Cell, *, most: int) -> Read:
    """Return trimmed text of at most ``most`` characters."""
    text = cell_text(cell)
    if len(text) > most:
        raise BadCell(f"内容过长，有 {len(text)} 字", f"请缩短到 {most} 字以内")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise BadCell("含有换行或不可见字符", "请删除单元格中的换行和不可见字符")
    return Read(text)


def read_name(cell: Cell) -> Read:
    """Return a name without inner spaces; masked characters stay."""
    text = "".join(str(read_text(cell, most=60).value).split())
    if any(character.isdigit() for character in text):
        raise BadCell(f"“{text}”不像姓名", "请核对是否填错了列")
    return Read(text)


def read_resident_id(cell: Cell, *, today: date) -> Read:
    """Return a resident ID in its stored form.

    >>> read_resident_id("350699450612001", today=date(2026, 11, 22))
    Read(value='350699194506120011', note='15位旧身份证号已换算为18位')
    """
    if isinstance(cell, float) and abs(cell) >= 1e15:
        raise BadCell(
            f"身份证号被表格软件按数字保存（{cell:.5G}），后几位已经丢失",
            "请先把该列设为“文本”格式，再按原件重新填写",
        )
    checked = check_resident_id(cell_text(cell), today=today)
    if not checked.ok:
        raise BadCell("；".join(checked.errors), "请对照身份证原件更正，该列须为“文本”格式")
    return Read(checked.number, "；".join(checked.warnings))


def read_any_id(cell: Cell, *, today: date) -> Read:
    """Return a full resident ID, or one with masked characters as ``*``, as partners keep them.

    >>> read_any_id("350699********0011", today=date(2026, 11, 22)).value
    '350699********0011'
    """
    text = "".join(cell_text(cell).split())
    body, last = text[:-1], text[-1:]
    if not any(mark in body for mark in _MASKS) and last not in "*＊×":
        return read_resident_id(cell, today=today)
    masked = "".join("*" if c in _MASKS else c for c in body)
    masked += "*" if last in "*＊×" else last.upper()
    if len(masked) != 18 or not all(c.isdigit() or c in "*X" for c in masked):
        raise BadCell(
            f"遮盖的身份证号有 {len(masked)} 位",
            "请保留 18 位，看不到的位写 *，例如 350602********1234",
        )
    return Read(masked)


def read_date(cell: Cell, *, latest: date | None = None) -> Read:
    """Return an ISO date from a date cell, a serial number, or one of the usual spellings.

    >>> read_date("2026年3月5日").value, read_date(46086.0).value
    ('2026-03-05', '2026-03-05')
    """
    found: date | None = None
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, float | int) and not isinstance(cell, bool) and 0 < cell < 80_000:
        found = _EXCEL_EPOCH + timedelta(days=int(cell))
    else:
        text = cell_text(cell).removesuffix("00:00:00").strip()
        for format_ in _DATE_FORMATS:
            try:
                found = datetime.strptime(text, format_).date()  # noqa: DTZ007
            except ValueError:
                continue
            break
    if found is None or not _EARLIEST <= found < _LATEST:
        raise BadCell(f"日期“{cell_text(cell)}”无法识别", "请写成 2026-03-05 的样子")
    if latest and found > latest:
        raise BadCell(f"日期 {found} 晚于今天", "请核对日期")
    return Read(found.isoformat())


def read_fen(cell: Cell, *, zero: bool = False) -> Read:
    """Return an amount of yuan as integer fen.

    >>> read_fen("1,234.50").value, read_fen(19900.0).value
    (123450, 1990000)
    """
    text = cell_text(cell)
    try:
        fen = parse_yuan(text)
    except Refused as no:
        raise BadCell(no.message, "请填写以元为单位的数字，最多两位小数") from no
    if fen < 0 or (fen == 0 and not zero):
        raise BadCell(
            f"金额 {text} 应{'不小于' if zero else '大于'} 0", "退款和更正请另行登记，不要用负数"
        )
    return Read(fen)


def read_choice(cell: Cell, *, choices: Mapping[str, str]) -> Read:
    """Return the code of a Chinese label (or of the code itself)."""
    text = cell_text(cell)
    code = choices.get(text) or (text if text in choices.values() else None)
    if code is None:
        raise BadCell(f"“{text}”不在可选范围内", f"请填写其中之一：{'、'.join(choices)}")
    return Read(code)
