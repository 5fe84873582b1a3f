"""One person at one screen, and what went wrong on the pages that he saw."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from config.demo.bodies import PASSWORD

PHONE_WIDTH = 390
STILL_SECONDS = 30
#: Chromium's word for a reply that is no success; what those replies mean is asserted apart.
_REPLY = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Name the step of the story in which something fails."""
    try:
        yield
    except (AssertionError, Exception) as error:
        error.add_note(f"步骤 step: {name}")
        raise


class Visitor:
    """A page with its own session; ``faults`` gathers what no visitor should meet."""

    def __init__(self, context: BrowserContext, url: str, pictures: list[Path]) -> None:
        self.context, self.url, self._pictures = context, url, pictures
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._asking: set[Request] = set()
        self._watch(self.page)

    def another_page(self) -> Page:
        """Open a second tab of the same session."""
        page = self.context.new_page()
        self._watch(page)
        return page

    def open(self, path: str) -> None:
        """Go to a page of the product and look at it."""
        self.page.goto(self.url + path)
        self.look()

    def log_in(self, username: str, path: str = "/") -> None:
        """Log in on the page that asks for it, as one does who was sent there from ``path``."""
        self.page.goto(f"{self.url}/login/?next={path}")
        self.page.get_by_label("账号").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: urlsplit(url).path != "/login/")
        self.look()

    def look(self) -> None:
        """Wait for the page to be still; it must be free of faults and fit a phone's width."""
        self.still()
        expect(self.page.locator(".el-skeleton, .van-skeleton")).to_have_count(0)
        self.fits_a_phone()
        assert not self.faults, f"{self.page.url}: {self.faults}"

    def still(self) -> None:
        """Wait until nothing is asked of the server; the browser's own idle takes half a second."""
        self.page.wait_for_load_state()
        quiet, until = 0, time.monotonic() + STILL_SECONDS
        while quiet < 3:
            assert time.monotonic() < until, [request.url for request in self._asking]
            self.page.wait_for_timeout(40)
            quiet = 0 if self._asking else quiet + 1

    def fits_a_phone(self) -> None:
        """Nothing reaches beyond the right edge at 390 px."""
        size = self.page.viewport_size
        assert size is not None
        if size["width"] != PHONE_WIDTH:
            self.page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
        width, wide = self.page.evaluate(_OVERFLOW)
        if size["width"] != PHONE_WIDTH:
            self.page.set_viewport_size(size)
        assert width <= PHONE_WIDTH, f"{self.page.url} is {width} px wide at 390 px: {wide}"

    def text(self) -> str:
        """Everything that stands on the page."""
        return self.page.locator("body").inner_text()

    def picture(self, name: str) -> None:
        """Take a screenshot for people: build/screenshots always, docs/ when asked to."""
        self.still()
        self.page.mouse.move(0, 0)
        for folder in self._pictures:
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")

    def _watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"error in the page: {error}"))
        page.on("request", lambda request: self._asking.add(request))
        page.on("requestfinished", lambda request: self._asking.discard(request))
        page.on("download", lambda _: self._asking.clear())
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        found = _REPLY.match(message.text)
        if found and int(found[1]) < 500:
            return
        self.faults.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        self._asking.discard(request)
        # Leaving a page cancels what it was still asking for; a download is no page.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure} {request.method} {request.url}")


_OVERFLOW = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
  await frame(); await frame();
  const root = document.documentElement;
  const width = Math.max(root.scrollWidth, document.body.scrollWidth);
  const wide = [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > 391)
    .slice(0, 5).map((each) => `${each.tagName}.${each.className}`);
  return [width, wide];
}"""
