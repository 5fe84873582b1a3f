"""Excel files that go to senders: the empty template, and their bad rows with what to mend."""

import io
from datetime import date

import xlsxwriter

from documents.render_xlsx import render_tables
from documents.report import Column as ReportColumn
from documents.report import Kind as ReportKind
from documents.report import Table
from exchange.models import Batch
from exchange.registry import kind_of
from exchange.selectors import bad_rows
from exchange.services import row_content
from kernel import clock
from kernel.masking import mask_resident_id

_TEMPLATE_ROWS = 2_000


def template_xlsx(kind: str) -> bytes:
    """Return an empty file of this kind: headings, text cells for IDs, lists, and instructions."""
    found = kind_of(kind)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EBEBEB", "border": 1})
    sheet = book.add_worksheet(found.title[:31])
    help_ = book.add_worksheet("填写说明")
    for line, heading in enumerate(("列", "必填", "示例", "说明")):
        help_.write_string(0, line, heading, head)
        help_.set_column(line, line, 30)
    for position, column in enumerate(found.columns):
        sheet.set_column(position, position, 22, text)
        sheet.write_string(0, position, column.heading + ("*" if column.required else ""), head)
        if column.choices and len(",".join(column.choices)) < 255:
            sheet.data_validation(
                1, position, _TEMPLATE_ROWS, position,
                {"validate": "list", "source": list(column.choices)},
            )  # fmt: skip
        hint = column.hint or "、".join(column.choices)
        facts = (column.heading, "是" if column.required else "否", column.example, hint)
        for place, fact in enumerate(facts):
            help_.write_string(position + 1, place, fact)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def errors_xlsx(batch: Batch) -> bytes:
    """Return the bad rows of a batch: number, column, reason, mending, and the row with masked IDs.

    The caller found ``batch`` through ``batches_visible_to``.
    """
    kind = kind_of(batch.kind)
    headings = ("行号", "列", "问题", "怎样改", *(column.heading for column in kind.columns))
    lines: list[tuple[str, ...]] = []
    for row in bad_rows(batch).iterator(chunk_size=500):
        texts = row_content(row)["texts"]
        shown = [
            mask_resident_id(texts.get(column.key, ""))
            if column.is_id
            else texts.get(column.key, "")
            for column in kind.columns
        ]
        lines.extend(
            (str(error["row"]), error["column"], error["reason"], error["mend"], *shown)
            for error in row.errors
        )
    columns = tuple(ReportColumn(heading, ReportKind.TEXT, 10) for heading in headings)
    table = Table(f"{kind.title}有误的行", columns, tuple(lines))
    dated: date = batch.recorded_at.astimezone(clock.SHANGHAI).date()
    return render_tables([table], title=f"{kind.title} {batch.number}", dated=dated)
