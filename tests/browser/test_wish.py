"""A wish from the charity's form to the donor's phone and back, by everybody whose step it is."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from kernel import clock
from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import Visitor, step

pytestmark = pytest.mark.browser

PROJECT = "护眼台灯进家庭"
TITLE = "一盏可调光的护眼台灯"
STORY = "家里灯光偏暗，晚上看书吃力，盼着有一盏亮堂的台灯。"
OUTCOME = "台灯已经用上了，晚上看书亮堂多了。"


def test_charity_posts_a_project_under_a_brand(stack: Served, visitor: NewVisitor) -> None:
    charity = visitor()
    page = charity.page
    today = clock.today()
    next_month, in_a_year = ((today + timedelta(days=days)).isoformat() for days in (30, 365))

    with step("慈善组织登录，填写项目"):
        charity.log_in("shuixian", "/staff/projects")
        charity.look()
        page.get_by_role("button", name="发布项目").click()
        expect(page.get_by_role("heading", name="发布项目")).to_be_visible()
        _choose(page, "所属品牌", "3. 微心愿爱心书包")
        page.get_by_label("项目名称").fill(PROJECT)
        page.get_by_label("预算（元）").fill("30000")
        page.get_by_label("单笔上限（元）").fill("500")
        _date(page, "开始日期", next_month)
        _date(page, "结束日期", in_a_year)
        charity.look()

    with step("上限高于预算的金额被指出，改正后保存为草稿"):
        page.get_by_label("单笔上限（元）").fill("40000")
        page.get_by_role("button", name="保存草稿").click()
        expect(page.get_by_text("单笔上限不能超过预算")).to_be_visible()
        page.get_by_label("单笔上限（元）").fill("500")
        page.get_by_role("button", name="保存草稿").click()
        expect(page.get_by_text("项目已保存为草稿")).to_be_visible()
        charity.look()

    with step("内部决策、备案、开放"):
        card = page.locator("section.card").filter(has_text=PROJECT)
        card.get_by_role("button", name="登记内部决策").click()
        card.get_by_role("button", name="登记备案").click()
        card.get_by_label("募捐方案备案号").fill("示例备案-2027-009")
        card.get_by_label("指定平台链接").fill("https://platform.example/2027/9")
        card.get_by_role("button", name="保存备案").click()
        card.get_by_role("button", name="开放项目").click()
        expect(card.get_by_text("可向公众募捐")).to_be_visible()
        charity.look()
        found = stack.rows("SELECT state FROM projects_project WHERE name = %s", PROJECT)
        assert found == [("open",)]


def test_a_wish_goes_from_the_charity_to_a_donor_and_comes_true(
    stack: Served, visitor: NewVisitor
) -> None:
    charity, officer, donor = visitor(), visitor(), visitor(phone=True)

    with step("慈善组织为一件匿名需求登记心愿"):
        charity.log_in("shuixian", "/staff/wishes/new")
        page = charity.page
        _choose_need(page, ("爱心书包", "水仙大病补充"), "芗城区", at_least_yuan=128)
        page.get_by_label("物品或服务").fill("护眼台灯")
        page.get_by_label("单价（元）").fill("128")
        page.get_by_label("公开标题").fill(TITLE)
        page.get_by_label("公开说明").fill(STORY)
        charity.look()
        page.get_by_role("button", name="提交初审").click()
        expect(page.get_by_text("心愿已登记，等待乡镇初审与民政核实")).to_be_visible()
        charity.look()
    wish = _wish(stack)

    with step("民政初审"):
        officer.log_in("xian", "/staff/wishes/screen")
        card = _card(officer)
        card.get_by_role("button", name="初审").click()
        officer.look()
        card.get_by_role("button", name="通过初审").click()
        expect(officer.page.get_by_text("已初审，转民政核实")).to_be_visible()

    with step("民政核实"):
        officer.page.get_by_role("link", name="心愿核实").click()
        _card(officer).get_by_role("button", name="核实属实").click()
        expect(officer.page.get_by_text("已核实", exact=True)).to_be_visible()
        officer.look()

    with step("慈善组织发布"):
        charity.open("/staff/wishes?state=verified")
        _card(charity).get_by_role("button", name="发布").click()
        expect(charity.page.get_by_text("已发布", exact=True)).to_be_visible()

    with step("捐赠人在手机上登录，找到心愿"):
        donor.log_in("juanzeng", "/wishes/")
        phone = donor.page
        expect(phone.locator("a.wish").first).to_be_visible()
        donor.picture("wishes-on-a-phone")
        phone.get_by_label("县（市、区）").select_option(label="芗城区")
        donor.look()
        phone.locator("a.wish").filter(has_text=TITLE).tap()
        expect(phone.get_by_role("heading", name=TITLE)).to_be_visible()
        donor.look()
        _names_nobody(stack, wish, donor)

    with step("认领，预留倒计时"):
        phone.get_by_role("button", name=re.compile("^认领，")).tap()
        expect(phone.get_by_role("timer")).to_contain_text("预留剩余")
        donor.look()

    with step("在模拟收银台付款"):
        phone.get_by_role("button", name="去支付").tap()
        phone.wait_for_url(f"{stack.paysim_url}/**")
        expect(phone.get_by_text("128.00")).to_be_visible()
        donor.look()
        phone.get_by_role("button", name="确认支付").tap()

    with step("回到捐赠去向，到账"):
        phone.wait_for_url(f"{stack.url}/wishes/mine/*")
        expect(_trace(phone, "到账")).to_have_class(re.compile("done"), timeout=45_000)
        donor.look()
        _names_nobody(stack, wish, donor)

    with step("慈善组织登记送达与回访"):
        charity.open("/staff/wishes?state=funded")
        card = _card(charity)
        card.get_by_role("button", name="登记送达").click()
        card.get_by_label("签收单号或票据号").fill("签收单-0001")
        charity.look()
        card.locator("form").get_by_role("button", name="登记送达").click()
        expect(charity.page.get_by_text("已登记送达", exact=True)).to_be_visible()
        charity.open("/staff/wishes?state=delivered")
        card = _card(charity)
        card.get_by_role("button", name="登记回访").click()
        card.get_by_label("反馈").fill(OUTCOME)
        charity.look()
        card.locator("form").get_by_role("button", name="登记回访").click()
        expect(charity.page.get_by_text("已登记回访", exact=True)).to_be_visible()

    with step("捐赠人看到送达与回访，看不到是谁"):
        phone.reload()
        expect(_trace(phone, "送达")).to_have_class(re.compile("done"))
        expect(phone.get_by_text(OUTCOME)).to_be_visible()
        donor.look()
        _names_nobody(stack, wish, donor)
        donor.picture("trace-on-a-phone")

    with step("数据库里：心愿已回访，款项已到账"):
        assert stack.rows("SELECT state FROM projects_wish WHERE id = %s", wish) == [("outcome",)]
        assert stack.rows(
            "SELECT d.state, d.amount_fen FROM donors_donation d WHERE d.wish_id = %s", wish
        ) == [("disbursed", 12_800)]


def _choose(page: Page, label: str, option: str) -> None:
    """Pick from one of the form's lists."""
    # The list's own text field lies under its placeholder: people click the box around it.
    field = page.get_by_role("combobox", name=label).first
    field.locator("xpath=ancestor::*[contains(@class, 'el-select__wrapper')]").click()
    page.get_by_role("option", name=option, exact=True).click()


