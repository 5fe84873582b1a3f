"""Resident ID numbers are judged as domain.md 6.1 says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.resident_id import check_character, check_resident_id

TODAY = date(2026, 11, 22)


def with_check(first17: str) -> str:
    return first17 + check_character(first17)


@pytest.mark.parametrize(
    ("number", "born_on", "sex", "is_permit"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female", False),
        ("350699194506120011", date(1945, 6, 12), "male", False),
        ("350699198802201025", date(1988, 2, 20), "female", False),
        ("350699201509012035", date(2015, 9, 1), "male", False),
        ("830000199001011015", date(1990, 1, 1), "male", True),
    ],
)
def test_a_valid_number_tells_birth_and_sex(
    number: str, born_on: date, sex: str, is_permit: bool
) -> None:
    result = check_resident_id(number, today=TODAY)

    assert (result.ok, result.number, result.warnings) == (True, number, ())
    assert (result.born_on, result.sex, result.is_permit) == (born_on, sex, is_permit)


@pytest.mark.parametrize("prefix", ["350602", "350603", "350623", "350681"])
@pytest.mark.parametrize("year", [1900, 1930, 1960, 1984, 1995])
def test_counties_younger_than_the_person_are_accepted(prefix: str, year: int) -> None:
    assert check_resident_id(with_check(f"{prefix}{year}0101001"), today=TODAY).ok


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "'11010519491231002X",
        "１１０１０５19491231002ｘ",
    ],
)
def test_a_number_is_stored_in_one_form(text: str) -> None:
    assert check_resident_id(text, today=TODAY).number == "11010519491231002X"


def test_an_old_number_is_converted_and_says_so() -> None:
    result = check_resident_id("350699450612001", today=TODAY)

    assert (result.ok, result.number) == (True, "350699194506120011")
    assert result.warnings == ("15位旧身份证号已换算为18位",)


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("", "未填写"),
        ("35069919450612001", "现为17位"),
        ("3.50699E+17", "改成了数字"),
        ("35069919450612O011", "数字以外的字符"),
        ("35069919450612001A", "末位只能是"),
        ("٣50699194506120011", "数字以外的字符"),
        ("350699194506120012", "校验位不正确"),
        ("350699194506120000", "末三位变成了000"),
        (with_check("35069920250229001"), "2025年02月29日不存在"),
        (with_check("35069920261123001"), "晚于今天"),
        (with_check("35069918991231001"), "早于1900年"),
        (with_check("99069919450612001"), "前两位99"),
        ("830000900101101", "应为18位"),
    ],
)
def test_a_wrong_number_names_what_is_wrong(number: str, part: str) -> None:
    result = check_resident_id(number, today=TODAY)

    assert not result.ok
    assert part in "；".join(result.errors)
    assert (result.born_on, result.sex) == (None, None)


def test_a_birth_today_is_not_in_the_future() -> None:
    assert check_resident_id(with_check("35069920261122001"), today=TODAY).ok


def test_an_unknown_county_is_a_warning_and_a_permit_has_none() -> None:
    counties = {"350602"}

    unknown = check_resident_id("350699194506120011", today=TODAY, known_counties=counties)
    permit = check_resident_id("830000199001011015", today=TODAY, known_counties=counties)

    assert (unknown.ok, unknown.warnings) == (
        True,
        ("身份证号前六位350699不在现有行政区划代码表中，请核对",),
    )
    assert (permit.ok, permit.warnings) == (True, ())


@given(position=st.integers(0, 16), other=st.integers(1, 9))
def test_any_single_wrong_digit_is_found(position: int, other: int) -> None:
    good = "350699194506120011"
    wrong = str((int(good[position]) + other) % 10)

    assert not check_resident_id(good[:position] + wrong + good[position + 1 :], today=TODAY).ok


@given(st.text(max_size=20))
def test_no_text_breaks_the_check(text: str) -> None:
    assert isinstance(check_resident_id(text, today=TODAY).errors, tuple)
