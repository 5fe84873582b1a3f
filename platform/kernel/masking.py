"""What is left of a personal value when others may see it (domain.md 6.4).

Every function fails closed: a value it cannot read is masked whole. Where a row has a region, show
the region's name; the two address functions are for free text alone.
"""

import re

MASK = "*"
# Two-character surnames still borne; with any other name the first character is the surname.
COMPOUND_SURNAMES = frozenset(
    re.findall(
        r"..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
        "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生公户公玉公仪梁丘公仲公上公门公山公坚左丘公伯西门公祖第五公乘贯丘公皙南荣东里东宫仲长子书子桑即墨达奚"
        "褚师",
    )
)

# A county's name ends so, but not every 区 is one.
_COUNTY_NAME = (
    r"[^\d镇乡村路街号组社]{1,%d}?"
    r"(?:自治县|县|旗|(?:开发|投资|工业|旅游)区|市(?!场)|(?<![小社校园宅片])区)"
)
_PROVINCE = r"[^\d省县区]{1,8}?(?:省|自治区)"
_COUNTY = re.compile(
    rf"(?:{_PROVINCE})?[^\d市县区]{{1,6}}?(?:市|自治州|地区|盟){_COUNTY_NAME % 12}"
    rf"|{_PROVINCE}{_COUNTY_NAME % 12}"
    rf"|{_COUNTY_NAME % 4}"
)
_TOWNSHIP = re.compile(
    r"[^\d村路号]{1,11}?(?:街道办事处|街道(?!办事处)|镇(?!镇)|乡|场(?![镇乡部])|集中区"
    r"|(?:开发|工业|工业园|旅游|投资)区)"
)


def mask_name(name: str) -> str:
    """Return the surname with each further character replaced; a latin name keeps its initial.

    >>> mask_name("张明"), mask_name("张小明"), mask_name("欧阳小明")
    ('张*', '张**', '欧阳**')
    """
    plain = "".join(name.split())
    if len(plain) < 2:
        return MASK * len(plain)
    keep = 2 if len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES else 1
    return plain[:keep] + MASK * (len(plain) - keep)


def mask_phone(phone: str) -> str:
    """Return a mobile number as 138****1234; of any other number at most the last four digits.

    >>> mask_phone("13800001234"), mask_phone("0596-2020123")
    ('138****1234', '*******0123')
    """
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    if len(digits) < 8:
        return MASK * len(digits)
    return MASK * (len(digits) - 4) + digits[-4:]


def mask_card(number: str) -> str:
    """Return a bank card number with only its last four digits.

    >>> mask_card("6222 0000 0000 0001 234")
    '***************1234'
    """
    digits = re.sub(r"\D", "", number)
    if len(digits) < 8:
        return MASK * len(digits)
    return MASK * (len(digits) - 4) + digits[-4:]


def mask_resident_id(number: str) -> str:
    """Return a resident ID with its first three and last two characters.

    >>> mask_resident_id("350699194506120011")
    '350*************11'
    """
    plain = "".join(number.split()).upper()
    if len(plain) not in (15, 18):
        return MASK * len(plain)
    return plain[:3] + MASK * (len(plain) - 5) + plain[-2:]


def address_to_county(address: str) -> str:
    """Return the address down to the county, or ``""`` where no county can be read.

    >>> address_to_county("福建省漳州市云霄县莆美镇某某村12号")
    '福建省漳州市云霄县'
    """
    match = _COUNTY.match("".join(address.split()))
    return match.group() if match else ""


def address_to_township(address: str) -> str:
    """Return the address down to the township; down to the county where no township can be read.

    >>> address_to_township("漳州市芗城区东铺头街道某某路3号201室")
    '漳州市芗城区东铺头街道'
    """
    plain = "".join(address.split())
    county = address_to_county(plain)
    if not county:
        return ""
    township = _TOWNSHIP.match(plain[len(county) :])
    return county + township.group() if township else county
