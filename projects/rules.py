"""Who moves a project or a wish from where to where, and what a public text may not say.

State names are the values of ``projects.models``; permissions are those of ``kernel.access``.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from kernel.errors import Refused, wrong_value
from kernel.masking import COMPOUND_SURNAMES

#: (from, to) -> permission. domain.md section 7, Project/Campaign.
PROJECT_MOVES: Mapping[tuple[str, str], str] = {
    ("draft", "internal_decision"): "project.edit",
    ("internal_decision", "filed"): "project.edit",
    # Without a filing there is no public appeal: such a project is for members only.
    ("internal_decision", "open"): "project.open",
    ("filed", "open"): "project.open",
    ("open", "ended"): "project.open",
}

#: Moves that the product makes by itself when a claim, a payment or an expiry happens.
BY_SYSTEM = "system"

#: (from, to) -> permission. domain.md section 7, Wish.
WISH_MOVES: Mapping[tuple[str, str], str] = {
    ("drafted", "screened"): "wish.screen",
    ("screened", "verified"): "wish.verify",
    ("verified", "published"): "wish.publish",
    ("published", "claimed"): BY_SYSTEM,
    ("claimed", "published"): BY_SYSTEM,
    ("claimed", "funded"): BY_SYSTEM,
    ("funded", "delivered"): "delivery.record",
    ("delivered", "outcome"): "delivery.record",
    ("outcome", "closed"): "delivery.record",
    ("drafted", "withdrawn"): "wish.withdraw",
    ("screened", "withdrawn"): "wish.withdraw",
    ("verified", "withdrawn"): "wish.withdraw",
    ("published", "withdrawn"): "wish.withdraw",
    ("claimed", "withdrawn"): "wish.withdraw",
}

#: A public plan is filed this long before it starts and runs at most so long
#: (MCA Order 74; domain.md section 4.6).
FILED_AHEAD = timedelta(days=10)
LONGEST_YEARS = 3

#: Upper age of a band, and its public name.
AGE_BANDS = ((5, "学龄前"), (11, "6至11岁"), (17, "12至17岁"), (59, "18至59岁"), (200, "60岁以上"))

DISEASES = (
    "癌", "肿瘤", "白血病", "尿毒症", "艾滋", "HIV", "肝炎", "结核", "精神病", "精神分裂", "抑郁症",
    "癫痫", "脑瘫", "糖尿病", "肾病", "肾衰", "透析", "化疗", "放疗", "自闭症", "孤独症", "唐氏",
    "血友病", "贫血", "高血压", "心脏病", "脑梗", "中风", "偏瘫", "瘫痪", "肌无力", "渐冻",
)  # fmt: skip

# Six digits or more in a row, however they are spaced: telephone, resident ID, bank card, date.
_LONG_NUMBER = re.compile(
    r"[0-9零〇一二三四五六七八九](?:[\s\-_.·—]*[0-9Xx零〇一二三四五六七八九]){5,}"
)
_SCHOOL = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}[县区市镇乡村]|第?[一二三四五六七八九十]{1,2}|实验|中心|希望|附属"
    r"|外国语|民族|职业|高级|初级)(?:小学|中学|幼儿园|学校|学院|大学)(?!生)"
)
_PLACE_SUFFIX = re.compile(
    r"(?:村民委员会|居民委员会|社区居委会|村委会|居委会|街道办事处|社区|街道|林场|农场|村|镇|乡)+$"
)


def require_move(
    moves: Mapping[tuple[str, str], str], before: str, after: str, *, noun: str, label: str
) -> str:
    """Return the permission for a move; raises ``Refused("wrong_state")`` for one not in the table.

    ``label`` is the Chinese name of the present state.

    >>> require_move(WISH_MOVES, "verified", "published", noun="心愿", label="已核实")
    'wish.publish'
    """
    permission = moves.get((before, after))
    if permission is None:
        raise Refused(
            "wrong_state", f"该{noun}目前{label}，不能进行此操作", state=before, state_label=label
        )
    return permission


def given_name(name: str) -> str:
    """Return the name without its surname, or ``""`` where one character would be left.

    >>> given_name("张小明"), given_name("欧阳小明"), given_name("张明")
    ('小明', '小明', '')
    """
    surname = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    rest = name[surname:]
    return rest if len(rest) >= 2 else ""


def place_words(names: Collection[str], *, county: str) -> frozenset[str]:
    """Return the words that name a village or township, with and without what it is.

    The county may be named; a village that bears its name is not held against it.

    >>> sorted(place_words(["埔里村", "莆美镇"], county="云霄县"))
    ['埔里', '埔里村', '莆美', '莆美镇']
    """
    words = set()
    for name in names:
        stem = _PLACE_SUFFIX.sub("", name)
        words |= {word for word in (name, stem) if len(word) >= 2 and word not in county}
    return frozenset(words)


def screen_text(
    text: str, *, names: Collection[str] = (), places: Collection[str] = (), field: str = ""
) -> None:
    """Raise ``Refused("text_identifies")`` when a public text may lead to the family.

    Refused are: a member's name (or given name), six digits or more in a row, a named school, a
    word of ``places``, a disease. The refusal names what was found (domain.md section 6.4)
    and the ``field`` of the form.
    """
    plain = unicodedata.normalize("NFKC", text)
    dense = re.sub(r"[\s·•・*_-]", "", plain)
    for name in names:
        for part in filter(None, (name.strip(), given_name(name.strip()))):
            if len(part) >= 2 and part in dense:
                raise _identifies(field, "name", "家庭成员姓名", part)
    if found := _LONG_NUMBER.search(plain):
        raise _identifies(field, "number", "电话、证件或其他号码", found.group())
    for place in places:
        if place in dense:
            raise _identifies(field, "place", "村（社区）或乡镇名称", place)
    if found := _SCHOOL.search(dense):
        raise _identifies(field, "school", "学校名称", found.group())
    for disease in DISEASES:
        if disease in dense.upper():
            raise _identifies(field, "disease", "疾病名称", disease)


def _identifies(field: str, kind: str, label: str, found: str) -> Refused:
    text = f"公开文字含有{label}“{found}”，请改写后再提交"
    return wrong_value("text_identifies", text, *filter(None, [field]), kind=kind, found=found)


def age_band(born_on: date | None, on: date) -> str:
    """Return the public age band on a day; ``""`` when the date of birth is unknown.

    >>> age_band(date(2018, 9, 2), date(2026, 9, 1)), age_band(None, date(2026, 9, 1))
    ('6至11岁', '')
    """
    if born_on is None:
        return ""
    age = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    return next(label for most, label in AGE_BANDS if age <= most)


def require_filing_in_time(*, filed_on: date, opens_on: date, closes_on: date) -> None:
    """Raise ``Refused`` unless a public plan is filed ten days ahead and runs at most three years.

    Codes ``filed_late`` and ``runs_too_long`` (domain.md section 4.6).
    """
    if opens_on < filed_on + FILED_AHEAD:
        raise Refused(
            "filed_late",
            f"募捐方案须在活动开始至少 {FILED_AHEAD.days} 日前备案"
            f"（备案 {filed_on}，开始 {opens_on}）",
        )
    try:
        latest = opens_on.replace(year=opens_on.year + LONGEST_YEARS)
    except ValueError:  # 29 February
        latest = date(opens_on.year + LONGEST_YEARS, 3, 1)
    if closes_on > latest:
        raise Refused("runs_too_long", f"公开募捐活动最长 {LONGEST_YEARS} 年")


def public_payment(
    *, has_certificate: bool, filing_number: str, platform_link: str
) -> tuple[bool, str]:
    """Return whether anyone may pay, and the Chinese reason if only members may.

    Charity Law 2023 art. 23, 24 and 27 (domain.md section 0, decision 4).

    >>> public_payment(has_certificate=True, filing_number="5335", platform_link="")
    (False, '尚未登记指定平台链接，仅限本机构会员捐赠')
    """
    if not has_certificate:
        return False, "该机构没有有效的公开募捐资格，仅限本机构会员捐赠"
    if not filing_number:
        return False, "募捐方案尚未备案，仅限本机构会员捐赠"
    if not platform_link:
        return False, "尚未登记指定平台链接，仅限本机构会员捐赠"
    return True, ""
