"""Reading claims, donations and what became of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from donors.models import Claim, Donation
from kernel.access import Actor
from kernel.errors import Refused
from kernel.money import yuan
from projects.models import Delivery, WishOutcome


def claims_of(actor: Actor) -> QuerySet[Claim]:
    """The donor's own claims, newest first."""
    return (
        Claim.objects.filter(donor_id=actor.id)
        .select_related("wish__project", "organisation")
        .order_by("-created_at", "-id")
    )


def donations_of(actor: Actor) -> QuerySet[Donation]:
    """The donor's own donations, newest first."""
    return (
        Donation.objects.filter(donor_id=actor.id)
        .select_related("wish__project", "organisation", "claim")
        .order_by("-created_at", "-id")
    )


@dataclass(frozen=True)
class TraceStep:
    """One step of a gift's way, for the donor; ``at`` is None for a step still to come."""

    code: str
    title: str
    at: datetime | None
    detail: str
    amount_fen: int | None = None


def trace_of(*, donation: Donation, actor: Actor) -> list[TraceStep]:
    """The way of a gift from claim to outcome, without anything that identifies the family.

    For the donor himself and the charity; raises ``Refused("not_found")`` for others.
    """
    if donation.donor_id != actor.id and donation.organisation_id not in actor.organisation_ids:
        raise Refused("not_found", "未找到该捐赠")
    amount = donation.amount_fen
    claim = donation.claim
    steps = [
        TraceStep(
            "claimed",
            "认领",
            claim.created_at if claim else donation.created_at,
            f"认领 {claim.quantity} 份" if claim else "",
            amount,
        ),
        TraceStep("pledged", "支付", donation.created_at, f"发起支付 {yuan(amount)} 元", amount),
    ]
    if donation.state in (Donation.State.FAILED, Donation.State.REFUNDED):
        return [*steps, TraceStep(donation.state, donation.get_state_display(), None, "", amount)]
    place = {"wish": "已记入该心愿", "pool": "按约定转入该机构同类帮扶资金"}
    steps.append(
        TraceStep(
            "received",
            "到账",
            donation.received_at,
            f"到账 {yuan(amount)} 元，{place[donation.went_to]}" if donation.received_at else "",
            amount if donation.received_at else None,
        )
    )
    if donation.went_to == "pool" or donation.wish_id is None:
        return steps
    delivery = Delivery.objects.filter(wish_id=donation.wish_id).first()
    if delivery is None or donation.spent_fen is None:
        return [
            *steps,
            TraceStep("delivered", "采购与送达", None, ""),
            TraceStep("outcome", "回访", None, ""),
        ]
    rest = amount - donation.spent_fen
    spent = f"于 {delivery.delivered_on} 送达，本笔捐赠支出 {yuan(donation.spent_fen)} 元"
    steps.append(
        TraceStep(
            "delivered",
            "采购与送达",
            delivery.recorded_at,
            f"{spent}，结余 {yuan(rest)} 元转入该机构同类帮扶资金" if rest else spent,
            donation.spent_fen,
        )
    )
    outcome = WishOutcome.objects.filter(wish_id=donation.wish_id).first()
    steps.append(
        TraceStep(
            "outcome",
            "回访",
            outcome.recorded_at if outcome else None,
            outcome.public_text if outcome else "",
        )
    )
    return steps
