"""A report as PDF, its Chinese fonts embedded; the same report gives the same bytes."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import typst

from documents.fonts import load_fonts, undrawable
from documents.report import (
    BarChart,
    Block,
    Kind,
    Paragraph,
    Report,
    Table,
    cell_text,
    chinese_date,
    printable,
)

TEMPLATE = Path(__file__).with_name("report.typ")


def render_pdf(report: Report) -> bytes:
    """Return the PDF. A character that no font has is printed as its code, 〔U+20BB7〕.

    Raises ``Refused("fonts_missing")`` where the fonts are not installed.
    """
    fonts, families = load_fonts()
    data = json.dumps(_data(report, families), ensure_ascii=False, sort_keys=True)
    for character in undrawable(data):
        # A variation selector only refines the character before it.
        mark = unicodedata.category(character) == "Mn"
        data = data.replace(character, "" if mark else f"〔U+{ord(character):04X}〕")
    made = typst.Compiler(
        TEMPLATE.read_bytes(), font_paths=fonts, ignore_system_fonts=True
    ).compile(
        format="pdf",
        sys_inputs={"report": data},
    )
    if not isinstance(made, bytes):
        raise TypeError("typst returned no PDF")
    return made


def _data(report: Report, families: tuple[str, ...]) -> dict[str, Any]:
    return {
        "families": families,
        "title": printable(report.title),
        "author": printable(report.signed_by),
        "year": report.dated.year,
        "month": report.dated.month,
        "day": report.dated.day,
        "date_text": chinese_date(report.dated),
        "red_head": printable(report.red_head),
        "number": printable(report.number),
        "subtitle": printable(report.subtitle),
        "addressed_to": printable(report.addressed_to),
        "signed_by": printable(report.signed_by),
        "sections": [
            {
                "heading": printable(heading) if section.heading else "",
                "level": section.level,
                "blocks": [_block(block) for block in section.blocks],
            }
            for section, heading in report.numbered()
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"type": "paragraph", "text": printable(block.text)}
    return _chart(block) if isinstance(block, BarChart) else _table(block)


def _table(table: Table) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    texts = [
        [cell_text(cell, kind) for cell, kind in zip(row, kinds, strict=True)]
        for row in (*table.rows, *([table.total] if table.total else []))
    ]
    return {
        "type": "table",
        "title": printable(table.title),
        "headings": [printable(column.heading) for column in table.columns],
        "widths": [column.width for column in table.columns],
        "aligns": ["left" if kind in (Kind.TEXT, Kind.DATE) else "right" for kind in kinds],
        "rows": texts[: len(table.rows)],
        "total": texts[-1] if table.total else None,
        "note": printable(table.note),
    }


def _chart(chart: BarChart) -> dict[str, Any]:
    longest = max((value for _, value in chart.bars), default=0) or 1
    return {
        "type": "chart",
        "title": printable(chart.title),
        "value_heading": printable(chart.value_heading),
        "bars": [
            [printable(label), round(100 * value / longest, 3), cell_text(value, chart.kind)]
            for label, value in chart.bars
        ],
    }
