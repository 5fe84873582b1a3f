"""What the product asks of a payment provider, in its own types. No vendor type leaves here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Checkout:
    """A payment page that was opened: the provider's reference and the donor's address."""

    reference: str
    url: str


@dataclass(frozen=True)
class Payment:
    """The present state of a checkout at the provider."""

    reference: str
    #: open, paid or expired
    status: str
    #: What was really paid, in the currency's smallest unit.
    amount: int
    currency: str
    refunded: int
    #: The payment behind it, which counts once; empty before it is paid.
    payment_reference: str


@dataclass(frozen=True)
class Notice:
    """A verified webhook: only that something happened to an object, never its amounts."""

    event_id: str
    account: str
    kind: str
    #: The checkout's reference, or our donation's id where the event is about another object.
    object_id: str


class Gateway(Protocol):
    """One provider. Only opaque ids go out: nothing about a beneficiary or a wish."""

    name: str

    def checkout_open(
        self,
        *,
        donation_id: UUID,
        account: str,
        amount_fen: int,
        expires_at: datetime,
        success_url: str,
        cancel_url: str,
    ) -> Checkout:
        """Open a payment page on the charity's own account; the same donation opens one."""
        ...

    def payment_of(self, *, reference: str, account: str) -> Payment:
        """Return the present state; raises ``Refused("provider_unknown")`` for no such checkout."""
        ...

    def notice_of(self, *, payload: bytes, signature: str) -> Notice:
        """Return the verified notice; raises ``Refused("bad_signature")``."""
        ...
