"""The handover of a wish: what it really cost is spent, what is left goes to the pool."""

from datetime import date

from django.db import transaction

from aid.services import aid_pay, aid_release
from audit.acting import acting_as
from audit.services import record
from donors import rules
from donors.ledger.models import Fund, JournalEntry
from donors.ledger.services import entry_post, fund_of
from donors.models import Donation
from kernel import clock
from kernel.access import SYSTEM, Actor
from kernel.errors import wrong_value
from kernel.money import yuan
from projects.models import Delivery, Wish
from projects.services import locked_wish, wish_move


@transaction.atomic
def delivery_record(
    *,
    wish: Wish,
    delivered_on: date,
    quantity: int,
    actual_cost_fen: int,
    receipt: str,
    actor: Actor,
) -> Delivery:
    """Record the signed handover of a funded wish, spend its actual cost, release the rest.

    Each gift bears its share of the cost; aid promised beyond it is released, money left goes to
    the same charity's pool as the donors' terms say. Raises ``Refused``: ``wrong_state``,
    ``quantity_differs``, ``cost_above_gift``, ``receipt_missing``, ``date_out_of_range``.
    """
    locked = wish_move(locked_wish(wish), Wish.State.DELIVERED, actor, "wish.delivered")
    if not receipt.strip():
        raise wrong_value("receipt_missing", "请填写签收凭证", "receipt")
    if quantity != locked.quantity:
        raise wrong_value("quantity_differs", f"送达数量应为 {locked.quantity}", "quantity")
    if delivered_on > clock.today():
        raise wrong_value("date_out_of_range", "送达日期不能晚于今天", "delivered_on")
    if actual_cost_fen <= 0:
        raise wrong_value("amount_out_of_order", "实际费用须大于零", "actual_cost_fen")
    delivery = Delivery.objects.create(
        wish=locked,
        organisation_id=locked.organisation_id,
        region_id=locked.region_id,
        delivered_on=delivered_on,
        quantity=quantity,
        actual_cost_fen=actual_cost_fen,
        receipt=receipt.strip(),
        recorded_by=actor.id,
    )
    record("delivery.recorded", delivery, actor, actual_cost_fen=actual_cost_fen)
    with acting_as(SYSTEM):
        _spend(locked, delivered_on, actual_cost_fen)
    return delivery


def _spend(wish: Wish, delivered_on: date, cost_fen: int) -> None:
    gifts = list(
        Donation.objects.select_for_update(of=("self",), no_key=True)
        .filter(wish=wish, went_to="wish", state=Donation.State.RECEIVED)
        .select_related("claim__promise")
        .order_by("created_at", "id")
    )
    total = sum(gift.amount_fen for gift in gifts)
    if cost_fen > total:
        raise wrong_value(
            "cost_above_gift",
            f"实际费用超过已到账捐款 {yuan(total)} 元，超出部分请由本机构另行承担",
            "actual_cost_fen",
            received_fen=total,
        )
    shares = rules.split_cost(cost_fen, [gift.amount_fen for gift in gifts])
    for gift, share in zip(gifts, shares, strict=True):
        promise = gift.claim.promise if gift.claim else None
        if promise is not None and share:
            aid_pay(
                promise=promise,
                amount_fen=share,
                quantity=promise.quantity,
                source_reference=f"delivery:{gift.pk}",
                effective_on=delivered_on,
                actor=SYSTEM,
            )
        if promise is not None and promise.amount_fen > share:
            aid_release(
                promise=promise,
                amount_fen=promise.amount_fen - share,
                quantity=0 if share else promise.quantity,
                reason="实际费用低于预估",
                actor=SYSTEM,
            )
        gift.state, gift.spent_fen = Donation.State.DISBURSED, share
        gift.save(update_fields=["state", "spent_fen"])
        record("donation.disbursed", gift, SYSTEM, spent_fen=share)
    organisation = wish.organisation
    amounts = {
        fund_of(Fund.Kind.WISH, organisation, wish=wish): -total,
        fund_of(Fund.Kind.SPENT, organisation): cost_fen,
    }
    if total > cost_fen:
        amounts[fund_of(Fund.Kind.POOL, organisation)] = total - cost_fen
    entry_post(
        kind=JournalEntry.Kind.DISBURSEMENT,
        external_id=f"delivery:{wish.pk}",
        memo="心愿采购送达" if total == cost_fen else "心愿采购送达，结余转入同类帮扶资金",
        amounts_fen=amounts,
    )
