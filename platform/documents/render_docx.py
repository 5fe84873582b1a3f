"""A report as Word, laid out as GB/T 9704 sets official documents; same report, same bytes.

Sizes there are given as 号: 二号 is 22 pt, 三号 16, 四号 14, 五号 10.5. The type area is 156 mm
by 225 mm.
"""

import copy
import io
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from documents.report import (
    BarChart,
    Kind,
    Paragraph,
    Report,
    Table,
    cell_text,
    chinese_date,
    printable,
)
from documents.zipped import packed_alike

# What offices print with, and what stands in where a machine lacks it (written to the font table).
TITLE, BODY, PLAIN = "方正小标宋简体", "仿宋_GB2312", "宋体"
HEADING, SUBHEADING = "黑体", "楷体_GB2312"
STAND_INS = {TITLE: "宋体", BODY: "仿宋", HEADING: "SimHei", SUBHEADING: "楷体", PLAIN: "SimSun"}
RED = RGBColor(0xD7, 0x00, 0x0F)
_RIGHT, _CENTRE = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_TYPE_AREA_MM = 156


def render_docx(report: Report) -> bytes:
    """Return the Word file."""
    document = docx.Document()
    _set_up(document, report)
    _head(document, report)
    for section, heading in report.numbered():
        if section.heading:
            style = f"Heading {min(section.level, 2)}"
            document.add_paragraph(printable(heading), style=style)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                paragraph = _line(document, block.text)
                paragraph.paragraph_format.first_line_indent = Pt(32)
            else:
                _table(document, block.as_table() if isinstance(block, BarChart) else block)
    _foot(document, report)
    packed = io.BytesIO()
    document.save(packed)
    return packed_alike(packed.getvalue())


def _font(style_or_run: Any, name: str, points: float, *, bold: bool = False) -> None:
    style_or_run.font.name = name
    style_or_run.font.size = Pt(points)
    style_or_run.font.bold = bold
    fonts = style_or_run._element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _line(
    document: Document,
    text: str,
    name: str = BODY,
    points: float = 16,
    *,
    align: WD_ALIGN_PARAGRAPH | None = None,
    bold: bool = False,
) -> Any:
    paragraph: Any = document.add_paragraph()
    paragraph.alignment = align
    _font(paragraph.add_run(printable(text)), name, points, bold=bold)
    return paragraph


def _set_up(document: Document, report: Report) -> None:
    page = document.sections[0]
    page.start_type = WD_SECTION.NEW_PAGE
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(page.footer, _RIGHT)
    _page_number(page.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)

    normal: Any = document.styles["Normal"]
    _font(normal, BODY, 16)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    # 22 lines in 225 mm.
    normal.paragraph_format.line_spacing = Pt(28.95)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    for level, name in ((1, HEADING), (2, SUBHEADING)):
        style: Any = document.styles[f"Heading {level}"]
        _font(style, name, 16)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.first_line_indent = Pt(32)

    properties = document.core_properties
    properties.title = printable(report.title)[:255]
    properties.author = properties.last_modified_by = printable(report.signed_by)[:255]
    properties.comments = ""
    properties.language = "zh-CN"
    properties.revision = 1
    properties.created = properties.modified = report.created_at
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = _font_table()


