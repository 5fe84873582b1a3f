"""One report that uses every kind of block, column and awkward text; also run as a program.

``python -m tests.documents.reports FOLDER`` renders it there, so that a test can compare what
separate processes write.
"""

import sys
from datetime import date
from pathlib import Path

from documents.render_docx import render_docx
from documents.render_pdf import render_pdf
from documents.render_xlsx import render_xlsx
from documents.report import BarChart, Column, Kind, Paragraph, Report, Section, Table

HOSTILE = ["=1+1", "+86", "-2", "@SUM(A1)", "\tTAB", "＝１", "http://a.example", "007"]


def a_table(title: str = "分县（区）在册情况") -> Table:
    return Table(
        title,
        (
            Column("县（区）", width=6),
            Column("户数", Kind.INT, 4),
            Column("金额（元）", Kind.FEN, 7),
            Column("金额（万元）", Kind.WAN, 6),
            Column("占比", Kind.RATE, 4),
            Column("截至", Kind.DATE, 6),
        ),
        (
            ("芗城区", 12, 1_990_000, 640_690_000, 172, date(2026, 11, 22)),
            ("云霄县", 5, -5, 24_680_000, 10_000, date(2026, 1, 1)),
            ("诏安县", None, None, None, None, None),
        ),
        ("合计", 17, 1_989_995, 665_370_000, None, None),
        "注：金额截至月底。",
    )


def a_report() -> Report:
    names = tuple((text,) for text in HOSTILE)
    return Report(
        title="社会救助与慈善帮扶衔接联席会议材料",
        dated=date(2026, 11, 22),
        sections=(
            Section(
                "在册情况",
                (Paragraph("漳州市民政局：#evil *bold* $x$ 䶮㛃𬭎 𠮷野\x00。"), a_table()),
            ),
            Section("困难群众", (Table("姓名", (Column("姓名"),), names),), level=2),
            Section(
                "资金来源",
                (
                    BarChart(
                        "各层资金",
                        "层次",
                        "金额（元）",
                        (("政府", 2_490_000), ("慈善组织", 500_000), ("个人", 0)),
                        Kind.FEN,
                    ),
                ),
            ),
        ),
        red_head="漳州市民政局文件",
        number="漳民〔2026〕1号",
        addressed_to="各县（区）民政局",
        signed_by="漳州市民政局",
    )


RENDERERS = {"pdf": render_pdf, "docx": render_docx, "xlsx": render_xlsx}

if __name__ == "__main__":
    for ending, render in RENDERERS.items():
        Path(sys.argv[1], f"report.{ending}").write_bytes(render(a_report()))
