"""The fake provider over real HTTP, driven by the real stripe client."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.utils import timezone

from donors.gateways import gateway_of
from donors.gateways.base import Checkout
from kernel.errors import Refused
from kernel.ids import new_id
from tests.donors.conftest import Provider

ACCOUNT = "acct_1"


def client(provider: Provider, key: str = "sk_test_x") -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": provider.url}, max_network_retries=0)


def params(**values: Any) -> Any:
    return {
        "mode": "payment",
        "success_url": "https://here.example/{CHECKOUT_SESSION_ID}",
        "cancel_url": "https://here.example/cancelled",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "cny",
                    "unit_amount": 20_000,
                    "product_data": {"name": "慈善捐赠"},
                },
            }
        ],
        **values,
    }


def open_one(provider: Provider, **values: Any) -> Any:
    return client(provider).v1.checkout.sessions.create(
        params(**values), {"stripe_account": ACCOUNT}
    )


def test_the_page_is_chinese_shows_the_sum_and_pays_once(provider: Provider) -> None:
    session = open_one(provider)

    page = provider.page(session.url)
    assert "¥ 200.00" in page
    assert "确认支付" in page
    assert 'name="viewport"' in page
    assert provider.post(f"/c/{session.id}/pay") == f"https://here.example/{session.id}"
    assert "已支付" in provider.post(f"/c/{session.id}/pay")
    [(payload, _)] = provider.webhooks(1)
    assert json.loads(payload)["type"] == "checkout.session.completed"
    attempts = provider.paysim.app.sender.attempts
    until = time.monotonic() + 5
    while len(attempts) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert [status for _, status in attempts] == [503, 200]


def test_cancelling_returns_and_leaves_the_session_open(provider: Provider) -> None:
    session = open_one(provider)
    assert provider.post(f"/c/{session.id}/cancel") == "https://here.example/cancelled"
    found = client(provider).v1.checkout.sessions.retrieve(
        session.id, None, {"stripe_account": ACCOUNT}
    )
    assert (found.status, found.payment_status) == ("open", "unpaid")


def test_one_idempotency_key_opens_one_session_and_takes_no_other_body(provider: Provider) -> None:
    sessions = client(provider).v1.checkout.sessions
    options: Any = {"stripe_account": ACCOUNT, "idempotency_key": "k1"}
    first, second = sessions.create(params(), options), sessions.create(params(), options)
    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        sessions.create(params(locale="zh"), options)


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"line_items": [{"quantity": 1, "amount": 5}]}, "line_items.0.amount"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"mode": "setup"}, "mode"),
    ],
)
def test_what_stripe_would_refuse_is_refused(
    provider: Provider, values: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as no:
        open_one(provider, **values)
    assert no.value.param == parameter


def test_another_account_and_no_key_see_nothing(provider: Provider) -> None:
    session = open_one(provider)
    with pytest.raises(stripe.InvalidRequestError) as no:
        client(provider).v1.checkout.sessions.retrieve(
            session.id, None, {"stripe_account": "acct_2"}
        )
    assert no.value.http_status == 404
    with pytest.raises(stripe.AuthenticationError):
        client(provider, "pk_wrong").v1.checkout.sessions.create(params())


def test_refunds_never_exceed_what_was_paid(provider: Provider) -> None:
    session = open_one(provider)
    provider.post(f"/c/{session.id}/pay")
    found = client(provider).v1.checkout.sessions.retrieve(
        session.id, None, {"stripe_account": ACCOUNT}
    )
    refunds = client(provider).v1.refunds
    intent = str(found.payment_intent)
    refunds.create({"payment_intent": intent, "amount": 15_000}, {"stripe_account": ACCOUNT})
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"payment_intent": intent, "amount": 5_001}, {"stripe_account": ACCOUNT})
    kinds = [json.loads(payload)["type"] for payload, _ in provider.webhooks(2)]
    assert sorted(kinds) == ["charge.refunded", "checkout.session.completed"]


def test_knobs_duplicate_reorder_and_drop(provider: Provider) -> None:
    knobs = json.loads(provider.post("/knobs", b'{"duplicate": 2}'))
    assert knobs == {"duplicate": 2, "delay": 0.0, "drop": 0, "reorder": False}
    provider.post(f"/c/{open_one(provider).id}/pay")
    payloads = [payload for payload, _ in provider.webhooks(3)]
    assert len(set(payloads)) == 1

    provider.post("/knobs", b'{"duplicate": 0, "reorder": true}')
    first, second = open_one(provider), open_one(provider)
    provider.post(f"/c/{first.id}/pay")
    provider.post(f"/c/{second.id}/pay")
    subjects = [json.loads(p)["data"]["object"]["id"] for p, _ in provider.webhooks(5)[3:]]
    assert subjects == [second.id, first.id]

    provider.post("/knobs", b'{"reorder": false, "drop": 1}')
    provider.post(f"/c/{open_one(provider).id}/pay")
    provider.post(f"/c/{open_one(provider).id}/pay")
    provider.webhooks(6)
    time.sleep(0.2)
    assert len(provider.inbox) == 6


def opened(provider: Provider) -> Checkout:
    return gateway_of("paysim").checkout_open(
        donation_id=new_id(),
        account=ACCOUNT,
        amount_fen=20_000,
        expires_at=timezone.now() + timedelta(minutes=31),
        success_url="https://here.example/",
        cancel_url="https://here.example/",
    )


def test_our_gateway_follows_a_payment_and_its_refund(provider: Provider) -> None:
    gateway, checkout = gateway_of("paysim"), opened(provider)
    before = gateway.payment_of(reference=checkout.reference, account=ACCOUNT)
    assert (before.status, before.amount, before.payment_reference) == ("open", 0, "")
    provider.post(f"/c/{checkout.reference}/pay")
    paid = gateway.payment_of(reference=checkout.reference, account=ACCOUNT)
    assert (paid.status, paid.amount, paid.currency, paid.refunded) == ("paid", 20_000, "cny", 0)
    client(provider).v1.refunds.create(
        {"payment_intent": paid.payment_reference}, {"stripe_account": ACCOUNT}
    )
    after = gateway.payment_of(reference=checkout.reference, account=ACCOUNT)
    assert after.refunded == 20_000
    with pytest.raises(Refused) as no:
        gateway.payment_of(reference=checkout.reference, account="acct_2")
    assert no.value.code == "provider_unknown"


def test_a_provider_that_is_down_is_said_so_in_chinese(provider: Provider, settings: Any) -> None:
    settings.PAYSIM_URL = "http://127.0.0.1:1"
    with pytest.raises(Refused) as no:
        opened(provider)
    assert no.value.code == "provider_unavailable"


EVENT = (
    b'{"id": "evt_1", "object": "event", "account": "acct_1", "type": "checkout.session.completed",'
    b' "data": {"object": {"id": "cs_1", "object": "checkout.session"}}}'
)


@pytest.mark.parametrize("seconds", [0, -290, 290])
def test_a_good_signature_gives_the_notice(provider: Provider, seconds: int) -> None:
    payload, header = provider.signed(EVENT, int(time.time()) + seconds)
    notice = gateway_of("paysim").notice_of(payload=payload, signature=header)
    assert (notice.event_id, notice.account, notice.object_id) == ("evt_1", "acct_1", "cs_1")


def test_bad_old_future_and_foreign_signatures_are_refused(provider: Provider) -> None:
    now = int(time.time())
    _, good = provider.signed(EVENT)
    from donors.paysim.webhooks import signature

    vectors = {
        "empty": (EVENT, ""),
        "nonsense": (EVENT, "abc"),
        "no time": (EVENT, good.partition(",")[2]),
        "no signature": (EVENT, f"t={now}"),
        "other body": (EVENT.replace(b"cs_1", b"cs_2"), good),
        "other secret": (EVENT, signature(EVENT, "whsec_other", now)),
        "other time": (EVENT, good.replace(f"t={now}", f"t={now - 5}")),
        "old": provider.signed(EVENT, now - 400),
        "future": provider.signed(EVENT, now + 400),
        "signed nonsense": provider.signed(b"not json"),
    }
    for name, (payload, header) in vectors.items():
        with pytest.raises(Refused) as no:
            gateway_of("paysim").notice_of(payload=payload, signature=header)
        assert no.value.code == "bad_signature", name


def test_the_fake_is_refused_outside_a_demo(settings: Any) -> None:
    settings.DEMO = False
    for name in ("paysim", "stripe", "other"):
        with pytest.raises(Refused) as no:
            gateway_of(name)
        assert no.value.code == "provider_missing"
