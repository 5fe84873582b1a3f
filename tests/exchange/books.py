"""Excel files for tests, made cell by cell."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter


def book(rows: Sequence[Any], *, sheet: str = "表", title: str = "") -> bytes:
    """Return a workbook; with ``title`` a merged title row stands above everything."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    page = made.add_worksheet(sheet)
    first = 0
    if title:
        page.merge_range(0, 0, 0, 5, title)
        first = 2
    for number, cells in enumerate(rows, first):
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and cell.startswith("="):
                page.write_formula(number, column, cell, None, 1)
            elif cell is not None:
                page.write(number, column, cell)
    made.close()
    return out.getvalue()


def with_sheet_xml(xml: bytes) -> bytes:
    """Return a workbook whose only sheet is ``xml``."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([["a"]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return out.getvalue()
