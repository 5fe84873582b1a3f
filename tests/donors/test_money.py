"""From checkout to the outcome: every fen once, in the right place, whatever the webhooks do."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import stripe
from django.db import transaction
from django.utils import timezone

from aid.models import AidEntry
from aid.selectors import residual_fen
from audit.acting import acting_as
from donors.ledger.models import Fund, JournalEntry
from donors.ledger.selectors import balance_differences, sums_by_kind
from donors.ledger.services import fund_of
from donors.models import CharityAccount, Claim, Donation, ProviderEvent
from donors.selectors import donations_of, trace_of
from donors.services import (
    claim_make,
    claims_expire,
    delivery_record,
    donation_checkout,
    donation_settle,
    donations_poll,
    event_settle,
    webhook_receive,
)
from jobs.models import Outbox
from jobs.services import outbox_drain
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from organisations.models import FundraisingCertificate
from projects.models import Wish, WishOutcome
from projects.services import outcome_record, wish_close, wish_withdraw
from tests import make
from tests.donors.cast import at_once, donor
from tests.donors.conftest import Provider
from tests.donors.test_claims import publish
from tests.projects.story import Story


class Gift(Story):
    """A published wish whose charity has an account, and a donor."""

    def __init__(self, provider: Provider, **values: object) -> None:
        super().__init__()
        self.provider = provider
        self.account = f"acct_{self.charity.pk.hex[-8:]}"
        with acting_as(SYSTEM):
            CharityAccount.objects.create(
                organisation=self.charity, provider="paysim", account=self.account
            )
        self.wish = publish(self, **values)
        self.donor = donor()

    def claimed(self, quantity: int = 1, by: Actor | None = None) -> Claim:
        giver = by or self.donor
        with acting_as(giver):
            return claim_make(wish=self.wish, quantity=quantity, mode="pay", actor=giver)

    def checkout(self, claim: Claim, by: Actor | None = None) -> Donation:
        giver = by or self.donor
        with acting_as(giver):
            return donation_checkout(claim=claim, actor=giver)

    def pay(self, donation: Donation) -> None:
        self.provider.post(f"/c/{donation.provider_reference}/pay")

    def receive(self, count: int = 1) -> None:
        for payload, signature in self.provider.webhooks(count):
            webhook_receive(provider="paysim", payload=payload, signature=signature)
        outbox_drain()

    def paid(self) -> Donation:
        donation = self.checkout(self.claimed())
        self.pay(donation)
        self.receive()
        return self.now(donation)

    def delivered(self, cost_fen: int = 20_000) -> Donation:
        donation = self.paid()
        self.deliver(cost_fen)
        return self.now(donation)

    def deliver(self, cost_fen: int = 20_000, **values: object) -> None:
        given: dict[str, Any] = {
            "delivered_on": clock.today(),
            "quantity": self.wish.quantity,
            "receipt": "签收单1",
            **values,
        }
        with acting_as(self.officer):
            delivery_record(wish=self.wish, actual_cost_fen=cost_fen, actor=self.officer, **given)

    def now(self, donation: Donation) -> Donation:
        with acting_as(SYSTEM):
            return Donation.objects.select_related("claim").get(pk=donation.pk)

    def wish_now(self) -> Wish:
        with acting_as(SYSTEM):
            return Wish.objects.get(pk=self.wish.pk)

    def books(self) -> dict[str, int]:
        with acting_as(SYSTEM):
            assert balance_differences() == []
            sums = sums_by_kind(self.charity.pk)
        assert sum(sums.values()) == 0
        return {kind: fen for kind, fen in sums.items() if fen}


@pytest.mark.django_db
def test_a_gift_is_paid_booked_delivered_and_seen_to_its_outcome(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.paid()
    assert (donation.state, donation.went_to) == ("received", "wish")
    assert gift.books() == {"clearing": -20_000, "wish": 20_000}
    assert gift.wish_now().state == "funded"

    gift.deliver(18_500)
    assert gift.books() == {"clearing": -20_000, "charity_pool": 1_500, "spent": 18_500}
    donation = gift.now(donation)
    assert (donation.state, donation.spent_fen) == ("disbursed", 18_500)
    with acting_as(SYSTEM):
        lines = AidEntry.objects.order_by("id").values_list("kind", "amount_fen")
        assert list(lines) == [("promise", 20_000), ("payment", 18_500), ("release", 1_500)]
        assert residual_fen(gift.need.pk) == 11_500
    with acting_as(gift.officer):
        outcome_record(wish=gift.wish, public_text="孩子背上了新书包", actor=gift.officer)
        assert wish_close(wish=gift.wish, actor=gift.officer).state == "closed"
    with acting_as(gift.donor):
        steps = trace_of(donation=donation, actor=gift.donor)
    assert [(s.code, s.at is not None, s.amount_fen) for s in steps] == [
        ("claimed", True, 20_000),
        ("pledged", True, 20_000),
        ("received", True, 20_000),
        ("delivered", True, 18_500),
        ("outcome", True, None),
    ]
    assert steps[3].detail == (
        f"于 {clock.today()} 送达，本笔捐赠支出 185.00 元，结余 15.00 元转入该机构同类帮扶资金"
    )


@pytest.mark.django_db
def test_the_trace_and_what_goes_to_the_provider_identify_nobody(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.delivered()
    with acting_as(gift.officer):
        outcome_record(wish=gift.wish, public_text="孩子背上了新书包", actor=gift.officer)
    with acting_as(gift.donor):
        trace = repr(trace_of(donation=donation, actor=gift.donor))
    sent = repr(vars(provider.paysim.app.store)) + repr(provider.inbox)
    township = gift.household.region.parent
    assert township is not None
    for secret in (
        gift.child.name,
        gift.household.number,
        str(gift.child.pk),
        str(gift.household.pk),
        str(gift.need.pk),
        gift.household.region.name,
        township.name,
        "签收单1",
    ):
        assert secret not in trace
        assert secret not in sent
    for ours in (str(gift.wish.pk), "书包", str(gift.donor.id), "芗城"):
        assert ours not in sent
    assert str(donation.pk) in sent


@pytest.mark.django_db
def test_an_unpaid_gift_s_trace_shows_what_is_still_to_come(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    with acting_as(gift.donor):
        steps = trace_of(donation=donation, actor=gift.donor)
    assert [s.code for s in steps if s.at is None] == ["received", "delivered", "outcome"]


@pytest.mark.django_db
def test_a_checkout_keeps_the_hold_longer_than_the_provider_s_session(provider: Provider) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    with acting_as(SYSTEM):
        Claim.objects.update(held_until=timezone.now() + timedelta(minutes=1))
    donation = gift.checkout(claim)
    with acting_as(SYSTEM):
        claim.refresh_from_db()
    session = provider.paysim.app.store.sessions[donation.provider_reference]
    assert session.expires_at + 60 < claim.held_until.timestamp()
    assert gift.checkout(claim).pk == donation.pk
    assert len(provider.paysim.app.store.sessions) == 1


@pytest.mark.django_db
def test_nobody_pays_for_another_or_for_an_overdue_or_ended_claim(provider: Provider) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    with pytest.raises(Refused) as no:
        gift.checkout(claim, by=donor())
    assert no.value.code == "not_found"
    with acting_as(SYSTEM):
        Claim.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused) as no:
        gift.checkout(claim)
    assert no.value.code == "expired"
    with acting_as(SYSTEM):
        assert not Donation.objects.exists()


@pytest.mark.django_db
def test_a_certificate_that_ended_between_claim_and_checkout_stops_the_payment(
    provider: Provider,
) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    FundraisingCertificate.objects.filter(organisation=gift.charity).update(
        valid_until=clock.today() - timedelta(days=1)
    )
    with pytest.raises(Refused) as no:
        gift.checkout(claim)
    assert no.value.code == "not_public"


@pytest.mark.django_db
def test_without_an_account_of_the_charity_there_is_no_checkout(provider: Provider) -> None:
    gift = Gift(provider)
    with acting_as(SYSTEM):
        CharityAccount.objects.all().delete()
    with pytest.raises(Refused) as no:
        gift.checkout(gift.claimed())
    assert no.value.code == "no_account"


@pytest.mark.django_db
def test_a_webhook_that_comes_three_times_credits_once(provider: Provider) -> None:
    gift = Gift(provider)
    provider.post("/knobs", b'{"duplicate": 2}')
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    gift.receive(3)
    with acting_as(SYSTEM):
        assert ProviderEvent.objects.count() == 1
        donation_settle(donation=donation.pk)
        assert JournalEntry.objects.count() == 1
    assert gift.books() == {"clearing": -20_000, "wish": 20_000}


def test_a_webhook_eight_times_at_once_is_one_donation(
    committed_db: object, provider: Provider
) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    [(payload, signature)] = provider.webhooks(1)

    def deliver() -> ProviderEvent:
        event = webhook_receive(provider="paysim", payload=payload, signature=signature)
        return event_settle(event=event.pk)

    results = at_once(*(deliver for _ in range(8)))
    more = at_once(*(partial(donation_settle, donation=donation.pk) for _ in range(4)))

    assert len({event.pk for event in results if isinstance(event, ProviderEvent)}) == 1
    assert len(more) == 4
    with acting_as(SYSTEM):
        assert ProviderEvent.objects.count() == Outbox.objects.count() == 1
        assert JournalEntry.objects.count() == 1
    assert gift.now(donation).state == "received"
    assert gift.books() == {"clearing": -20_000, "wish": 20_000}


@pytest.mark.django_db
def test_a_lost_webhook_is_found_by_polling(provider: Provider) -> None:
    gift = Gift(provider)
    provider.post("/knobs", b'{"drop": 1}')
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    assert donations_poll() == 0
    assert donations_poll(older_than=timedelta(seconds=-1)) == 1
    outbox_drain()
    assert gift.now(donation).state == "received"
    assert donations_poll(older_than=timedelta(seconds=-1)) == 0


@pytest.mark.django_db
def test_polling_while_the_provider_is_away_asks_once(provider: Provider) -> None:
    gift = Gift(provider)
    gift.checkout(gift.claimed())
    with acting_as(SYSTEM):
        Donation.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert [donations_poll(), donations_poll(), donations_poll()] == [1, 0, 0]
    outbox_drain()
    assert donations_poll() == 1


@pytest.mark.django_db
def test_money_after_the_hold_expired_goes_to_the_same_charity_s_pool(provider: Provider) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    donation = gift.checkout(claim)
    gift.pay(donation)
    with acting_as(SYSTEM):
        Claim.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert claims_expire() == 1
    outbox_drain()
    other = donor()
    gift.claimed(by=other)

    gift.receive()

    assert (gift.now(donation).state, gift.now(donation).went_to) == ("received", "pool")
    assert gift.books() == {"clearing": -20_000, "charity_pool": 20_000}
    assert gift.wish_now().held_quantity == 1
    with acting_as(gift.donor):
        steps = trace_of(donation=donation, actor=gift.donor)
        assert steps[-1].detail == ""
        steps = trace_of(donation=gift.now(donation), actor=gift.donor)
    assert steps[-1].detail == "到账 200.00 元，按约定转入该机构同类帮扶资金"


@pytest.mark.django_db
def test_money_for_a_withdrawn_wish_goes_to_the_pool_and_the_promise_ends(
    provider: Provider,
) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    with acting_as(gift.officer):
        wish_withdraw(wish=gift.wish, reason="已由亲属购买", actor=gift.officer)
    gift.receive()
    assert gift.now(donation).went_to == "pool"
    assert gift.wish_now().state == "withdrawn"
    with acting_as(SYSTEM):
        assert Claim.objects.get().state == "cancelled"
        assert residual_fen(gift.need.pk) == 30_000


@pytest.mark.django_db
def test_nobody_is_asked_to_pay_for_a_withdrawn_wish(provider: Provider) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    with acting_as(gift.officer):
        wish_withdraw(wish=gift.wish, reason="已由亲属购买", actor=gift.officer)
    with pytest.raises(Refused) as no:
        gift.checkout(claim)
    assert (no.value.code, no.value.message) == ("wrong_state", "该心愿已撤回，请认领其他心愿")
    with acting_as(SYSTEM):
        assert not Donation.objects.exists()
    assert not provider.paysim.app.store.sessions


@pytest.mark.django_db
def test_a_wish_that_is_paid_in_part_is_not_withdrawn(provider: Provider) -> None:
    """Its money would stand in the wish's fund, and its promise on the need, for ever."""
    gift = Gift(provider, quantity=2, unit_price_fen=10_000)
    gift.paid()
    assert gift.wish_now().state == "published"
    with acting_as(gift.officer), pytest.raises(Refused) as no, transaction.atomic():
        wish_withdraw(wish=gift.wish, reason="已由亲属购买", actor=gift.officer)
    assert no.value.code == "wrong_state"
    assert gift.wish_now().state == "published"
    assert gift.books() == {"clearing": -10_000, "wish": 10_000}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("knob", "said"),
    [
        (b'{"amount_off": -1}', "到账 19999 cny"),
        (b'{"amount_off": 1}', "到账 20001 cny"),
        (b'{"paid_currency": "jpy"}', "到账 20000 jpy"),
    ],
)
def test_another_amount_or_currency_waits_for_a_person(
    provider: Provider, knob: bytes, said: str
) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    provider.post("/knobs", knob)
    gift.pay(donation)
    gift.receive()
    after = gift.now(donation)
    assert (after.state, after.held_reason) == ("pledged", f"{said}，与应付金额或币种不符")
    assert gift.books() == {}
    assert donations_poll(older_than=timedelta(seconds=-1)) == 0