def _font_table() -> bytes:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in STAND_INS.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def _page_number(footer: Any, align: WD_ALIGN_PARAGRAPH) -> None:
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    _font(paragraph.add_run("— "), PLAIN, 14)
    number = paragraph.add_run()
    _font(number, PLAIN, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        if text:
            element = OxmlElement("w:t" if kind else "w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        number._r.append(element)
    _font(paragraph.add_run(" —"), PLAIN, 14)


def _head(document: Document, report: Report) -> None:
    if report.red_head:
        head = _line(document, report.red_head, TITLE, 36, align=_CENTRE, bold=True)
        head.paragraph_format.line_spacing = Pt(60)
        head.runs[0].font.color.rgb = RED
        number = _line(document, report.number, align=_CENTRE)
        number.paragraph_format.space_before = Pt(28.95)
        border = parse_xml(
            f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="18" w:space="8" '
            f'w:color="{RED}"/></w:pBdr>'
        )
        # Word wants the parts of w:pPr in the order of its schema: borders before spacing.
        number._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc")
    elif report.number:
        _line(document, report.number, align=_RIGHT)
    title = _line(document, report.title, TITLE, 22, align=_CENTRE, bold=True)
    title.paragraph_format.space_before = Pt(28.95)
    title.paragraph_format.line_spacing = Pt(34)
    if report.subtitle:
        _line(document, report.subtitle, SUBHEADING, align=_CENTRE)
    _line(document, "")
    if report.addressed_to:
        _line(document, f"{report.addressed_to}：")


def _foot(document: Document, report: Report) -> None:
    if not report.signed_by:
        return
    _line(document, "")
    signed = _line(document, report.signed_by, align=_RIGHT)
    signed.paragraph_format.right_indent = Pt(32)
    signed.paragraph_format.keep_with_next = True
    dated = _line(document, chinese_date(report.dated), align=_RIGHT)
    dated.paragraph_format.right_indent = Pt(64)


def _table(document: Document, table: Table) -> None:
    title = _line(document, table.title, HEADING, 14, align=_CENTRE)
    title.paragraph_format.keep_with_next = True
    rows = [*table.rows, *([table.total] if table.total else [])]
    made: Any = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    share = _TYPE_AREA_MM / sum(column.width for column in table.columns)
    for place, column in enumerate(table.columns):
        made.columns[place].width = Mm(column.width * share)
    sides = [None if c.kind in (Kind.TEXT, Kind.DATE) else _RIGHT for c in table.columns]
    widths = [Mm(column.width * share) for column in table.columns]
    head = [_cell(width, _CENTRE, HEADING) for width in widths]
    plain = [_cell(width, side, PLAIN) for width, side in zip(widths, sides, strict=True)]
    strong = [
        _cell(width, side, PLAIN, bold=True) for width, side in zip(widths, sides, strict=True)
    ]
    body = made._tbl
    body.append(_row([column.heading for column in table.columns], head, head=True))
    for row in rows:
        texts = [cell_text(cell, c.kind) for cell, c in zip(row, table.columns, strict=True)]
        body.append(_row(texts, strong if row is table.total else plain))
    note = _line(document, table.note, PLAIN, 10.5)
    note.paragraph_format.line_spacing = Pt(18)


def _cell(width: Any, align: WD_ALIGN_PARAGRAPH | None, font: str, *, bold: bool = False) -> Any:
    """Return an empty w:tc, to be copied: building each cell anew takes over ten times as long."""
    cell = OxmlElement("w:tc")
    cell.width = width
    paragraph = OxmlElement("w:p")
    style = paragraph.get_or_add_pPr()
    style.spacing_lineRule = WD_LINE_SPACING.EXACTLY
    style.spacing_line = Pt(18)
    style.jc_val = align
    run = paragraph.add_r()
    properties = run.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    properties.sz_val = Pt(10.5)
    if bold:
        properties._add_b()
    cell.append(paragraph)
    return cell


def _row(texts: list[str], blanks: list[Any], *, head: bool = False) -> Any:
    """Return one w:tr built directly: python-docx takes quadratic time to fill a long table."""
    row = OxmlElement("w:tr")
    properties = OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    for text, blank in zip(texts, blanks, strict=True):
        cell = copy.deepcopy(blank)
        # Written at once: the text property of a run costs more than all the rest.
        mark = OxmlElement("w:t")
        mark.text = " ".join(printable(text).split("\n"))
        mark.set(qn("xml:space"), "preserve")
        cell[-1][-1].append(mark)
        row.append(cell)
    return row
