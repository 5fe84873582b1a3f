"""Amounts are read, rounded and written exactly."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refused
from kernel.money import capital_amount, parse_yuan, round_half_up, wan, wan_people, yuan


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (10, "0.10"),
        (-1, "-0.01"),
        (99_999, "999.99"),
        (100_000, "1,000.00"),
        (24_680_000, "246,800.00"),
        (-123_456_789, "-1,234,567.89"),
    ],
)
def test_yuan_has_separators_and_two_decimals(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(
    ("fen", "decimals", "text"),
    [
        (33_858_000_000, 0, "33858"),
        (640_690_000, 2, "640.69"),
        (24_680_000, 2, "24.68"),
        (0, 2, "0.00"),
        (4_999, 2, "0.00"),
        (5_000, 2, "0.01"),
        (499_999, 0, "0"),
        (500_000, 0, "1"),
        (-4_999, 2, "0.00"),
        (-24_680_000, 2, "-24.68"),
    ],
)
def test_wan_is_written_as_reports_write_it(fen: int, decimals: int, text: str) -> None:
    assert wan(fen, decimals=decimals) == text


def test_people_are_counted_in_wan_with_two_decimals() -> None:
    assert (wan_people(103_200), wan_people(12_349), wan_people(49)) == ("10.32", "1.23", "0.00")


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (11, "壹角壹分"),
        (100, "壹元整"),
        (104, "壹元零肆分"),
        (150, "壹元伍角整"),
        (1_000, "壹拾元整"),
        (1_100, "壹拾壹元整"),
        (10_100, "壹佰零壹元整"),
        (100_000, "壹仟元整"),
        (100_100, "壹仟零壹元整"),
        (101_000, "壹仟零壹拾元整"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (1_990_000, "壹万玖仟玖佰元整"),
        (1_000_503, "壹万零伍元零叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (10_000_000, "壹拾万元整"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (10_050_000, "壹拾万零伍佰元整"),
        (100_000_100, "壹佰万零壹元整"),
        (10_000_000_000, "壹亿元整"),
        (10_001_000_000, "壹亿零壹万元整"),
        (10_000_100_000, "壹亿零壹仟元整"),
        (10_000_000_001, "壹亿元零壹分"),
        (12_345_678_901, "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分"),
        (100_000_000_000, "壹拾亿元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (100_050_000_000_000, "壹万零伍亿元整"),
        (123_450_000_000_000, "壹万贰仟叁佰肆拾伍亿元整"),
        (100_000_005_000_000, "壹万亿零伍万元整"),
    ],
)
def test_capital_amount(fen: int, text: str) -> None:
    assert capital_amount(fen) == text


def test_a_negative_amount_has_no_capital_form() -> None:
    with pytest.raises(Refused) as no:
        capital_amount(-1)

    assert no.value.code == "amount_negative"
    assert "-0.01" in no.value.message


def test_an_amount_beyond_the_units_has_no_capital_form() -> None:
    with pytest.raises(Refused) as no:
        capital_amount(10**18)

    assert no.value.code == "amount_too_large"


def _read_capital(text: str) -> int:
    """Return the fen a reader adds up from the capital characters."""
    digits = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    units = {"拾": 10, "佰": 100, "仟": 1000}
    groups = {"万": 10**4, "亿": 10**8}
    total = group = digit = 0
    for character in text.removesuffix("整"):
        if character in digits:
            digit = digits[character]
        elif character in units:
            group += digit * units[character]
            digit = 0
        elif character in groups:
            total = (
                (total + group + digit) * groups[character]
                if character == "亿"
                else (total + (group + digit) * groups[character])
            )
            group = digit = 0
        elif character == "元":
            total = (total + group + digit) * 100
            group = digit = 0
        else:
            total += digit * {"角": 10, "分": 1}[character]
            digit = 0
    return total


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_capital_amount_reads_back_as_the_same_amount(fen: int) -> None:
    text = capital_amount(fen)

    assert _read_capital(text) == fen
    assert "零零" not in text


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("1,234.5", 123_450),
        ("1234.56", 123_456),
        (" 19900 ", 1_990_000),
        ("¥1,000,000.00", 100_000_000),
        ("￥５０．０５元", 5_005),
        ("-3.2", -320),
        ("007", 700),
    ],
)
def test_parse_yuan(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount_missing"),
        ("元", "amount_missing"),
        ("12.345", "amount_too_precise"),
        ("12.000", "amount_too_precise"),
        ("12,50", "amount_unreadable"),
        ("1,2345", "amount_unreadable"),
        ("1e5", "amount_unreadable"),
        ("一百", "amount_unreadable"),
        ("12.", "amount_unreadable"),
        (".5", "amount_unreadable"),
        ("=1+1", "amount_unreadable"),
        ("nan", "amount_unreadable"),
        ("٣", "amount_unreadable"),
        ("99999999999999999999", "amount_too_large"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as no:
        parse_yuan(text)

    assert no.value.code == code


def test_the_error_for_three_decimals_names_the_amount_and_the_mend() -> None:
    with pytest.raises(Refused) as no:
        parse_yuan("12.345")

    assert "12.345" in no.value.message
    assert "最多保留两位小数" in no.value.message


@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_yuan_reads_back_as_the_same_fen(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Decimal("0.4999999999999999999999"), 0),
        (Decimal("2.5"), 3),
        (7, 7),
    ],
)
def test_a_half_rounds_away_from_zero(value: Fraction | Decimal | int, rounded: int) -> None:
    assert round_half_up(value) == rounded


def test_a_float_is_not_rounded() -> None:
    with pytest.raises(TypeError):
        round_half_up(0.5)  # type: ignore[arg-type]
