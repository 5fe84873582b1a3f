"""A list as an office writes it: every bad row is named, the good ones go in, once."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.conftest import NewVisitor
from tests.browser.stack import Served
from tests.browser.visitor import step

pytestmark = pytest.mark.browser

FILE = "漳州市医保大额自付推送.xlsx"


def test_bad_rows_are_named_and_good_rows_are_imported(
    stack: Served, visitor: NewVisitor, tmp_path: Path
) -> None:
    liaison = visitor()
    page = liaison.page
    old = stack.data_dir / "demo" / FILE
    new = _next_month(old, tmp_path / "十二月大额自付推送.xlsx")
    bills = _bills(stack)

    with step("医保联络员上传，试运行"):
        liaison.log_in("yibao", "/staff/imports")
        _upload(page, new, "十二月")
        page.wait_for_url(re.compile(r"/staff/imports/[0-9a-f-]{36}$"))
        liaison.look()

    with step("每个有误的行都有行号、列、原因和改法，什么也还没有写入"):
        errors = page.get_by_role("table").filter(has_text="怎么改").locator("tbody tr")
        expect(errors.first).to_be_visible()
        cells = [row.locator("td").all_inner_texts() for row in errors.all()]
        assert len(cells) >= 5
        assert all(len(row) == 4 and row[0].isdigit() and row[2] and row[3] for row in cells), cells
        columns = {row[1] for row in cells}
        assert {"身份证号", "结算单号"} <= columns, columns
        assert _bills(stack) == bills
        liaison.picture("import-errors")

    with step("导入无误的行，看到结果"):
        button = page.get_by_role("button", name=re.compile("^导入无误的"))
        good = int(re.findall(r"\d+", button.inner_text())[0])
        button.click()
        expect(page.get_by_role("button", name="没有待导入的行")).to_be_visible(timeout=45_000)
        liaison.look()
        # A bill of somebody in no file yet becomes a signal to look into.
        taken = stack.rows(
            "SELECT count(*), count(*) FILTER (WHERE result <> 'not_found')"
            " FROM exchange_batchrow r JOIN exchange_batch b ON b.id = r.batch_id"
            " WHERE b.number = '十二月' AND r.applied_at IS NOT NULL"
        )
        assert taken == [(good, _bills(stack) - bills)]
        now = _bills(stack)
        assert now > bills

    with step("已导入过的文件换个批次号再传，一行也不重复"):
        liaison.open("/staff/imports")
        _upload(page, old, "再传一次")
        page.wait_for_url(re.compile(r"/staff/imports/[0-9a-f-]{36}$"))
        page.get_by_role("button", name=re.compile("^导入无误的")).click()
        # Only a bill whose person was unknown is tried again.
        again = page.get_by_text(f"此前已导入 {now - bills} 行").first
        expect(again).to_be_visible(timeout=45_000)
        liaison.look()
        assert _bills(stack) == now


def test_a_file_that_is_no_list_is_refused(
    stack: Served, visitor: NewVisitor, tmp_path: Path
) -> None:
    liaison = visitor()
    wrong = tmp_path / "照片.xlsx"
    wrong.write_bytes(b"\x89PNG\r\n not a workbook")
    before = stack.rows("SELECT count(*) FROM exchange_batch")
    liaison.log_in("yibao", "/staff/imports")
    _upload(liaison.page, wrong, "错误文件")
    expect(liaison.page.get_by_role("alert")).to_be_visible()
    assert re.search("[\u4e00-\u9fff]", liaison.page.get_by_role("alert").inner_text())
    assert stack.rows("SELECT count(*) FROM exchange_batch") == before
    liaison.look()


def _upload(page: Page, file: Path, number: str) -> None:
    kind = page.get_by_role("combobox", name="数据种类")
    kind.locator("xpath=ancestor::*[contains(@class, 'el-select__wrapper')]").click()
    page.get_by_role("option").filter(has_text="医疗").click()
    page.get_by_label("批次号").fill(number)
    page.get_by_label("Excel 文件").set_input_files(file)
    page.get_by_role("button", name="试运行").click()


def _bills(stack: Served) -> int:
    return int(stack.rows("SELECT count(*) FROM households_medicalbill")[0][0])


def _next_month(old: Path, new: Path) -> Path:
    """Write the same messy list with the next month's bill numbers."""
    rows: list[list[Any]] = (
        CalamineWorkbook.from_path(old).get_sheet_by_index(0).to_python(skip_empty_area=False)
    )
    book = xlsxwriter.Workbook(new)
    page = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy/m/d"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime.date):
                page.write_datetime(number, column, cell, day)
            elif isinstance(cell, str):
                page.write_string(number, column, re.sub("^TS", "TT", cell))
            else:
                page.write(number, column, cell)
    book.close()
    return new
