"""From a claim to money in the charity's books: checkout, webhooks, settlement, polling."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.acting import acting_as
from audit.services import record
from donors import rules
from donors.gateways import gateway_of
from donors.gateways.base import Payment
from donors.ledger.models import Fund, JournalEntry
from donors.ledger.services import entry_post, fund_of
from donors.models import CharityAccount, Claim, Donation, Donor, ProviderEvent
from donors.services.claims import end_claim, require_may_pay
from jobs.services import enqueue, enqueue_missing
from kernel import clock
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused
from kernel.ids import new_id
from projects.models import Wish
from projects.services import wish_move

#: Webhooks may come before the commit that they are about; after so long a person looks.
UNKNOWN_AFTER = timedelta(minutes=10)
HANDLED = ("checkout.session.", "charge.refunded", "charge.dispute.")


@transaction.atomic
def donation_checkout(*, claim: Claim, return_url: str = "", actor: Actor) -> Donation:
    """Open the payment page for a held claim; twice for one claim gives the same page.

    The hold is extended so that the provider's session ends before it. ``return_url`` may name
    another page of ours to come back to; ``{id}`` stands for the donation. Raises ``Refused``:
    ``expired``, ``wrong_state``, ``not_public``, ``no_account``, ``provider_unavailable``.
    """
    held = Claim.objects.select_for_update(of=("self",), no_key=True).filter(pk=claim.pk).first()
    if held is None or held.donor_id != actor.id:
        raise Refused("not_found", "未找到该认领")
    with acting_as(SYSTEM):
        wish = Wish.objects.select_related("project__organisation__parent", "region").get(
            pk=held.wish_id
        )
        donor = Donor.objects.get(pk=actor.id)
        require_may_pay(wish.project, donor, clock.today())
    require(actor, "donation.pay", region_path=wish.region.path)
    now = timezone.now()
    if held.mode != Claim.Mode.PAY:
        raise Refused("wrong_state", "该认领选择了银行转账，不能在线支付")
    if held.state == Claim.State.EXPIRED or (
        held.state == Claim.State.HELD and held.held_until <= now
    ):
        raise Refused("expired", "认领已过期，请重新认领")
    if held.state != Claim.State.HELD:
        raise Refused("wrong_state", f"该认领{held.get_state_display()}，不能再支付")
    if wish.state == Wish.State.WITHDRAWN:
        raise Refused("wrong_state", "该心愿已撤回，请认领其他心愿")
    before = held.donations.filter(state=Donation.State.PLEDGED).order_by("-created_at").first()
    if before is not None and before.terms.get("session_until", 0) > now.timestamp() + 60:
        return before
    gateway = gateway_of(settings.PAYMENT_PROVIDER)
    account = CharityAccount.objects.filter(
        organisation=wish.organisation.legal_body, provider=gateway.name
    ).first()
    if account is None:
        raise Refused("no_account", "该慈善组织尚未开通在线收款，请改用银行转账")
    donation_id, session_until = new_id(), now + rules.SESSION_LENGTH
    place = return_url or f"{settings.PUBLIC_URL}/wishes/mine/{{id}}"
    url = place.replace("{id}", str(donation_id))
    checkout = gateway.checkout_open(
        donation_id=donation_id,
        account=account.account,
        amount_fen=held.quantity * wish.unit_price_fen,
        expires_at=session_until,
        success_url=url,
        cancel_url=url,
    )
    held.held_until = max(held.held_until, now + rules.CHECKOUT_HOLD)
    held.save(update_fields=["held_until"])
    donation = Donation.objects.create(
        id=donation_id,
        claim=held,
        wish_id=held.wish_id,
        donor_id=actor.id,
        organisation_id=held.organisation_id,
        amount_fen=held.quantity * wish.unit_price_fen,
        provider=gateway.name,
        provider_reference=checkout.reference,
        checkout_url=checkout.url,
        terms={
            "surplus": rules.TERMS_POOL,
            "text": rules.TERMS_TEXT,
            "session_until": int(session_until.timestamp()),
        },
    )
    record("donation.pledged", donation, actor, amount_fen=donation.amount_fen)
    return donation


def webhook_receive(*, provider: str, payload: bytes, signature: str) -> ProviderEvent:
    """Verify a webhook and store it under its id; a task acts on it, once.

    Raises ``Refused("bad_signature")``. The caller answers 200 as soon as this returns.
    """
    notice = gateway_of(provider).notice_of(payload=payload, signature=signature)
    with acting_as(SYSTEM):
        event = ProviderEvent(
            provider=provider,
            event_id=notice.event_id,
            account=notice.account,
            kind=notice.kind,
            object_id=notice.object_id,
        )
        ProviderEvent.objects.bulk_create([event], ignore_conflicts=True)
        stored = ProviderEvent.objects.get(provider=provider, event_id=notice.event_id)
        if stored.pk == event.pk:
            enqueue("donation.settle", actor=SYSTEM, event=str(stored.pk))
    return stored


def event_settle(*, event: UUID, actor: Actor = SYSTEM) -> ProviderEvent:
    """Act on a stored event by asking the provider for the present state; twice is once.

    Raises ``Refused("not_yet")`` while our own commit may still be on its way.
    """
    with acting_as(actor):
        stored = ProviderEvent.objects.select_for_update().get(pk=event)
        if stored.processed_at is not None:
            return stored
        if stored.kind.startswith(HANDLED):
            stored.held_reason = _act_on(stored)
        stored.processed_at = timezone.now()
        stored.save(update_fields=["processed_at", "held_reason"])
        if stored.held_reason:
            record("provider_event.held", stored, actor, reason=stored.held_reason)
    return stored


def _act_on(stored: ProviderEvent) -> str:
    """Settle the donation that an event is about; return why a person must look, or ``""``."""
    about = Q(provider_reference=stored.object_id)
    with suppress(ValueError):
        about |= Q(pk=UUID(stored.object_id))
    donation = Donation.objects.filter(about, provider=stored.provider).first()
    if donation is None:
        if stored.received_at > timezone.now() - UNKNOWN_AFTER:
            raise Refused("not_yet", "尚无对应的捐赠记录，稍后重试")
        return "没有对应的捐赠记录"
    if stored.account != _account_of(donation):
        return "支付事件属于另一机构的账户，已拒绝入账"
    if stored.kind.startswith("charge.dispute."):
        _hold(donation, "渠道发起拒付，须财务处理")
        return ""
    donation_settle(donation=donation.pk)
    return ""


def _account_of(donation: Donation) -> str:
    return CharityAccount.objects.get(
        organisation=donation.organisation.legal_body, provider=donation.provider
    ).account


def _hold(donation: Donation, reason: str) -> None:
    if donation.held_reason == reason:
        return
    donation.held_reason = reason
    donation.save(update_fields=["held_reason"])
    record("donation.held", donation, SYSTEM, reason=reason)


def donation_settle(*, donation: UUID, actor: Actor = SYSTEM) -> Donation:
    """Move a donation forward once, to what the provider says now.

    Paid: booked to the wish while its hold stands, else as the stored terms say to the same
    charity's pool. Another amount or currency, or a refund, is held for a person.
    """
    with acting_as(actor):
        # Locked before asking: of two tasks the second sees what the first has done.
        locked = Donation.objects.select_for_update(of=("self",), no_key=True).get(pk=donation)
        payment = gateway_of(locked.provider).payment_of(
            reference=locked.provider_reference, account=_account_of(locked)
        )
        if locked.state not in (Donation.State.PLEDGED, Donation.State.FAILED):
            if payment.refunded and locked.state != Donation.State.REFUNDED:
                _hold(locked, "渠道显示已退款，须财务核对")
            return locked
        if payment.status == "expired" and locked.state == Donation.State.PLEDGED:
            _move(locked, Donation.State.FAILED, "donation.failed")
        if payment.status != "paid":
            return locked
        if (payment.amount, payment.currency) != (locked.amount_fen, "cny"):
            _hold(locked, f"到账 {payment.amount} {payment.currency}，与应付金额或币种不符")
        elif payment.refunded >= payment.amount:
            _move(locked, Donation.State.REFUNDED, "donation.refunded")
        elif payment.refunded:
            _hold(locked, "渠道显示部分退款，须财务核对")
        else:
            _receive(locked, payment)
    return locked


def _move(donation: Donation, to: Donation.State, verb: str, **values: object) -> None:
    if to not in rules.DONATION_MOVES[donation.state]:
        raise Refused("wrong_state", f"该捐赠{donation.get_state_display()}")
    before, donation.state = donation.state, to
    for field, value in values.items():
        setattr(donation, field, value)
    donation.save(update_fields=["state", *values])
    record(
        verb,
        donation,
        SYSTEM,
        before=before,
        after=str(to),
        amount_fen=donation.amount_fen,
        went_to=donation.went_to,
    )


def _receive(donation: Donation, payment: Payment) -> None:
    """Book paid money; the donation is locked and SYSTEM acts."""
    wish = claim = None
    if donation.wish_id is not None and donation.claim_id is not None:
        wish = Wish.objects.select_for_update(of=("self",), no_key=True).get(pk=donation.wish_id)
        claim = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=donation.claim_id)
    to_wish = False
    if wish is not None and claim is not None and claim.state == Claim.State.HELD:
        if wish.state == Wish.State.WITHDRAWN:
            end_claim(claim, wish, Claim.State.CANCELLED, "claim.cancelled", "心愿已撤回", SYSTEM)
        else:
            to_wish = True
            claim.state = Claim.State.PAID
            claim.save(update_fields=["state"])
    organisation = donation.organisation
    fund = (
        fund_of(Fund.Kind.WISH, organisation, wish=wish)
        if to_wish
        else fund_of(Fund.Kind.POOL, organisation)
    )
    entry_post(
        kind=JournalEntry.Kind.RECEIPT,
        external_id=f"{donation.provider}:{payment.payment_reference}",
        memo="捐款到账" if to_wish else "捐款到账，按约定转入同类帮扶资金",
        amounts_fen={
            fund_of(Fund.Kind.CLEARING, organisation): -donation.amount_fen,
            fund: donation.amount_fen,
        },
    )
    _move(
        donation,
        Donation.State.RECEIVED,
        "donation.received",
        went_to="wish" if to_wish else "pool",
        received_at=timezone.now(),
        held_reason="",
    )
    if to_wish and wish is not None:
        paid = sum(
            Claim.objects.filter(wish=wish, state=Claim.State.PAID).values_list(
                "quantity", flat=True
            )
        )
        if paid == wish.quantity:
            wish_move(wish, Wish.State.FUNDED, SYSTEM, "wish.funded")


def donations_poll(
    *, older_than: timedelta = timedelta(minutes=2), limit: int = 500, actor: Actor = SYSTEM
) -> int:
    """Queue a settlement for each donation whose webhook may be lost; return how many.

    One that is queued already, for want of the provider, is not queued again.
    """
    with acting_as(actor):
        waiting = list(
            Donation.objects.filter(
                state=Donation.State.PLEDGED,
                held_reason="",
                created_at__lt=Now() - older_than,
            )
            .exclude(provider_reference="")
            .order_by("created_at")
            .values_list("pk", flat=True)[:limit]
        )
    return enqueue_missing(
        "donation.settle", [{"donation": str(key)} for key in waiting], actor=SYSTEM
    )
