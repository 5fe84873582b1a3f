"""The fake provider on a loopback port, and somebody who takes its webhooks."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from donors.paysim.serve import ThreadingServer, server
from donors.paysim.webhooks import signature

SECRET = "whsec_paysim"


class Provider:
    """A running paysim; ``inbox`` holds the (payload, signature) pairs that it has sent."""

    def __init__(self, paysim: ThreadingServer, inbox: list[tuple[bytes, str]]) -> None:
        self.paysim, self.inbox = paysim, inbox
        self.url = f"http://127.0.0.1:{paysim.server_port}"

    def post(self, path: str, body: bytes = b"") -> str:
        """Do what a person's browser does; returns where it is sent or what it is shown."""
        request = urllib.request.Request(self.url + path, data=body, method="POST")
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=5) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError as reply:
            if reply.code != 303:
                raise
            return str(reply.headers["Location"])

    def page(self, url: str) -> str:
        """Read a page."""
        with urllib.request.urlopen(url, timeout=5) as reply:
            return str(reply.read().decode())

    def webhooks(self, count: int) -> list[tuple[bytes, str]]:
        """Wait for so many webhooks, oldest first."""
        until = time.monotonic() + 10
        while len(self.inbox) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.inbox) >= count
        return self.inbox

    def signed(self, payload: bytes, at: int | None = None) -> tuple[bytes, str]:
        """Sign a payload as the provider does."""
        return payload, signature(payload, SECRET, at or int(time.time()))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_values: object) -> None:
        return None


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """paysim and a receiver of its webhooks that answers 200."""
    inbox: list[tuple[bytes, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # An operator's hiccup: the first try fails, the provider tries again.
            if not hasattr(self.server, "hiccup"):
                self.server.hiccup = True  # type: ignore[attr-defined]
                self.send_response(503)
                self.end_headers()
                return
            inbox.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    paysim = server("127.0.0.1", 0, f"http://127.0.0.1:{receiver.server_port}/", SECRET)
    threads = [
        threading.Thread(target=s.serve_forever, args=(0.01,), daemon=True)
        for s in (receiver, paysim)
    ]
    for thread in threads:
        thread.start()
    settings.PAYSIM_URL = f"http://127.0.0.1:{paysim.server_port}"
    yield Provider(paysim, inbox)
    for one in (paysim, receiver):
        one.shutdown()
        one.server_close()
