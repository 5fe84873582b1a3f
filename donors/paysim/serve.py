"""A threading WSGI server around the application."""

from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from donors.paysim.app import PaySim
from donors.paysim.store import Store
from donors.paysim.webhooks import Sender


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """A thread a request; none keeps the process alive."""

    daemon_threads = True
    app: PaySim


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """No reverse look-up of names."""
        return str(self.client_address[0])


def server(host: str, port: int, webhook_url: str, secret: str) -> ThreadingServer:
    """Return a bound server that is not yet serving; port 0 takes a free one."""
    made = ThreadingServer((host, port), _Quiet)
    made.app = PaySim(Store(), Sender(webhook_url, secret))
    made.set_app(made.app)
    return made
