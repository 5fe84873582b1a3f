"""The pack's numbers as a report: the same data set in Word, PDF and Excel."""

from datetime import date, datetime
from typing import Any

from documents.report import (
    BarChart,
    Block,
    Column,
    Kind,
    Paragraph,
    Report,
    Section,
    Table,
    chinese_date,
)
from kernel.clock import SHANGHAI
from kernel.money import wan, yuan

#: Overlaps and gaps as the meeting reads them (domain.md section 5).
_CODES = {
    "O-01": "同一笔重复登记",
    "O-03": "超过核定净额",
    "O-04": "未按净额计算",
    "O-05": "垫付超过限额",
    "O-06": "互斥待遇同时享受",
    "O-13": "未核定且超过小额",
    "O-14": "合计超过核定净额",
}


def report_of(
    numbers: dict[str, Any], *, title: str, region_name: str, as_of: date, known_at: datetime
) -> Report:
    """Return the report of a meeting; pure: the same numbers give the same report."""
    known = known_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Report(
        title=title,
        subtitle=f"统计截至 {chinese_date(as_of)}（数据时点 {known}）",
        dated=as_of,
        sections=(
            _summary(numbers, as_of.year),
            _stock(numbers),
            _money(numbers),
            _new_cases(numbers),
            _overlaps(numbers),
            _gaps(numbers),
            _wishes(numbers),
            _matching(numbers),
            _terms(numbers),
        ),
        signed_by=f"{region_name}社会救助联席会议办公室",
    )


def _summary(numbers: dict[str, Any], year: int) -> Section:
    stock, money = numbers["stock"], numbers["money"]
    prevented, gaps = numbers["prevented"], numbers["gaps"]
    recognised = stock["recognised"]
    return Section(
        "总体情况",
        (
            Paragraph(
                f"已建档家庭 {stock['households']} 户、{stock['persons']} 人，其中在册对象 "
                f"{recognised['households']} 户、{recognised['persons']} 人；"
                f"{year} 年各来源救助帮扶支出 {wan(money['total_fen'])} 万元，"
                f"本年承诺 {wan(money['promised_fen'])} 万元（含已支付的）；"
                f"已承诺尚未支付 {wan(money['unpaid_fen'])} 万元（含往年承诺）。"
            ),
            Paragraph(
                f"本年拦截重复救助 {prevented['count']} 次，"
                f"避免重复支出 {yuan(prevented['fen'])} 元；"
                f"超过 {gaps['days']} 日无人响应的需求和线索 {gaps['count']} 项"
                + ("，须逐项落实。" if gaps["count"] else "。")
            ),
        ),
    )


def _or_none(table: Table, otherwise: str) -> Table | Paragraph:
    """Return the table, or a sentence in place of an empty one."""
    return table if table.rows else Paragraph(otherwise)


def _stock(numbers: dict[str, Any]) -> Section:
    rows = tuple(
        (line["label"], line["households"], line["persons"])
        for line in numbers["stock"]["categories"]
    )
    columns = (Column("类别", width=12), Column("户数", Kind.INT), Column("人数", Kind.INT))
    note = "同一家庭、同一人可属多类，各行不相加。"
    table = Table("在册对象（户、人）", columns, rows, note=note)
    return Section("在册对象", (_or_none(table, "截至统计日没有在册对象。"),))


def _money(numbers: dict[str, Any]) -> Section:
    money = numbers["money"]
    layers = money["layers"]
    blocks: list[Block] = [Paragraph("截至统计日没有救助帮扶资金。")]
    if layers:
        fields = ("events", "fen", "promised_fen", "unpaid_fen")
        rows = tuple((line["label"], *(line[field] for field in fields)) for line in layers)
        total = ("合计", *(sum(line[field] for line in layers) for field in fields))
        columns = (
            Column("资金层", width=8),
            Column("支出笔数", Kind.INT),
            Column("本年支出（元）", Kind.FEN, 10),
            Column("本年承诺（元）", Kind.FEN, 10),
            Column("尚未支付（元）", Kind.FEN, 10),
        )
        note = "本年承诺含已支付的，不含已释放的；尚未支付含往年承诺。支出与承诺不相加。"
        bars = tuple((line["label"], max(line["fen"], 0)) for line in layers)
        blocks = [
            Table("按资金层", columns, rows, total, note),
            BarChart("本年支出（按资金层）", "资金层", "金额（万元）", bars, Kind.WAN),
        ]
    if money["sources"]:
        source_columns = (Column("来源", width=16), Column("本年支出（元）", Kind.FEN, 10))
        sources = tuple((line["label"], line["fen"]) for line in money["sources"])
        source_note = "按救助项目、品牌列示；不属于任何项目、品牌的按单位列示。"
        blocks.append(Table("按项目与品牌", source_columns, sources, note=source_note))
    brands = Table(
        "九个品牌项目",
        (
            Column("品牌", width=14),
            Column("牵头单位", width=14),
            Column("本年承诺（元）", Kind.FEN, 9),
            Column("本年支出（元）", Kind.FEN, 9),
        ),
        tuple(
            (line["name"], line["lead"], line["promised_fen"], line["paid_fen"])
            for line in numbers["brands"]
        ),
    )
    return Section("资金", (*blocks, _or_none(brands, "尚未设置品牌项目。")))


