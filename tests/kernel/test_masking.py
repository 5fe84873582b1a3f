"""What others may see of a person."""

import csv
from pathlib import Path

import pytest

import regions
from kernel.masking import (
    address_to_county,
    address_to_township,
    mask_card,
    mask_name,
    mask_phone,
    mask_resident_id,
)

DIVISIONS = Path(regions.__path__[0]) / "data" / "zhangzhou_divisions.csv"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("", ""),
        ("张", "*"),
        ("张明", "张*"),
        ("张小明", "张**"),
        ("张 明", "张*"),
        ("欧阳明", "欧阳*"),
        ("欧阳", "欧*"),
        ("上官小明", "上官**"),
        ("𠮷野明", "𠮷**"),
        ("Smith", "S****"),
    ],
)
def test_a_name_keeps_its_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("138 0000 1234", "138****1234"),
        ("+86 13800001234", "138****1234"),
        ("0596-2020123", "*******0123"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_phone_number_keeps_three_and_four(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_a_card_keeps_its_last_four_and_a_fragment_nothing() -> None:
    assert mask_card("6222000000000001234") == "***************1234"
    assert mask_card("123456") == "******"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("350699194506120011", "350*************11"),
        ("11010519491231002x", "110*************2X"),
        ("350699450612001", "350**********01"),
        ("35069919450612001", "*****************"),
        ("350699", "******"),
    ],
)
def test_an_id_keeps_three_and_two_at_most(number: str, masked: str) -> None:
    assert mask_resident_id(number) == masked


@pytest.mark.parametrize(
    ("address", "county", "township"),
    [
        ("福建省漳州市云霄县莆美镇某村12号", "福建省漳州市云霄县", "福建省漳州市云霄县莆美镇"),
        ("芗城区东铺头街道某路3号", "芗城区", "芗城区东铺头街道"),
        ("福建省晋江市陈埭镇某村", "福建省晋江市", "福建省晋江市陈埭镇"),
        ("福建省泉州市晋江市陈埭镇某村", "福建省泉州市晋江市", "福建省泉州市晋江市陈埭镇"),
        ("漳州市芗城区胜利西路8号", "漳州市芗城区", "漳州市芗城区"),
        ("某小区3号楼201室", "", ""),
        ("莆美镇某村12号", "", ""),
        ("", "", ""),
    ],
)
def test_an_address_ends_at_the_county_or_township(
    address: str, county: str, township: str
) -> None:
    assert (address_to_county(address), address_to_township(address)) == (county, township)


def test_every_township_of_the_city_is_kept_and_no_village_is() -> None:
    with DIVISIONS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    name = {row["code"]: row["name"] for row in rows}
    parent = {row["code"]: row["parent"] for row in rows}
    wrong = []
    for row in rows:
        if row["level"] != "village":
            continue
        township = row["parent"]
        county = parent[township]
        kept = f"福建省漳州市{name[county]}{name[township]}"
        got = address_to_township(f"{kept}{row['name']}12号")
        if got != kept:
            wrong.append((f"{kept}|{row['name']}", got))

    assert wrong == []
    assert sum(row["level"] == "village" for row in rows) == 2135
