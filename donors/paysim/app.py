"""The provider's HTTP side: a WSGI application over the store."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from donors.paysim import pages
from donors.paysim.forms import BadForm, checked
from donors.paysim.store import KeyReused, NotFound, Session, Store, event
from donors.paysim.webhooks import Sender


@dataclass
class Request:
    """What a handler needs of the WSGI environment."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    account: str
    key: str
    base: str


@dataclass
class Reply:
    """Status, body (JSON when a dict) and headers."""

    status: int
    body: dict[str, Any] | str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)


_REASONS = {200: "OK", 303: "See Other", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class PaySim:
    """The application; ``sender`` carries the webhooks away."""

    def __init__(self, store: Store, sender: Sender) -> None:
        self.store, self.sender = store, sender

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        request = Request(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            query=parse_qs(environ.get("QUERY_STRING", "")),
            body=environ["wsgi.input"].read(length) if length else b"",
            account=environ.get("HTTP_STRIPE_ACCOUNT", ""),
            key=environ.get("HTTP_IDEMPOTENCY_KEY", ""),
            base=f"http://{environ.get('HTTP_HOST', '127.0.0.1')}",
        )
        with self.store.lock:
            reply = self._answer(request, environ.get("HTTP_AUTHORIZATION", ""))
        if isinstance(reply.body, dict):
            content, kind = json.dumps(reply.body).encode(), "application/json"
        else:
            content, kind = reply.body.encode(), "text/html; charset=utf-8"
        start(
            f"{reply.status} {_REASONS[reply.status]}",
            [("Content-Type", kind), ("Content-Length", str(len(content))), *reply.headers],
        )
        return [content]

    def _answer(self, request: Request, authorization: str) -> Reply:
        try:
            if request.path.startswith("/v1/"):
                if not authorization.startswith("Bearer sk_test_"):
                    return _error(401, "invalid_request_error", "no API key")
                return self._api(request)
            return self._page(request)
        except BadForm as bad:
            return _error(400, "invalid_request_error", str(bad), param=bad.parameter)
        except KeyReused:
            return _error(400, "idempotency_error", "the key was used with other parameters")
        except NotFound:
            return _error(404, "invalid_request_error", "no such object", code="resource_missing")

    def _api(self, request: Request) -> Reply:
        if request.method == "POST":
            return self._once(request)
        expand = frozenset(
            v for k, vs in request.query.items() if k.startswith("expand") for v in vs
        )
        if found := re.fullmatch(r"/v1/checkout/sessions/(\w+)", request.path):
            session = self.store.find(found[1], request.account)
            return Reply(200, session.body(request.base, expand))
        if found := re.fullmatch(r"/v1/payment_intents/(\w+)", request.path):
            session = self.store.of_intent(found[1], request.account)
            return Reply(200, session.intent(expand_charge="latest_charge" in expand))
        raise NotFound

    def _once(self, request: Request) -> Reply:
        """Answer a POST; the same key and body get the same reply, another body is refused."""
        place = (request.account, request.key)
        if request.key and place in self.store.keys:
            body, status, stored = self.store.keys[place]
            if body != request.path.encode() + request.body:
                raise KeyReused
            return Reply(status, stored, [("Idempotent-Replayed", "true")])
        reply = self._post(request)
        if request.key and isinstance(reply.body, dict):
            self.store.keys[place] = (
                request.path.encode() + request.body,
                reply.status,
                reply.body,
            )
        return reply

    def _post(self, request: Request) -> Reply:
        if request.path == "/v1/checkout/sessions":
            given = checked("SessionCreateParams", request.body)
            return Reply(200, self.store.open(request.account, given).body(request.base))
        if found := re.fullmatch(r"/v1/checkout/sessions/(\w+)/expire", request.path):
            session = self.store.find(found[1], request.account)
            if session.status != "open":
                raise BadForm("session", "is not open")
            session.status = "expired"
            self.sender.send(event("checkout.session.expired", session, request.base))
            return Reply(200, session.body(request.base))
        if request.path == "/v1/refunds":
            given = checked("RefundCreateParams", request.body)
            session = self.store.of_intent(given.get("payment_intent", ""), request.account)
            refund = self.store.refund(session, given.get("amount"))
            self.sender.send(event("charge.refunded", session, request.base))
            return Reply(200, refund)
        raise NotFound

    def _page(self, request: Request) -> Reply:
        if request.path == "/knobs":
            return self._knobs(request)
        if request.path == "/health":
            return Reply(200, {"status": "ok"})
        found = re.fullmatch(r"/c/(\w+)(?:/(pay|cancel))?", request.path)
        if found is None:
            raise NotFound
        try:
            session = self.store.find(found[1])
        except NotFound:
            return Reply(404, pages.closed(None))
        actions: dict[str, Callable[[Session, str], Reply]] = {
            "pay": self._pay,
            "cancel": lambda session, _base: _go(session.cancel_url, session),
        }
        if found[2] and request.method == "POST":
            return actions[found[2]](session, request.base)
        is_open = session.status == "open"
        return Reply(200, pages.checkout(session) if is_open else pages.closed(session))

    def _pay(self, session: Session, base: str) -> Reply:
        if not self.store.pay(session):
            return Reply(200, pages.closed(session))
        self.sender.send(event("checkout.session.completed", session, base))
        return _go(session.success_url, session)

    def _knobs(self, request: Request) -> Reply:
        if request.method == "POST":
            values = json.loads(request.body or b"{}")
            self.store.amount_off = int(values.pop("amount_off", self.store.amount_off))
            self.store.paid_currency = str(values.pop("paid_currency", self.store.paid_currency))
            try:
                self.sender.knobs.set(values)
            except ValueError as unknown:
                raise BadForm("knob", str(unknown)) from unknown
        return Reply(200, dict(vars(self.sender.knobs)))


def _go(url: str, session: Session) -> Reply:
    return Reply(303, "", [("Location", url.replace("{CHECKOUT_SESSION_ID}", session.id))])


def _error(status: int, kind: str, message: str, **more: str) -> Reply:
    return Reply(status, {"error": {"type": kind, "message": message, **more}})