def forged(gift: Gift, donation: Donation, **changes: Any) -> ProviderEvent:
    [(payload, _)] = gift.provider.webhooks(1)
    changed = json.dumps({**json.loads(payload), **changes}).encode()
    payload, signature = gift.provider.signed(changed)
    return webhook_receive(provider="paysim", payload=payload, signature=signature)


@pytest.mark.django_db
def test_an_event_of_another_charity_s_account_moves_nothing(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    event = forged(gift, donation, account="acct_other")
    outbox_drain()
    with acting_as(SYSTEM):
        event.refresh_from_db()
    assert event.held_reason == "支付事件属于另一机构的账户，已拒绝入账"
    assert gift.now(donation).state == "pledged"
    assert gift.books() == {}


@pytest.mark.django_db
def test_a_bad_signature_stores_nothing(provider: Provider) -> None:
    gift = Gift(provider)
    gift.pay(gift.checkout(gift.claimed()))
    [(payload, signature)] = provider.webhooks(1)
    with pytest.raises(Refused) as no:
        webhook_receive(provider="paysim", payload=payload + b" ", signature=signature)
    assert no.value.code == "bad_signature"
    with acting_as(SYSTEM):
        assert not ProviderEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_before_its_donation_waits_and_later_goes_to_a_person(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    [(payload, _)] = provider.webhooks(1)
    unknown = json.loads(payload)
    unknown["data"]["object"]["id"] = "cs_unknown"
    event = forged(gift, donation, data=unknown["data"])
    with pytest.raises(Refused) as no:
        event_settle(event=event.pk)
    assert no.value.code == "not_yet"
    with acting_as(SYSTEM):
        ProviderEvent.objects.update(received_at=timezone.now() - timedelta(hours=1))
    assert event_settle(event=event.pk).held_reason == "没有对应的捐赠记录"


@pytest.mark.django_db
def test_a_refund_seen_before_the_success_leaves_nothing_in_the_books(provider: Provider) -> None:
    gift = Gift(provider)
    donation = gift.checkout(gift.claimed())
    gift.pay(donation)
    session = provider.paysim.app.store.sessions[donation.provider_reference]
    stripe.StripeClient("sk_test_x", base_addresses={"api": provider.url}).v1.refunds.create(
        {"payment_intent": session.intent_id}, {"stripe_account": gift.account}
    )
    for payload, signature in reversed(provider.webhooks(2)):
        webhook_receive(provider="paysim", payload=payload, signature=signature)
        outbox_drain()
    assert gift.now(donation).state == "refunded"
    assert gift.books() == {}


@pytest.mark.django_db
def test_two_donors_share_a_wish_and_its_cost_to_the_fen(provider: Provider) -> None:
    gift = Gift(provider, quantity=3, unit_price_fen=5_001)
    second = donor()
    one = gift.checkout(gift.claimed(1))
    gift.pay(one)
    gift.receive(1)
    assert gift.wish_now().state == "published"
    two = gift.checkout(gift.claimed(2, by=second), by=second)
    gift.pay(two)
    gift.receive(2)
    assert gift.wish_now().state == "funded"

    gift.deliver(10_000)

    assert (gift.now(one).spent_fen, gift.now(two).spent_fen) == (3_333, 6_667)
    assert gift.books() == {"clearing": -15_003, "charity_pool": 5_003, "spent": 10_000}
    with acting_as(second):
        assert [d.pk for d in donations_of(second)] == [two.pk]
        assert Donation.objects.count() == 1
        with pytest.raises(Refused) as no:
            trace_of(donation=gift.now(one), actor=second)
    assert no.value.code == "not_found"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"cost_fen": 20_001}, "cost_above_gift"),
        ({"cost_fen": 0}, "amount_out_of_order"),
        ({"quantity": 2}, "quantity_differs"),
        ({"receipt": " "}, "receipt_missing"),
        ({"delivered_on": clock.today() + timedelta(days=1)}, "date_out_of_range"),
    ],
)
def test_a_delivery_out_of_order_is_refused_and_nothing_is_spent(
    provider: Provider, values: dict[str, Any], code: str
) -> None:
    gift = Gift(provider)
    gift.paid()
    with pytest.raises(Refused) as no:
        gift.deliver(**values)
    assert no.value.code == code
    assert gift.wish_now().state == "funded"
    assert gift.books() == {"clearing": -20_000, "wish": 20_000}


