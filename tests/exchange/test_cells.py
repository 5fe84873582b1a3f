"""Single cells, as people and spreadsheets spoil them."""

from datetime import date

import pytest

from exchange.cells import (
    BadCell,
    Cell,
    read_any_id,
    read_date,
    read_fen,
    read_resident_id,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (3.50699194506120e17, "后几位已经丢失"),
        ("3.50699E+17", "改成了数字"),
        ("350699194506120012", "校验位不正确"),
        ("350699194513120011", "不存在"),
        ("35069919450612", "18位"),
        ("350699194506120000", "000"),
    ],
)
def test_a_spoilt_id_is_explained(cell: Cell, reason: str) -> None:
    with pytest.raises(BadCell, match=reason) as bad:
        read_resident_id(cell, today=TODAY)
    assert "文本" in bad.value.mend


def test_an_old_id_is_converted_from_text_and_from_a_number() -> None:
    for cell in ("350699450612001", 350699450612001.0):
        assert read_resident_id(cell, today=TODAY).value == "350699194506120011"


def test_a_masked_id_is_kept_with_its_visible_digits() -> None:
    assert read_any_id("350699＊＊＊＊＊＊＊＊001X", today=TODAY).value == "350699********001X"
    with pytest.raises(BadCell, match="12 位"):
        read_any_id("350699****11", today=TODAY)


@pytest.mark.parametrize(
    "cell", ["2026-03-05", "2026/3/5", "2026.3.5", "20260305", "2026年3月5日", 46086.0]
)
def test_dates_are_read_however_they_are_spelt(cell: Cell) -> None:
    assert read_date(cell).value == "2026-03-05"


@pytest.mark.parametrize("cell", ["2026-02-30", "昨天", "1026-01-01", 9e9])
def test_what_is_no_date_is_refused(cell: Cell) -> None:
    with pytest.raises(BadCell, match="无法识别"):
        read_date(cell)


@pytest.mark.parametrize(
    ("cell", "fen"), [(19900.5, 1_990_050), ("1,234.50元", 123_450), (0.1 + 0.2, 30)]
)
def test_amounts_become_exact_fen(cell: Cell, fen: int) -> None:
    assert read_fen(cell).value == fen


@pytest.mark.parametrize("cell", [12.345, "12.345", "1,23", "-5", 0.0, "十元"])
def test_an_amount_that_is_not_exact_fen_is_refused(cell: Cell) -> None:
    with pytest.raises(BadCell):
        read_fen(cell)