def _new_cases(numbers: dict[str, Any]) -> Section:
    new = numbers["new_cases"]
    rows = tuple((line["label"], line["persons"]) for line in new["recognitions"])
    columns = (Column("类别", width=12), Column("人数", Kind.INT))
    return Section(
        "本年新增",
        (
            _or_none(Table("新增认定（人）", columns, rows), "本年没有新增认定。"),
            Paragraph(f"本年开始的需求 {new['needs']} 项。"),
        ),
    )


def _titled(code: str) -> str:
    return f"{code} {_CODES[code]}" if code in _CODES else code


def _overlaps(numbers: dict[str, Any]) -> Section:
    prevented = numbers["prevented"]
    columns = (
        Column("情形", width=12),
        Column("单位", width=16),
        Column("次数", Kind.INT),
        Column("避免重复（元）", Kind.FEN, 10),
    )
    rows = tuple(
        (_titled(line["code"]), line["organisation"], line["count"], line["fen"])
        for line in prevented["lines"]
    )
    findings = tuple(
        (_titled(line["code"]), line["outcome"], line["count"], line["fen"])
        for line in numbers["findings"]
    )
    finding_columns = (
        Column("情形", width=12),
        Column("处理方式", width=6),
        Column("件数", Kind.INT),
        Column("涉及金额（元）", Kind.FEN, 10),
    )
    return Section(
        "重叠救助",
        (
            _or_none(
                Table(
                    "本年已避免的重复",
                    columns,
                    rows,
                    ("合计", None, prevented["count"], prevented["fen"]),
                ),
                "本年没有拦截到重复救助。",
            ),
            _or_none(Table("本年事后发现", finding_columns, findings), "本年没有事后发现的重叠。"),
        ),
    )


def _gaps(numbers: dict[str, Any]) -> Section:
    gaps = numbers["gaps"]
    place_columns = (Column("县（市、区）", width=12), Column("项数", Kind.INT))
    purpose_columns = (Column("用途", width=12), Column("项数", Kind.INT))
    places = tuple((line["label"], line["count"]) for line in gaps["places"])
    purposes = tuple((line["label"], line["count"]) for line in gaps["purposes"])
    return Section(
        "漏保漏救",
        (
            _or_none(
                Table(f"超过 {gaps['days']} 日无人响应的需求和线索", place_columns, places),
                f"没有超过 {gaps['days']} 日无人响应的需求和线索。",
            ),
            *((Table("按用途", purpose_columns, purposes),) if purposes else ()),
        ),
    )


def _wishes(numbers: dict[str, Any]) -> Section:
    rows = tuple((line["label"], line["count"]) for line in numbers["wishes"])
    columns = (Column("环节", width=10), Column("件数", Kind.INT))
    return Section("微心愿", (Table("微心愿进展（累计，件）", columns, rows),))


def _matching(numbers: dict[str, Any]) -> Section:
    matching = numbers["matching"]
    blocks: list[Block] = []
    if matching["ratio"] is None:
        blocks.append(Paragraph("截至统计日没有覆盖本辖区的匹配运行。"))
    else:
        blocks.append(
            Paragraph(
                f"最近一次覆盖本辖区的匹配运行（{matching['run_region']}，{matching['run_on']}）"
                f"的方案价值不低于理论上界的 {matching['ratio'] * 100:.2f}%，"
                f"独立核验违反约束 {matching['violations']} 处。"
            )
        )
    columns = (
        Column("结果", width=10),
        Column("件数", Kind.INT),
        Column("金额（元）", Kind.FEN, 10),
    )
    rows = tuple((line["label"], line["count"], line["fen"]) for line in matching["decided"])
    table = Table("建议办理情况（累计）", columns, rows, note="金额为建议金额，批准后才成为承诺。")
    blocks.append(_or_none(table, "截至统计日没有办理过匹配建议。"))
    return Section("供需匹配", tuple(blocks))


def _terms(numbers: dict[str, Any]) -> Section:
    """What each number is, so that nobody adds up what must not be added."""
    days = numbers["gaps"]["days"]
    return Section(
        "统计口径",
        (
            Paragraph(
                "统计截止日前生效、数据时点前记入系统的事项方计入；"
                "此后的更正不改变本材料，计入更正当日以后的材料。"
            ),
            Paragraph(
                "在册对象：统计日持有任一类认定的家庭和人员，去重计算。"
                "已建档家庭：系统中未销户的家庭，包括尚未认定的。"
            ),
            Paragraph(
                "本年支出：本年支付和各单位报告的救助，减本年冲正。"
                "本年承诺：本年作出的承诺减其中已释放的，含已支付的部分。"
                "尚未支付：截至统计日已承诺而未支付、未释放的金额，含往年承诺。"
            ),
            Paragraph(
                "已避免的重复：系统在承诺、支付或审批时拒绝的金额，同一申请只计一次，按拒绝日期归入本年。"
                "事后发现：救助已经发生、事后查出的重叠，只提示核实，不自动追回。"
            ),
            Paragraph(
                f"无人响应：核定（未核定的自需求开始）或线索登记后满 {days} 日仍无任何有效救助的"
                "需求和线索。微心愿：累计到过该环节的件数；过期、取消的认领不计。"
            ),
        ),
    )
