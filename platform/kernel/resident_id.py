"""Resident ID numbers (GB 11643) and the permits of Hong Kong, Macao and Taiwan residents.

Whether a county existed in the birth year is deliberately not asked: libraries that ask refuse
real numbers of people whose county was renamed or merged.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from typing import Literal

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
PERMIT_PREFIXES = frozenset({"81", "82", "83"})
_PROVINCE_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71))
PROVINCES = PERMIT_PREFIXES | frozenset(
    str(code) for first, last in _PROVINCE_RANGES for code in range(first, last + 1)
)
EARLIEST_BIRTH = date(1900, 1, 1)
_PLAIN = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


@dataclass(frozen=True, slots=True)
class ResidentIdResult:
    """A number as it should be stored, what it says, and what is wrong with it, in Chinese.

    ``number`` has 18 characters only when ``errors`` is empty; a 15-digit number is converted.
    """

    number: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    born_on: date | None = None
    sex: Literal["male", "female"] | None = None
    is_permit: bool = False

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def division(self) -> str:
        """The six digits of the division that issued the number."""
        return self.number[:6]


def check_character(first17: str) -> str:
    """Return the 18th character for the first 17 digits.

    >>> check_character("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def from_15_digits(number: str) -> str:
    """Return the 18-character form of an old 15-digit number; the birth year was 19xx.

    >>> from_15_digits("350699450612001")
    '350699194506120011'
    """
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_character(first17)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _shape_error(plain: str) -> str | None:
    if not plain:
        return "身份证号未填写"
    if "E+" in plain or "." in plain:
        return "身份证号被表格软件改成了数字，请将该列设为文本后重新填写"
    if len(plain) not in (15, 18):
        return f"身份证号应为18位（旧号15位），现为{len(plain)}位"
    if not (_digits(plain) if len(plain) == 15 else _digits(plain[:17])):
        return "身份证号含有数字以外的字符"
    if len(plain) == 18 and not (_digits(plain[17]) or plain[17] == "X"):
        return "身份证号的末位只能是数字或 X"
    return None


def check_resident_id(
    text: str, *, today: date, known_counties: Container[str] | None = None
) -> ResidentIdResult:
    """Return the number in its stored form with its errors and warnings (domain.md 6.1).

    ``known_counties`` holds six-digit codes, abolished ones included; a code outside it is a
    warning only, and ``None`` asks nothing.

    >>> check_resident_id("11010519491231002x", today=date(2026, 11, 22)).number
    '11010519491231002X'
    >>> check_resident_id("350699194506120012", today=date(2026, 11, 22)).errors
    ('身份证号的校验位不正确，请核对是否抄错',)
    """
    plain = "".join(text.split()).removeprefix("'").translate(_PLAIN).upper()
    shape = _shape_error(plain)
    if shape:
        return ResidentIdResult(plain, (shape,))
    errors: list[str] = []
    warnings: list[str] = []
    number = plain
    if len(plain) == 15:
        number = from_15_digits(plain)
        warnings.append("15位旧身份证号已换算为18位")
    is_permit = number[:2] in PERMIT_PREFIXES
    if number[:2] not in PROVINCES:
        errors.append(f"身份证号前两位{number[:2]}不是任何省级行政区的代码")
    elif is_permit and len(plain) == 15:
        errors.append("港澳台居民居住证号码应为18位")
    elif not is_permit and known_counties is not None and number[:6] not in known_counties:
        warnings.append(f"身份证号前六位{number[:6]}不在现有行政区划代码表中，请核对")
    born_on: date | None = None
    birth = f"{number[6:10]}年{number[10:12]}月{number[12:14]}日"
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        errors.append(f"身份证号中的出生日期{birth}不存在")
    else:
        if born_on > today:
            errors.append(f"身份证号中的出生日期{birth}晚于今天")
        elif born_on < EARLIEST_BIRTH:
            errors.append(f"身份证号中的出生日期{birth}早于1900年")
    if check_character(number[:17]) != number[17]:
        if number.endswith("000"):
            errors.append("身份证号末三位变成了000，多因表格软件按数字保存，请核对原件")
        else:
            errors.append("身份证号的校验位不正确，请核对是否抄错")
    if errors:
        return ResidentIdResult(plain, tuple(errors), tuple(warnings))
    return ResidentIdResult(
        number,
        (),
        tuple(warnings),
        born_on,
        "male" if int(number[16]) % 2 else "female",
        is_permit,
    )
