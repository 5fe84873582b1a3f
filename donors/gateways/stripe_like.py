"""Stripe, and whatever speaks like it: hosted checkout, direct charges, signed webhooks."""

import json
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe

from donors.gateways.base import Checkout, Notice, Payment
from kernel.errors import Refused

#: A signature older, or further in the future, than this is refused.
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 10


class StripeLike:
    """A client of one provider; the charity's connected account comes with every call."""

    def __init__(
        self, *, name: str, api_key: str, webhook_secret: str, api_base: str | None = None
    ) -> None:
        self.name = name
        self._secret = webhook_secret
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

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
        """Open a checkout session; the idempotency key makes a retry the same session."""
        metadata = {"donation": str(donation_id)}
        try:
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "submit_type": "donate",
                    "locale": "zh",
                    "client_reference_id": str(donation_id),
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata},
                    "allowed_payment_method_types": ["card", "alipay", "wechat_pay"],
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": "cny",
                                "unit_amount": amount_fen,
                                # Nothing about the wish: it would leave the country.
                                "product_data": {"name": "慈善捐赠"},
                            },
                        }
                    ],
                    "expires_at": int(expires_at.timestamp()),
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                },
                {"stripe_account": account, "idempotency_key": f"checkout-{donation_id}"},
            )
        except stripe.StripeError as error:
            raise _unavailable(error) from error
        return Checkout(session.id, session.url or "")

    def payment_of(self, *, reference: str, account: str) -> Payment:
        """Fetch the session with its payment and charge."""
        try:
            session = self._client.v1.checkout.sessions.retrieve(
                reference,
                {"expand": ["payment_intent.latest_charge"]},
                {"stripe_account": account},
            )
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise Refused("provider_unknown", "支付渠道没有该笔支付") from error
            raise _unavailable(error) from error
        except stripe.StripeError as error:
            raise _unavailable(error) from error
        found = session.to_dict()
        intent: dict[str, Any] = found.get("payment_intent") or {}
        charge: dict[str, Any] = intent.get("latest_charge") or {}
        paid = found.get("payment_status") == "paid"
        return Payment(
            reference=found["id"],
            status="paid" if paid else "expired" if found.get("status") == "expired" else "open",
            amount=int(intent.get("amount_received") or 0),
            currency=str(intent.get("currency") or found.get("currency") or ""),
            refunded=int(charge.get("amount_refunded") or 0),
            payment_reference=str(intent.get("id") or ""),
        )

    def notice_of(self, *, payload: bytes, signature: str) -> Notice:
        """Verify by the package's own function; it lets future-dated signatures pass, we do not."""
        try:
            self._client.construct_event(payload, signature, self._secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, ValueError, KeyError) as error:
            raise Refused("bad_signature", "支付通知的签名无效或已过期") from error
        stamp = dict(part.partition("=")[::2] for part in signature.split(",")).get("t", "0")
        if int(stamp) > time.time() + TOLERANCE_SECONDS:
            raise Refused("bad_signature", "支付通知的签名时间在未来")
        event = json.loads(payload)
        subject = event["data"]["object"]
        about = subject["id"]
        if subject.get("object") != "checkout.session":
            about = (subject.get("metadata") or {}).get("donation") or about
        return Notice(event["id"], event.get("account") or "", event["type"], about)


def _unavailable(error: stripe.StripeError) -> Refused:
    return Refused(
        "provider_unavailable",
        "支付渠道暂时不可用，请稍后再试",
        kind=type(error).__name__,
        provider_code=error.code or "",
    )
