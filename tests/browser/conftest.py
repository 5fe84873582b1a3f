"""A served product and a Chromium for this folder; both are gone when its tests are through.

Playwright keeps an event loop in the test's thread, in which Django's ORM refuses to work: these
tests read the database through ``stack.rows``.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from config.run import ROOT
from config.verify import CHROMIUMS, INSTALL_CHROMIUM
from tests.browser.stack import Served, served
from tests.browser.visitor import Visitor

DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURES = ROOT / "build" / "screenshots"
COMMITTED_PICTURES = ROOT / "docs" / "screenshots"
#: Nothing that calls anybody: the browser knows the served product and nothing else.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
#: Two shared cores and a fresh process answer slowly at first.
PATIENCE_MS = 30_000

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="package")
def stack(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not (ROOT / "frontend" / "dist" / "staff" / "index.html").is_file():
        pytest.fail("the front end is not built (frontend/dist): make setup")
    with served(admin_url, tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found:
        pytest.fail(f"the browser tests need Chromium: {INSTALL_CHROMIUM} (or CHROMIUM=/its/path)")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(
    stack: Served, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[NewVisitor]:
    """Return a new person at a screen of his own: ``visitor()``, or with ``phone=True``."""
    folders = [PICTURES]
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        folders.append(COMMITTED_PICTURES)
    all_of_them: list[Visitor] = []

    def new(*, phone: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        all_of_them.append(Visitor(context, stack.url, folders))
        return all_of_them[-1]

    yield new
    for number, each in enumerate(all_of_them):
        for_the_record(each, PICTURES / f"last-{request.node.name}-{number}.png")
        each.context.close()
    for each in all_of_them:
        assert not each.faults, each.faults


def for_the_record(visitor: Visitor, path: Path) -> None:
    """Keep what the screen showed last: it tells more than a failure's message."""
    path.parent.mkdir(parents=True, exist_ok=True)
    visitor.page.screenshot(path=path)
