"""Opening what was uploaded, within bounds: nothing is unpacked before its size is known."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from exchange.cells import Cell
from kernel.errors import Refused

MOST_BYTES = 30 * 1024 * 1024
MOST_UNPACKED_BYTES = 300 * 1024 * 1024
MOST_ROWS = 100_000
#: Rows that a title, notes and headings may take.
_SPARE_ROWS = 100
_MOST_COLUMNS = 200
_MOST_SHEETS = 20
_PIECE = 1 << 20
_OVERLAP = 4096

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,7})(\d{1,10})"[^>]*>(\s*<(?:\w+:)?f[\s>/])?'
)
_ROW = re.compile(rb'<(?:\w+:)?row\s(?:[^>]*?\s)?r="(\d{1,10})"')


Rows = Iterator[tuple[int, list[Cell]]]


@dataclass
class Sheet:
    """A sheet whose rows, numbered from 1, can be read again, and its cells with formulas."""

    name: str
    read: Callable[[], Rows]
    formulas: set[tuple[int, int]] = field(default_factory=set)


def read_sheets(file_name: str, content: bytes) -> Iterator[Sheet]:
    """Yield the sheets of an .xlsx or .csv file.

    Raises ``Refused``: ``file_too_large``, ``too_many_rows``, ``file_unreadable``, ``file_type``.
    """
    if len(content) > MOST_BYTES:
        raise Refused(
            "file_too_large",
            f"文件有 {len(content) // 1024 // 1024} MB，上限为 {MOST_BYTES // 1024 // 1024} MB，"
            "请拆分后上传",
        )
    ending = file_name.rpartition(".")[2].lower()
    if ending == "csv":
        yield _read_csv(content)
    elif ending == "xlsx":
        yield from _read_xlsx(content)
    else:
        raise Refused("file_type", f"不支持“.{ending}”文件，请另存为 .xlsx 或 .csv 后上传")


def _read_xlsx(content: bytes) -> Iterator[Sheet]:
    formulas = _inspect(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        for position, name in enumerate(names):
            sheet = workbook.get_sheet_by_name(name)
            yield Sheet(
                name,
                partial(_sheet_rows, sheet),
                formulas[position] if position < len(formulas) else set(),
            )
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("file_unreadable", "Excel 文件已损坏，请重新另存为 .xlsx 后上传") from error


def _sheet_rows(sheet: CalamineSheet) -> Rows:
    first_row, first_column = sheet.start or (0, 0)
    for offset, row in enumerate(sheet.iter_rows()):
        yield first_row + offset + 1, [None] * first_column + list(row)


def _inspect(content: bytes) -> list[set[tuple[int, int]]]:
    """Check an .xlsx before a reader unpacks it; return the formula cells of each sheet in order.

    A small archive can unpack to gigabytes, and one cell in the last column of the last row makes
    a reader reserve the whole grid: both are refused here, in constant memory.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise Refused(
            "file_unreadable", "这不是 Excel（.xlsx）文件，请用表格软件另存为 .xlsx 后上传"
        ) from error
    with archive:
        entries = archive.infolist()
        if (
            len(entries) > 1_000
            or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES
            or len({entry.filename for entry in entries}) != len(entries)
        ):
            raise Refused("file_too_large", "文件解压后过大，可能已损坏或带有恶意内容，未予读取")
        found: dict[str, set[tuple[int, int]]] = {}
        small: dict[str, str] = {}
        try:
            for entry in entries:
                with archive.open(entry) as stream:
                    if re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry.filename):
                        found[entry.filename] = _scan(stream)
                        continue
                    if entry.filename in (_WORKBOOK, _RELATIONS):
                        small[entry.filename] = stream.read(_PIECE).decode("utf-8", "replace")
                    # Reading to the end verifies the size and checksum that the directory claims.
                    while stream.read(_PIECE):
                        pass
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refused(
                "file_unreadable", "Excel 文件已损坏或加了密码，请重新另存为 .xlsx 后上传"
            ) from error
    if not 0 < len(found) <= _MOST_SHEETS:
        raise Refused(
            "file_unreadable", f"文件应有 1 至 {_MOST_SHEETS} 张工作表，现有 {len(found)} 张"
        )
    return [found.get(part, set()) for part in _sheet_parts(small)]


def _sheet_parts(small: dict[str, str]) -> list[str]:
    """Return the archive's name of each sheet in the workbook's order."""
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", small.get(_RELATIONS, "")):
        facts = dict(re.findall(r'\b(Id|Target)="([^"]*)"', tag))
        if "Id" in facts and "Target" in facts:
            target = facts["Target"].removeprefix("/").removeprefix("xl/")
            targets[facts["Id"]] = f"xl/{target}"
    ids = re.findall(r'<(?:\w+:)?sheet\s[^>]*?\w+:id="([^"]*)"', small.get(_WORKBOOK, ""))
    return [targets.get(id_, "") for id_ in ids]


def _scan(stream: IO[bytes]) -> set[tuple[int, int]]:
    formulas: set[tuple[int, int]] = set()
    carried = b""
    while piece := stream.read(_PIECE):
        text = carried + piece
        for match in _ROW.finditer(text):
            _bound(int(match[1]), 1)
        for match in _CELL.finditer(text):
            row, column = int(match[2]), _column_number(match[1])
            _bound(row, column)
            if match[3]:
                formulas.add((row, column))
        carried = text[-_OVERLAP:]
    return formulas


def _bound(row: int, column: int) -> None:
    if row > MOST_ROWS + _SPARE_ROWS:
        raise Refused(
            "too_many_rows",
            f"工作表用到了第 {row} 行，上限为 {MOST_ROWS} 行，请拆分，或删除表格下方的空行后另存",
        )
    if column > _MOST_COLUMNS:
        raise Refused(
            "too_many_columns",
            f"工作表用到了第 {column} 列，上限为 {_MOST_COLUMNS} 列，请删除表格右侧的空列后另存",
        )


def _column_number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    >>> _column_number(b"A"), _column_number(b"AB")
    (1, 28)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _read_csv(content: bytes) -> Sheet:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Refused("file_unreadable", "文件编码无法识别，请另存为 UTF-8 编码的 CSV 后上传")
    if "\0" in text:
        raise Refused("file_unreadable", "这不是 CSV 文本文件，请用表格软件另存为 .csv 后上传")
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    return Sheet("CSV", partial(_csv_rows, text, delimiter))


def _csv_rows(text: str, delimiter: str) -> Rows:
    number = 0
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            number += 1
            _bound(number, len(line))
            yield number, list(line)
    except csv.Error as error:
        raise Refused("file_unreadable", f"CSV 第 {number + 1} 行无法读取，请检查引号") from error
