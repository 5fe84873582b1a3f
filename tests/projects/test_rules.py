"""The tables of moves, and what a public text may not say."""

from datetime import date

import pytest

from kernel.access import PERMISSIONS
from kernel.errors import Refused
from projects import rules
from projects.models import Project, Wish


@pytest.mark.parametrize(
    ("moves", "states"),
    [(rules.PROJECT_MOVES, Project.State.values), (rules.WISH_MOVES, Wish.State.values)],
)
def test_every_move_is_between_known_states_and_has_a_known_permission(
    moves: dict[tuple[str, str], str], states: list[str]
) -> None:
    for (before, after), permission in moves.items():
        assert before in states
        assert after in states
        assert permission == rules.BY_SYSTEM or permission in PERMISSIONS
    assert {after for _, after in moves} | {states[0]} == set(states)


@pytest.mark.parametrize("before", Wish.State.values)
@pytest.mark.parametrize("after", Wish.State.values)
def test_a_wish_moves_only_along_its_table(before: str, after: str) -> None:
    allowed = {
        "drafted": {"screened", "withdrawn"},
        "screened": {"verified", "withdrawn"},
        "verified": {"published", "withdrawn"},
        "published": {"claimed", "withdrawn"},
        "claimed": {"published", "funded", "withdrawn"},
        "funded": {"delivered"},
        "delivered": {"outcome"},
        "outcome": {"closed"},
    }
    if after in allowed.get(before, set()):
        assert rules.require_move(rules.WISH_MOVES, before, after, noun="心愿", label="x")
    else:
        with pytest.raises(Refused, match="wrong_state"):
            rules.require_move(rules.WISH_MOVES, before, after, noun="心愿", label="x")


NAMES = ["甄试例", "欧阳试验", "贾明"]
PLACES = rules.place_words(["埔里村", "莆美镇"], county="云霄县")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("甄试例想要一个书包", "name"),
        ("甄 试 例想要一个书包", "name"),
        ("甄*试·例想要一个书包", "name"),
        ("试例同学想要一个书包", "name"),
        ("贾明想要一个书包", "name"),
        ("联系电话13800001234", "number"),
        ("联系电话１３８００００１２３４", "number"),
        ("联系电话 138-0000-1234", "number"),
        ("一三八零零零零一二三四", "number"),
        ("证件 350699201001010013", "number"),
        ("生日 2016-09-01", "number"),
        ("家住埔里的孩子", "place"),
        ("莆美镇的老人", "place"),
        ("在第三中学读书", "school"),
        ("就读于云霄县实验小学", "school"),
        ("镇中心小学的学生", "school"),
        ("孩子患白血病", "disease"),
        ("母亲有尿毒症", "disease"),
        ("感染hiv", "disease"),
    ],
)
def test_a_text_that_leads_to_the_family_is_refused(text: str, kind: str) -> None:
    with pytest.raises(Refused) as no:
        rules.screen_text(text, names=NAMES, places=PLACES)

    assert (no.value.code, no.value.details["kind"]) == ("text_identifies", kind)


@pytest.mark.parametrize(
    "text",
    [
        "一个书包",
        "云霄县的一名小学生想要一个书包",
        "9月开学前希望有一套学习用品，预算200元",
        "上学路远，想要一辆自行车",
        "孩子在学校表现很好",
        "2026年秋季开学用",
        "明天会更好",
    ],
)
def test_a_text_that_names_nobody_passes(text: str) -> None:
    rules.screen_text(text, names=NAMES, places=PLACES)


@pytest.mark.parametrize(
    ("born_on", "band"),
    [
        (None, ""),
        (date(2026, 1, 1), "学龄前"),
        (date(2020, 9, 2), "学龄前"),
        (date(2020, 9, 1), "6至11岁"),
        (date(2008, 9, 2), "12至17岁"),
        (date(2008, 9, 1), "18至59岁"),
        (date(1966, 9, 1), "60岁以上"),
        (date(1920, 1, 1), "60岁以上"),
    ],
)
def test_age_bands_change_on_the_birthday(born_on: date | None, band: str) -> None:
    assert rules.age_band(born_on, date(2026, 9, 1)) == band


@pytest.mark.parametrize(
    ("filed_on", "closes_on", "code"),
    [
        (date(2026, 8, 22), date(2029, 9, 1), None),
        (date(2026, 8, 23), date(2027, 9, 1), "filed_late"),
        (date(2026, 8, 1), date(2029, 9, 2), "runs_too_long"),
    ],
)
def test_a_public_plan_is_filed_ten_days_ahead_and_runs_three_years(
    filed_on: date, closes_on: date, code: str | None
) -> None:
    def check() -> None:
        rules.require_filing_in_time(
            filed_on=filed_on, opens_on=date(2026, 9, 1), closes_on=closes_on
        )

    if code is None:
        check()
        return
    with pytest.raises(Refused) as no:
        check()
    assert no.value.code == code


@pytest.mark.parametrize(
    ("certificate", "filing", "link", "public"),
    [
        (True, "备1", "https://gongyi.example", True),
        (False, "备1", "https://gongyi.example", False),
        (True, "", "https://gongyi.example", False),
        (True, "备1", "", False),
    ],
)
def test_anyone_may_pay_only_with_certificate_filing_and_link(
    certificate: bool, filing: str, link: str, public: bool
) -> None:
    may, reason = rules.public_payment(
        has_certificate=certificate, filing_number=filing, platform_link=link
    )

    assert may is public
    assert (reason == "") is public
