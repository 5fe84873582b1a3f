"""Reports as plain data."""

import doctest
from datetime import date, datetime

import pytest

from documents import report as module
from documents.report import (
    BarChart,
    Cell,
    Column,
    Kind,
    Report,
    Section,
    Table,
    as_data,
    chinese_number,
    freeze,
    from_data,
    printable,
    thaw,
)
from kernel.errors import Refused
from tests.documents.reports import a_report


def test_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_a_frozen_report_thaws_to_the_same_report() -> None:
    assert thaw(freeze(a_report())) == a_report()
    assert from_data(as_data(a_report())) == a_report()
    assert freeze(thaw(freeze(a_report()))) == freeze(a_report())


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (Kind.TEXT, 1),
        (Kind.INT, "1"),
        (Kind.INT, True),
        (Kind.FEN, 1.5),
        (Kind.DATE, "2026-11-22"),
        (Kind.DATE, datetime(2026, 11, 22)),  # noqa: DTZ001
        (Kind.TEXT, "字" * 32_768),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_by_row_and_column(kind: Kind, cell: Cell) -> None:
    with pytest.raises(Refused) as no:
        Table("表", (Column("甲", kind),), ((None,), (cell,)))

    assert no.value.code == "report_malformed"
    assert "第2行“甲”" in no.value.message


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(Refused) as no:
        Table("表", (Column("甲"), Column("乙")), (("一",),))

    assert "第1行有1格，应为2格" in no.value.message


def test_a_negative_bar_is_refused() -> None:
    with pytest.raises(Refused):
        BarChart("图", "甲", "乙", (("丙", -1),))


def test_sections_are_numbered_by_level() -> None:
    report = Report(
        "题",
        date(2026, 1, 1),
        (
            Section("甲"),
            Section("乙", level=2),
            Section("丙", level=2),
            Section("丁"),
            Section("戊", level=2),
        ),
    )

    assert [heading for _, heading in report.numbered()] == [
        "一、甲",
        "（一）乙",
        "（二）丙",
        "二、丁",
        "（一）戊",
    ]


def test_numbers_of_headings() -> None:
    assert [chinese_number(n) for n in (1, 9, 10, 11, 20, 99)] == [
        "一", "九", "十", "十一", "二十", "九十九",
    ]  # fmt: skip


def test_characters_no_file_can_hold_or_that_mislead_are_dropped() -> None:
    assert printable("张\x00\ud800\u202e三\u200b\n丰\t") == "张三\n丰\t"
