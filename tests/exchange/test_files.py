"""Hostile and malformed files are refused before they are unpacked."""

import io
import tracemalloc
import zipfile

import pytest

from exchange.files import MOST_ROWS, read_sheets
from kernel.errors import Refused
from tests.exchange.books import book, with_sheet_xml


def _refusal(name: str, content: bytes) -> Refused:
    with pytest.raises(Refused) as no:
        list(read_sheets(name, content))
    return no.value


def test_a_zip_bomb_is_refused_in_little_memory() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(400):
            entry.write(bytes(1 << 20))
    bomb = out.getvalue()
    assert len(bomb) < 1_000_000
    tracemalloc.start()

    refused = _refusal("a.xlsx", bomb)

    assert refused.code == "file_too_large"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    content = bytearray(with_sheet_xml(b"<worksheet>" + b" " * 5_000_000 + b"</worksheet>"))
    place = content.rindex((5_000_023).to_bytes(4, "little"))
    content[place : place + 4] = (10).to_bytes(4, "little")

    assert _refusal("a.xlsx", bytes(content)).code == "file_unreadable"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("XFD1048576", "too_many_rows"),
        ("XFD1", "too_many_columns"),
        ("ZZZZZZ9", "too_many_columns"),
    ],
)
def test_one_far_cell_is_refused_before_the_grid_is_reserved(cell: str, code: str) -> None:
    xml = f'<worksheet><sheetData><row><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'

    assert _refusal("a.xlsx", with_sheet_xml(xml.encode())).code == code


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"not a zip", "file_unreadable"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "file_type"),
        ("a.docx", b"x", "file_type"),
        ("a.csv", "表\0".encode(), "file_unreadable"),
        ("a.csv", b"\xff\xff\xff\xff", "file_unreadable"),
        ("a.xlsx", bytes(31 * 1024 * 1024), "file_too_large"),
    ],
)
def test_what_is_not_a_table_is_refused(name: str, content: bytes, code: str) -> None:
    assert _refusal(name, content).code == code


def test_a_truncated_workbook_is_refused() -> None:
    assert _refusal("a.xlsx", book([["a"]] * 50)[:-200]).code == "file_unreadable"


def test_too_long_a_csv_is_refused() -> None:
    sheets = read_sheets("a.csv", b"a\n" * (MOST_ROWS + 200))
    with pytest.raises(Refused) as no:
        list(next(iter(sheets)).read())
    assert no.value.code == "too_many_rows"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_that_offices_use(encoding: str) -> None:
    (sheet,) = read_sheets("a.csv", "姓名;金额\n林榕;1,5\n".encode(encoding))

    assert list(sheet.read()) == [(1, ["姓名", "金额"]), (2, ["林榕", "1,5"])]


def test_formulas_are_found_in_the_sheet_they_stand_in() -> None:
    (sheet,) = read_sheets("a.xlsx", book([["a", "b"], [1, "=1+1"]]))

    assert sheet.formulas == {(2, 2)}
