"""What the provider remembers, in memory, and the events that its changes give rise to."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from donors.paysim.forms import BadForm

SHORTEST_SESSION = 30 * 60


def _id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class NotFound(Exception):
    """No such object on this account."""


class KeyReused(Exception):
    """An idempotency key came again with other parameters."""


@dataclass
class Session:
    """A checkout session with its payment intent and charge, on one connected account."""

    id: str
    account: str
    amount: int
    currency: str
    reference: str
    metadata: dict[str, str]
    success_url: str
    cancel_url: str
    expires_at: int
    created: int
    status: str = "open"
    intent_id: str = ""
    charge_id: str = ""
    received: int = 0
    refunded: int = 0

    def charge(self) -> dict[str, Any]:
        """The charge in the API's shape."""
        return {
            "id": self.charge_id,
            "object": "charge",
            "amount": self.received,
            "amount_refunded": self.refunded,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.intent_id,
            "refunded": self.refunded >= self.received > 0,
            "status": "succeeded",
        }

    def intent(self, *, expand_charge: bool) -> dict[str, Any]:
        """The payment intent in the API's shape."""
        return {
            "id": self.intent_id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_received": self.received,
            "currency": self.currency,
            "latest_charge": self.charge() if expand_charge else self.charge_id,
            "metadata": self.metadata,
            "status": "succeeded",
        }

    def body(self, base: str, expand: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The session in the API's shape."""
        intent: Any = self.intent_id or None
        if intent and any(name.startswith("payment_intent") for name in expand):
            intent = self.intent(expand_charge="payment_intent.latest_charge" in expand)
        return {
            "id": self.id,
            "object": "checkout.session",
            "amount_total": self.amount,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.reference,
            "created": self.created,
            "currency": self.currency,
            "expires_at": self.expires_at,
            "livemode": False,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": intent,
            "payment_status": "paid" if self.status == "complete" else "unpaid",
            "status": self.status,
            "success_url": self.success_url,
            "url": f"{base}/c/{self.id}" if self.status == "open" else None,
        }


@dataclass
class Store:
    """All sessions and idempotency keys, and knobs that make payments go wrong."""

    sessions: dict[str, Session] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[bytes, int, dict[str, Any]]] = field(default_factory=dict)
    #: Added to what is really received, and the currency it comes in, for tests of mismatches.
    amount_off: int = 0
    paid_currency: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def open(self, account: str, given: dict[str, Any]) -> Session:
        """Open a session; raises ``BadForm`` for what Checkout would refuse."""
        now = int(time.time())
        if given.get("mode") != "payment":
            raise BadForm("mode", "only payment is simulated")
        items = given.get("line_items") or []
        if len(items) != 1 or "price_data" not in items[0]:
            raise BadForm("line_items", "one item with price_data is simulated")
        price = items[0]["price_data"]
        amount = int(price.get("unit_amount") or 0) * int(items[0].get("quantity", 1))
        if amount <= 0:
            raise BadForm("line_items.0.price_data.unit_amount", "must be positive")
        expires = int(given.get("expires_at") or now + 24 * 3600)
        if not now + SHORTEST_SESSION - 5 <= expires <= now + 24 * 3600:
            raise BadForm("expires_at", "must be 30 minutes to 24 hours from now")
        if "success_url" not in given:
            raise BadForm("success_url", "is required")
        session = Session(
            id=_id("cs_test"),
            account=account,
            amount=amount,
            currency=price["currency"],
            reference=given.get("client_reference_id", ""),
            metadata=dict(given.get("metadata") or {}),
            success_url=given["success_url"],
            cancel_url=given.get("cancel_url", given["success_url"]),
            expires_at=expires,
            created=now,
        )
        self.sessions[session.id] = session
        return session

    def find(self, session_id: str, account: str | None = None) -> Session:
        """Return a session, of one account if given; one past its time is expired."""
        found = self.sessions.get(session_id)
        if found is None or (account is not None and found.account != account):
            raise NotFound
        if found.status == "open" and found.expires_at < time.time():
            found.status = "expired"
        return found

    def of_intent(self, intent_id: str, account: str) -> Session:
        """Return the session that a payment intent belongs to."""
        for session in self.sessions.values():
            if session.intent_id == intent_id and session.account == account:
                return session
        raise NotFound

    def pay(self, session: Session) -> bool:
        """Take the money once; ``False`` when the session is no longer open."""
        if session.status != "open":
            return False
        session.status = "complete"
        session.intent_id, session.charge_id = _id("pi"), _id("ch")
        session.received = session.amount + self.amount_off
        session.currency = self.paid_currency or session.currency
        return True

    def refund(self, session: Session, amount: int | None) -> dict[str, Any]:
        """Give money back; raises ``BadForm`` above what is left."""
        left = session.received - session.refunded
        wanted = left if amount is None else amount
        if not 0 < wanted <= left:
            raise BadForm("amount", f"refund amount is greater than unrefunded amount ({left})")
        session.refunded += wanted
        return {
            "id": _id("re"),
            "object": "refund",
            "amount": wanted,
            "charge": session.charge_id,
            "currency": session.currency,
            "payment_intent": session.intent_id,
            "status": "succeeded",
        }


def event(kind: str, session: Session, base: str) -> dict[str, Any]:
    """Return an event about a session, or about its charge for ``charge.*``."""
    subject = session.charge() if kind.startswith("charge.") else session.body(base)
    return {
        "id": _id("evt"),
        "object": "event",
        "account": session.account,
        "api_version": "paysim",
        "created": int(time.time()),
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
