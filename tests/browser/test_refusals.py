"""What a visitor is told when he may not, or no longer can."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import step

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_told_in_chinese(visitor: NewVisitor) -> None:
    somebody = visitor()
    somebody.open("/login/")
    somebody.page.get_by_label("账号").fill("xian")
    somebody.page.get_by_label("密码").fill("wrong-password")
    somebody.page.get_by_role("button", name="登录").click()
    expect(somebody.page.get_by_role("alert")).to_have_text("账号或密码不正确，请核对后重试。")
    expect(somebody.page.get_by_label("账号")).to_have_value("xian")
    somebody.look()


def test_a_deep_link_without_a_log_in_leads_back_after_it(visitor: NewVisitor) -> None:
    officer = visitor()
    page = officer.page
    with step("未登录打开深层链接，转到登录页"):
        officer.open("/staff/proposals?awaitingMe=1")
        expect(page.get_by_role("button", name="登录")).to_be_visible()
    with step("登录后回到原来的页面"):
        page.get_by_label("账号").fill("xian")
        page.get_by_label("密码").fill("demo1798")
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/staff/proposals?awaitingMe=1")
        expect(page.get_by_role("heading", name="匹配建议")).to_be_visible()
        expect(page.get_by_role("checkbox", name="只看等我办理")).to_be_checked()
        officer.look()


def test_a_donor_is_politely_refused_the_staff_pages(visitor: NewVisitor) -> None:
    donor = visitor(phone=True)
    donor.log_in("juanzeng", "/wishes/")
    for path in ("/staff/proposals", "/staff/households", "/staff/imports"):
        donor.open(path)
        expect(donor.page.get_by_role("alert")).to_contain_text("您的岗位看不到这一页")
        expect(donor.page.locator("[data-id], tbody tr")).to_have_count(0)


def test_a_proposal_decided_in_another_tab_is_refused_with_its_state(
    stack: Served, visitor: NewVisitor
) -> None:
    officer = visitor()
    with step("在两个标签页打开同一件建议"):
        officer.log_in("xian", "/staff/proposals?awaitingMe=1")
        first = officer.page
        last = first.locator("[data-id]").last
        proposal = last.get_attribute("data-id")
        assert proposal
        second = officer.another_page()
        for page in (first, second):
            page.goto(f"{stack.url}/staff/proposals?awaitingMe=1")
            page.locator(f'[data-id="{proposal}"]').get_by_role("button").click()
            expect(page.get_by_role("heading", name="为什么这样建议")).to_be_visible()
    with step("第一页同意"):
        first.keyboard.press("a")
        expect(first.get_by_text("已同意，转下一步复核")).to_be_visible()
    with step("第二页再同意，被告知当前状态，什么也没有改变"):
        before = stack.rows("SELECT count(*) FROM matching_approvalstep")
        second.keyboard.press("a")
        detail = second.get_by_role("dialog", name="匹配建议详情")
        expect(detail.get_by_role("alert").first).to_be_visible()
        assert "待复核" in detail.inner_text(), detail.inner_text()
        assert before == stack.rows("SELECT count(*) FROM matching_approvalstep")
