"""What a spreadsheet program finds in the workbook."""

import io
import zipfile
from datetime import date
from typing import Any

import python_calamine

from documents.render_xlsx import render_tables, render_xlsx
from documents.report import Column, Kind, Table
from tests.documents.reports import HOSTILE, a_report, a_table


def sheets(workbook: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def part(workbook: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read(name).decode()


def test_each_table_has_a_sheet_with_typed_cells() -> None:
    found = sheets(render_xlsx(a_report()))

    assert list(found) == ["说明", "分县（区）在册情况", "姓名", "各层资金"]
    assert found["分县（区）在册情况"][1:5] == [
        ["芗城区", 12.0, 19_900.0, 640.69, 0.0172, date(2026, 11, 22)],
        ["云霄县", 5.0, -0.05, 24.68, 1.0, date(2026, 1, 1)],
        ["诏安县", "", "", "", "", ""],
        ["合计", 17.0, 19_899.95, 665.37, "", ""],
    ]


def test_hostile_text_stays_text_and_is_marked_as_text() -> None:
    workbook = render_tables(
        [Table("姓名", (Column("姓名"),), tuple((text,) for text in [*HOSTILE, "张三"]))],
        title="表",
        dated=date(2026, 1, 1),
    )

    assert [row[0] for row in sheets(workbook)["姓名"][1:]] == [*HOSTILE, "张三"]
    sheet, styles = part(workbook, "xl/worksheets/sheet1.xml"), part(workbook, "xl/styles.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    marked = [form for form in styles.split("<xf ") if 'quotePrefix="1"' in form]
    assert len(marked) == 1
    style = styles.split("<cellXfs")[1].split("<xf ")[1:].index(marked[0])
    assert sheet.count(f's="{style}" t="s"') == len(HOSTILE) - 2  # the link and 007 are harmless


def test_money_is_a_number_with_two_decimals_and_the_heading_is_frozen() -> None:
    workbook = render_tables([a_table()], title="表", dated=date(2026, 1, 1))

    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="1" topLeftCell="A2"' in sheet
    assert 'state="frozen"' in sheet
    assert "<v>19900</v>" in sheet
    assert 'formatCode="#,##0.00"' in part(workbook, "xl/styles.xml")


def test_the_largest_amount_keeps_its_fen() -> None:
    fen = 2**53 - 1
    table = Table("表", (Column("金额（元）", Kind.FEN),), ((fen,),))

    value = sheets(render_tables([table], title="表", dated=date(2026, 1, 1)))["表"][1][0]

    assert round(value * 100) == fen


def test_sheet_names_are_cut_cleaned_and_never_repeated() -> None:
    long = "一" * 40
    titles = ["甲/乙:[丙]", long, long, "", "History", "重", "重", "𠮷" * 20]

    workbook = render_tables(
        [Table(title, (Column("甲"),), ()) for title in titles], title="表", dated=date(2026, 1, 1)
    )

    assert list(sheets(workbook)) == [
        "甲 乙  丙",
        "一" * 31,
        "一" * 28 + "(2)",
        "表",
        "History(2)",
        "重",
        "重(2)",
        "𠮷" * 15,
    ]


def test_a_date_before_excels_calendar_is_written_as_text() -> None:
    table = Table("表", (Column("生日", Kind.DATE),), ((date(1899, 12, 31),), (date(1900, 3, 1),)))

    rows = sheets(render_tables([table], title="表", dated=date(2026, 1, 1)))["表"]

    assert rows[1:] == [["1899-12-31"], [date(1900, 3, 1)]]


def test_the_chart_is_drawn_beside_its_figures() -> None:
    chart = part(render_xlsx(a_report()), "xl/charts/chart1.xml")

    assert "各层资金" in chart
    assert "$B$2:$B$4" in chart
