"""The pack's numbers as a report: the same data set in Word, PDF and Excel."""

from datetime import date, datetime
from typing import Any

from documents.report import (
    BarChart,
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
            _summary(numbers),
            _stock(numbers),
            _money(numbers),
            _new_cases(numbers),
            _overlaps(numbers),
            _gaps(numbers),
            _wishes(numbers),
            _matching(numbers),
        ),
        signed_by=f"{region_name}社会救助联席会议办公室",
    )


def _summary(numbers: dict[str, Any]) -> Section:
    stock, money = numbers["stock"], numbers["money"]
    prevented, gaps = numbers["prevented"], numbers["gaps"]
    return Section(
        "总体情况",
        (
            Paragraph(
                f"在册困难家庭 {stock['households']} 户、{stock['persons']} 人；"
                f"本年各来源救助帮扶支出 {wan(money['total_fen'])} 万元，"
                f"另有承诺 {wan(money['promised_fen'])} 万元。"
            ),
            Paragraph(
                f"拦截重复救助 {prevented['count']} 次，避免重复支出 {yuan(prevented['fen'])} 元；"
                f"超过 {gaps['days']} 日无人响应的需求 {gaps['count']} 项，须逐项落实。"
            ),
        ),
    )


def _stock(numbers: dict[str, Any]) -> Section:
    rows = tuple(
        (line["label"], line["households"], line["persons"])
        for line in numbers["stock"]["categories"]
    )
    columns = (Column("类别", width=12), Column("户数", Kind.INT), Column("人数", Kind.INT))
    note = "同一家庭、同一人可属多类，各行不相加。"
    return Section("在册对象", (Table("在册对象（户、人）", columns, rows, note=note),))


def _money(numbers: dict[str, Any]) -> Section:
    money = numbers["money"]
    columns = (
        Column("资金层", width=10),
        Column("人次", Kind.INT),
        Column("金额（元）", Kind.FEN, 10),
    )
    rows = tuple((line["label"], line["events"], line["fen"]) for line in money["layers"])
    total = ("合计", sum(line["events"] for line in money["layers"]), money["total_fen"])
    source_columns = (Column("来源", width=16), Column("金额（元）", Kind.FEN, 10))
    sources = tuple((line["label"], line["fen"]) for line in money["sources"])
    bars = tuple((line["label"], max(line["fen"], 0)) for line in money["layers"])
    return Section(
        "资金",
        (
            Table("按资金层", columns, rows, total),
            BarChart("按资金层", "资金层", "金额（万元）", bars, Kind.WAN),
            Table("按项目与品牌", source_columns, sources),
            Table(
                "九个品牌项目",
                (
                    Column("品牌", width=14),
                    Column("牵头单位", width=14),
                    Column("承诺（元）", Kind.FEN, 9),
                    Column("支出（元）", Kind.FEN, 9),
                ),
                tuple(
                    (line["name"], line["lead"], line["promised_fen"], line["paid_fen"])
                    for line in numbers["brands"]
                ),
            ),
        ),
    )


def _new_cases(numbers: dict[str, Any]) -> Section:
    new = numbers["new_cases"]
    rows = tuple((line["label"], line["persons"]) for line in new["recognitions"])
    columns = (Column("类别", width=12), Column("人数", Kind.INT))
    return Section(
        "本年新增",
        (Table("新增认定（人）", columns, rows), Paragraph(f"新登记需求 {new['needs']} 项。")),
    )


def _overlaps(numbers: dict[str, Any]) -> Section:
    prevented = numbers["prevented"]
    columns = (
        Column("代码", width=4),
        Column("单位", width=16),
        Column("次数", Kind.INT),
        Column("避免重复（元）", Kind.FEN, 10),
    )
    rows = tuple(
        (line["code"], line["organisation"], line["count"], line["fen"])
        for line in prevented["lines"]
    )
    findings = tuple(
        (line["code"], line["outcome"], line["count"], line["fen"]) for line in numbers["findings"]
    )
    finding_columns = (
        Column("代码", width=4),
        Column("处理方式", width=6),
        Column("件数", Kind.INT),
        Column("涉及金额（元）", Kind.FEN, 10),
    )
    return Section(
        "重叠救助",
        (
            Table(
                "已避免的重复", columns, rows, ("合计", None, prevented["count"], prevented["fen"])
            ),
            Table("事后发现", finding_columns, findings),
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
            Table(f"超过 {gaps['days']} 日无人响应的需求", place_columns, places),
            Table("按用途", purpose_columns, purposes),
        ),
    )


def _wishes(numbers: dict[str, Any]) -> Section:
    rows = tuple((line["label"], line["count"]) for line in numbers["wishes"])
    columns = (Column("环节", width=10), Column("件数", Kind.INT))
    return Section("微心愿", (Table("微心愿进展（件）", columns, rows),))


def _matching(numbers: dict[str, Any]) -> Section:
    matching = numbers["matching"]
    blocks: list[Any] = []
    if matching["ratio"] is None:
        blocks.append(Paragraph("本期没有匹配运行。"))
    else:
        blocks.append(
            Paragraph(
                f"最近一次匹配的方案价值不低于理论上界的 {matching['ratio'] * 100:.2f}%，"
                f"独立核验违反约束 {matching['violations']} 处。"
            )
        )
    if matching["decided"]:
        rows = tuple((line["label"], line["count"]) for line in matching["decided"])
        blocks.append(
            Table("建议办理情况", (Column("结果", width=10), Column("件数", Kind.INT)), rows)
        )
    return Section("供需匹配", tuple(blocks))
