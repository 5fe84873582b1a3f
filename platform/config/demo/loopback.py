"""This product and the payment simulator, both on the loopback, for the length of a demo round."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings

from donors.paysim.serve import server as payment_server
from jobs.services import outbox_drain


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def loopback() -> Iterator[None]:
    """Serve both on free ports and point the settings at them."""
    web = _Server(("127.0.0.1", 0), _Quiet)
    web.set_app(get_wsgi_application())
    public = f"http://127.0.0.1:{web.server_port}"
    payments = payment_server(
        "127.0.0.1", 0, f"{public}/webhooks/paysim", settings.PAYMENT_WEBHOOK_SECRET
    )
    threads = [Thread(target=made.serve_forever, daemon=True) for made in (web, payments)]
    for thread in threads:
        thread.start()
    try:
        with override_settings(
            PUBLIC_URL=public, PAYSIM_URL=f"http://127.0.0.1:{payments.server_port}"
        ):
            yield
    finally:
        for made in (payments, web):
            made.shutdown()
            made.server_close()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """The page that the donor comes back to is looked at elsewhere."""


def press_pay(checkout_url: str) -> None:
    """Press the button of the payment page, as a donor does."""
    if not checkout_url.startswith("http://127.0.0.1:"):
        raise ValueError(f"not the payment simulator's page: {checkout_url}")
    form = Request(f"{checkout_url}/pay", data=urlencode({"method": "wechat_pay"}).encode())  # noqa: S310
    with_redirect = build_opener(_Stay)
    try:
        with_redirect.open(form, timeout=10).close()
    except OSError as answer:
        if getattr(answer, "code", None) != 303:
            raise


def until(done: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Run queued work until ``done``; webhooks arrive when they arrive."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the payment's webhook did not arrive")
        if not outbox_drain():
            time.sleep(0.05)
