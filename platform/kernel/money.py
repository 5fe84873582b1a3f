"""Money as integer fen (1/100 yuan): reading, rounding and writing it the ways offices do."""

import re
from decimal import Decimal
from fractions import Fraction

from kernel.errors import Refused

CAPITAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACE_UNITS = ("", "拾", "佰", "仟")
GROUP_UNITS = ("", "万", "亿", "万亿")

# Thousands separators may be left out, but where they stand they must stand right: a comma
# typed for a decimal point ("12,50") must not become 1,250 yuan.
_YUAN = re.compile(r"(?P<sign>-?)(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.(?P<part>\d+))?", re.ASCII)
# The largest amount a bigint column holds, in fen.
_MOST_FEN = 2**63 - 1


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Return the nearest integer; a half goes away from zero, as cashiers round.

    Refuses floats: 0.285 * 100 is 28.499999999999996, which would lose the fen.

    >>> round_half_up(Fraction(1, 2)), round_half_up(Decimal("-2.5"))
    (1, -3)
    """
    if isinstance(value, float):
        raise TypeError("round_half_up takes Fraction, Decimal or int, never float")
    exact = Fraction(value)
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def yuan(fen: int) -> str:
    """Return ``fen`` in yuan with thousands separators and two decimals.

    >>> yuan(123456), yuan(-5), yuan(0)
    ('1,234.56', '-0.05', '0.00')
    """
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d}"


def wan(fen: int, decimals: int = 2) -> str:
    """Return ``fen`` in 万元, as reports write it: no separators, half up, two decimals or none.

    >>> wan(640_690_000), wan(33_858_000_000, decimals=0)
    ('640.69', '33858')
    """
    scaled = round_half_up(Fraction(fen * 10**decimals, 1_000_000))
    whole, part = divmod(abs(scaled), 10**decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def wan_people(count: int) -> str:
    """Return a head count in 万 with two decimals, half up (10.32 for 10.32万人).

    >>> wan_people(103_200), wan_people(25_450)
    ('10.32', '2.55')
    """
    hundredths = round_half_up(Fraction(count, 100))
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def parse_yuan(text: str) -> int:
    """Return the fen meant by an amount in yuan as people type it.

    Takes thousands separators (also full-width), a currency sign and a closing 元. Raises
    ``Refused``: ``amount_missing``, ``amount_unreadable``, ``amount_too_precise`` (more than two
    decimals, zeros included: three decimals mean another unit was meant) or ``amount_too_large``.

    >>> parse_yuan("1,234.5"), parse_yuan("¥ 19900元"), parse_yuan("-0.05")
    (123450, 1990000, -5)
    """
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９，．－", "0123456789,.-"))
    plain = plain.removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    if not plain:
        raise Refused("amount_missing", "金额未填写")
    match = _YUAN.fullmatch(plain)
    if match is None:
        raise Refused(
            "amount_unreadable",
            f"金额“{text.strip()}”无法识别，请填写以元为单位的数字，如 1234.50",
        )
    part = match["part"] or ""
    if len(part) > 2:
        raise Refused(
            "amount_too_precise",
            f"金额“{text.strip()}”的小数超过两位，请精确到分，最多保留两位小数",
        )
    fen = int(match["whole"].replace(",", "")) * 100 + int(part.ljust(2, "0"))
    if fen > _MOST_FEN:
        raise Refused("amount_too_large", f"金额“{text.strip()}”超出系统可记录的范围")
    return -fen if match["sign"] else fen


def _capital_group(number: int) -> str:
    """Return 1 to 9999 in capital digits, one 零 for each inner run of zeros."""
    words, zero_due = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if zero_due else "") + CAPITAL_DIGITS[digit] + PLACE_UNITS[place]
            zero_due = False
        elif words:
            zero_due = True
    return words


def _capital_whole(number: int) -> str:
    """Return a positive integer below 10^16 in capital digits."""
    words, zero_due = "", False
    for index in (3, 2, 1, 0):
        group = number // 10 ** (4 * index) % 10_000
        if not group:
            zero_due = bool(words)
            continue
        # A group that does not fill its thousands place is read with a 零 before it.
        if words and (zero_due or group < 1000):
            words += "零"
        words += _capital_group(group) + GROUP_UNITS[index]
        zero_due = False
    # 万亿 followed by 亿 says 亿 twice; the first one is then left to the second.
    if number >= 10**12 and number // 10**8 % 10_000:
        words = words.replace("万亿", "万", 1)
    return words


def capital_amount(fen: int) -> str:
    """Return the amount in the capital characters that receipts and vouchers require.

    Raises ``Refused`` with ``amount_negative`` below zero and ``amount_too_large`` from 10^16 yuan.

    >>> capital_amount(1_990_000)
    '壹万玖仟玖佰元整'
    >>> capital_amount(10_005_03)
    '壹万零伍元零叁分'
    """
    if fen < 0:
        raise Refused("amount_negative", f"金额 {yuan(fen)} 元为负数，不能写成大写金额")
    whole, part = divmod(fen, 100)
    if whole >= 10**16:
        raise Refused("amount_too_large", f"金额 {yuan(fen)} 元过大，不能写成大写金额")
    jiao, cents = divmod(part, 10)
    words = f"{_capital_whole(whole)}元" if whole else ""
    if not part:
        return f"{words or '零元'}整"
    if jiao:
        words += f"{CAPITAL_DIGITS[jiao]}角"
    elif words:
        words += "零"
    return f"{words}{CAPITAL_DIGITS[cents]}分" if cents else f"{words}整"
