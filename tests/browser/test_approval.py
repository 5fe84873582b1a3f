"""Two officers of a county decide one proposal, the first with the keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import step

pytestmark = pytest.mark.browser


def test_two_officers_approve_a_proposal_one_after_the_other(
    stack: Served, visitor: NewVisitor
) -> None:
    officer = visitor()
    page = officer.page

    with step("县级经办登录，看到工作台"):
        officer.log_in("xian")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        officer.picture("staff-dashboard")

    with step("打开匹配建议，只看等我办理"):
        page.get_by_role("link", name="匹配建议").click()
        page.get_by_text("只看等我办理").click()
        officer.look()
        rows = page.locator("[data-id]")
        expect(rows.first).to_be_visible()

    with step("键盘 j 逐件打开，读到一件没有重叠、两步审批的建议的理由"):
        detail = page.get_by_role("dialog", name="匹配建议详情")
        for _ in range(rows.count()):
            page.keyboard.press("j")
            expect(detail.get_by_role("heading", name="为什么这样建议")).to_be_visible()
            is_blocked = detail.get_by_text("批准时会被拦截").count() > 0
            if detail.locator("ol > li").count() == 2 and not is_blocked:
                break
        proposal = page.locator(".item.open").get_attribute("data-id")
        assert proposal
        expect(detail.locator("ol > li")).to_have_count(2)
        assert detail.locator("table.plain tbody tr").count() >= 2, detail.inner_text()
        officer.look()
        officer.picture("proposal-explained")

    with step("键盘 a 同意，转下一步复核"):
        page.keyboard.press("a")
        expect(page.get_by_text("已同意，转下一步复核")).to_be_visible()
        assert _state(stack, proposal) == "in_review"
        officer.look()

    with step("县级复核登录，同意同一件，建议获批"):
        reviewer = visitor()
        reviewer.log_in("fuhe", "/staff/proposals?awaitingMe=1")
        theirs = reviewer.page
        row = theirs.locator(f'[data-id="{proposal}"]')
        row.get_by_role("button").click()
        detail = theirs.get_by_role("dialog", name="匹配建议详情")
        expect(detail.get_by_text(re.compile("同意 ·")).first).to_be_visible()
        theirs.keyboard.press("a")
        expect(theirs.get_by_text("已批准，已登记慈善承诺")).to_be_visible()
        reviewer.look()

    with step("台账里有了这笔承诺"):
        assert _state(stack, proposal) == "approved"
        promised = stack.rows(
            "SELECT a.amount_fen = p.granted_fen FROM aid_aidentry a"
            " JOIN matching_proposal p ON a.need_id = p.need_id AND a.kind = 'promise'"
            " WHERE p.id = %s AND a.source_reference LIKE 'match:%%'",
            proposal,
        )
        assert promised == [(True,)]


def _state(stack: Served, proposal: str) -> str:
    return str(stack.rows("SELECT state FROM matching_proposal WHERE id = %s", proposal)[0][0])