@pytest.mark.django_db
def test_only_the_charity_itself_records_the_delivery_and_only_once(provider: Provider) -> None:
    gift = Gift(provider)
    gift.paid()
    mine = gift.officer
    gift.officer = make.actor(Role.CHARITY_OFFICER, organisation=make.charity())
    with pytest.raises(Refused) as no:
        gift.deliver()
    assert no.value.code in {"denied", "not_found"}
    gift.officer = mine
    gift.deliver()
    with pytest.raises(Refused) as no:
        gift.deliver()
    assert no.value.code == "wrong_state"
    assert gift.books() == {"clearing": -20_000, "spent": 20_000}


@pytest.mark.django_db
def test_an_unpaid_wish_cannot_be_delivered(provider: Provider) -> None:
    gift = Gift(provider)
    gift.checkout(gift.claimed())
    with pytest.raises(Refused) as no:
        gift.deliver()
    assert no.value.code == "wrong_state"


@pytest.mark.django_db
def test_an_outcome_that_names_the_child_is_refused(provider: Provider) -> None:
    gift = Gift(provider)
    gift.delivered()
    with pytest.raises(Refused) as no, acting_as(gift.officer):
        outcome_record(wish=gift.wish, public_text="甄试例很喜欢", actor=gift.officer)
    assert no.value.code == "text_identifies"
    with acting_as(SYSTEM):
        assert not WishOutcome.objects.exists()


@pytest.mark.django_db
def test_a_stranger_sees_no_money_of_others_even_with_selectors_off(provider: Provider) -> None:
    gift = Gift(provider)
    gift.paid()
    everything: list[Callable[[], bool]] = [
        model.objects.exists for model in (Donation, Claim, ProviderEvent, Fund, JournalEntry)
    ]
    for stranger in (
        donor(),
        make.actor(Role.CHARITY_FINANCE, organisation=make.charity()),
        make.actor(Role.COUNTY_OFFICER),
    ):
        with acting_as(stranger):
            assert [seen() for seen in everything] == [False] * 5
    with acting_as(gift.officer):
        assert Donation.objects.count() == 1
        assert fund_of("wish", gift.charity, wish=gift.wish).balance_fen == 20_000