def _choose_need(page: Page, projects: tuple[str, ...], county: str, at_least_yuan: int) -> None:
    """Pick a project and, on any page of its anonymous needs, one of the county with a gap left."""
    for project in projects:
        _choose(page, "项目", project)
        needs = page.locator("label.el-radio")
        turn = page.get_by_role("button", name="下一页")
        expect(needs.first).to_be_visible()
        while True:
            for need in needs.filter(has_text=county).all():
                left = re.search(r"尚缺 ([\d,.]+) 元", need.inner_text())
                if left and float(left[1].replace(",", "")) >= at_least_yuan:
                    need.click()
                    return
            if not turn.is_visible() or turn.is_disabled():
                break
            turn.click()
            page.wait_for_load_state("networkidle")
    raise AssertionError(f"no need of {county} with {at_least_yuan} yuan left in {projects}")


def _date(page: Page, label: str, day: str) -> None:
    field = page.get_by_role("combobox", name=label)
    field.fill(day)
    field.press("Enter")


def _card(who: Visitor) -> Locator:
    found = who.page.locator("article.card").filter(has_text=TITLE)
    expect(found).to_be_visible()
    return found


def _trace(page: Page, title: str) -> Locator:
    return page.locator("ol > li").filter(has_text=title).first


def _wish(stack: Served) -> UUID:
    found = stack.rows("SELECT id FROM projects_wish WHERE public_title = %s", TITLE)
    return UUID(str(found[0][0]))


def _names_nobody(stack: Served, wish: UUID, who: Visitor) -> None:
    """The page has no word of the family: names, number, address, village, township."""
    secrets = stack.rows(
        """
        WITH home AS (
            SELECT h.id, h.number, h.address, r.path FROM projects_wish w
            JOIN households_need n ON n.id = w.need_id
            JOIN households_household h ON h.id = n.household_id
            JOIN regions_region r ON r.code = n.region_id
            WHERE w.id = %s
        )
        SELECT number FROM home
        UNION SELECT address FROM home WHERE address <> ''
        UNION SELECT p.name FROM home JOIN households_member m ON m.household_id = home.id
            JOIN households_person p ON p.id = m.person_id
        UNION SELECT r.name FROM home JOIN regions_region r
            ON home.path LIKE '%%/' || r.code || '/%%' AND r.level IN ('township', 'village')
        """,
        wish,
    )
    assert len(secrets) >= 4, secrets
    seen = who.text() + who.page.content()
    assert [word for (word,) in secrets if word in seen] == []
