"""What stands in the Word file and how it is laid out."""

import io
import zipfile
from datetime import date
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.shared import Pt

from documents.render_docx import render_docx
from documents.report import Column, Report, Section, Table
from tests.documents.reports import a_report


def opened() -> Any:
    return docx.Document(io.BytesIO(render_docx(a_report())))


def test_the_parts_stand_in_the_order_of_an_official_document() -> None:
    texts = [paragraph.text for paragraph in opened().paragraphs if paragraph.text]

    assert texts[:5] == [
        "漳州市民政局文件",
        "漳民〔2026〕1号",
        "社会救助与慈善帮扶衔接联席会议材料",
        "各县（区）民政局：",
        "一、在册情况",
    ]
    assert texts[-2:] == ["漳州市民政局", "2026年11月22日"]


def test_page_and_type_follow_the_standard() -> None:
    document = opened()
    page = document.sections[0]

    millimetres = [
        round(length.mm)
        for length in (
            page.page_width,
            page.page_height,
            page.top_margin,
            page.bottom_margin,
            page.left_margin,
            page.right_margin,
        )
    ]
    assert millimetres == [210, 297, 37, 35, 28, 26]
    head, title = document.paragraphs[0], document.paragraphs[2]
    assert str(head.runs[0].font.color.rgb) == "D7000F"
    assert (title.runs[0].font.size, title.alignment) == (Pt(22), 1)
    fonts = title.runs[0]._element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "方正小标宋简体"


def test_page_numbers_stand_outside_on_odd_and_even_pages() -> None:
    page = opened().sections[0]

    for footer, side in ((page.footer, 2), (page.even_page_footer, 0)):
        assert "PAGE" in footer._element.xml
        assert footer.paragraphs[0].alignment == side


def test_every_font_names_its_stand_in() -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(a_report()))) as archive:
        table = archive.read("word/fontTable.xml").decode()
        document = archive.read("word/document.xml").decode()

    for name in ("方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"):
        assert f'w:name="{name}"><w:altName' in table
        assert name in document


def test_a_table_holds_its_figures_and_repeats_its_heading() -> None:
    table = opened().tables[0]

    assert [cell.text for cell in table.rows[1].cells] == [
        "芗城区", "12", "19,900.00", "640.69", "1.72%", "2026-11-22",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[-1].cells] == [
        "合计", "17", "19,899.95", "665.37", "—", "—",
    ]  # fmt: skip
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_a_chart_becomes_a_table() -> None:
    rows = [[cell.text for cell in row.cells] for row in opened().tables[-1].rows]

    assert rows == [
        ["层次", "金额（元）"],
        ["政府", "24,900.00"],
        ["慈善组织", "5,000.00"],
        ["个人", "0.00"],
    ]


def test_without_red_head_the_title_comes_first() -> None:
    plain = Report("题", date(2026, 1, 1), (Section("", (Table("表", (Column("甲"),), ()),)),))
    document = docx.Document(io.BytesIO(render_docx(plain)))

    assert [p.text for p in document.paragraphs if p.text] == ["题", "表"]
    assert len(document.tables[0].rows) == 1


def test_properties_carry_the_date_of_the_report() -> None:
    properties = opened().core_properties

    assert str(properties.created).startswith("2026-11-22 00:00:00")
    assert (properties.author, properties.comments) == ("漳州市民政局", "")
