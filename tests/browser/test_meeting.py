"""The meeting's secretary plans a meeting, freezes its pack, reads the numbers, takes the files."""

import pytest
from playwright.sync_api import expect

from kernel import clock
from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import step

pytestmark = pytest.mark.browser

TITLE = "芗城区联席会议（浏览器）"
#: How each kind of file is named and begins.
MAGIC = {
    "PDF": (".pdf", b"%PDF-"),
    "Word": (".docx", b"PK\x03\x04"),
    "Excel": (".xlsx", b"PK\x03\x04"),
}


def test_secretary_freezes_a_pack_and_downloads_it(stack: Served, visitor: NewVisitor) -> None:
    secretary = visitor()
    page = secretary.page

    with step("会议秘书计划会议"):
        secretary.log_in("mishu", "/staff/meetings")
        page.get_by_role("button", name="计划会议").click()
        page.get_by_label("会议名称").fill(TITLE)
        planned = page.get_by_role("combobox", name="日期")
        planned.fill(clock.today().isoformat())
        planned.press("Enter")
        secretary.look()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("heading", name=TITLE)).to_be_visible()

    with step("冻结材料，看到数字"):
        page.get_by_role("button", name="冻结材料").click()
        said = page.locator(".el-message").filter(has_text="材料已冻结")
        expect(said).to_be_visible(timeout=30_000)
        for title in ("在册家庭", "各方资金", "避免重复", "未覆盖"):
            expect(page.get_by_text(title, exact=True).first).to_be_visible()
        expect(page.get_by_role("table", name="在册存量")).to_be_visible()
        # The message hides what it lies over.
        expect(page.locator(".el-message")).to_have_count(0)
        secretary.look()
        secretary.picture("meeting-pack")

    with step("下载 PDF、Word、Excel"):
        for name, (ending, magic) in MAGIC.items():
            with page.expect_download() as coming:
                page.get_by_role("link", name=f"下载 {name}").click()
            file = coming.value
            content = file.path().read_bytes()
            assert content.startswith(magic), (name, content[:20])
            assert len(content) > 5_000, (name, len(content))
            assert file.suggested_filename.endswith(ending)
        assert secretary.faults == []
