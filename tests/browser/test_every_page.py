"""Every page of the menu, at a phone's width: no fault, and nothing beyond the right edge."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import step

pytestmark = pytest.mark.browser

PAGES = {
    "xian": (
        "/staff/",
        "/staff/proposals",
        "/staff/runs",
        "/staff/households",
        "/staff/wishes/screen",
        "/staff/wishes/verify",
        "/staff/imports",
        "/staff/meetings",
    ),
    "shuixian": ("/staff/projects", "/staff/projects/new", "/staff/wishes", "/staff/wishes/new"),
    "juanzeng": ("/wishes/", "/wishes/mine", "/wishes/about"),
}


@pytest.mark.parametrize("username", PAGES)
def test_every_page_of_the_menu_is_whole_on_a_phone(username: str, visitor: NewVisitor) -> None:
    somebody = visitor(phone=True)
    somebody.log_in(username)
    for path in PAGES[username]:
        with step(path):
            somebody.open(path)
            expect(somebody.page.get_by_role("alert")).to_have_count(0)


def test_a_familys_page_shows_its_aid(stack: Served, visitor: NewVisitor) -> None:
    officer = visitor(phone=True)
    household = stack.rows(
        "SELECT h.id FROM households_household h JOIN aid_aidentry a ON a.household_id = h.id"
        " WHERE h.region_id LIKE '350602%%' ORDER BY h.id LIMIT 1"
    )[0][0]
    officer.log_in("xian", f"/staff/households/{household}")
    expect(officer.page.get_by_role("heading", level=1)).to_be_visible()
    expect(officer.page.get_by_role("alert")).to_have_count(0)
