"""Claims: a donor's hold on a wish, the promise of aid that goes with it, and its end."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from aid.models import Layer
from aid.services import aid_promise, aid_release, prevented_record
from audit.acting import acting_as
from audit.services import record
from donors import rules
from donors.models import Claim, Donor
from jobs.services import enqueue_missing
from kernel import clock
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused
from kernel.ids import new_id
from policy.parameters import lookup_number
from projects.models import Project, Wish
from projects.selectors import can_take_public_payment, next_like
from projects.services import wish_move


def claim_make(*, wish: Wish, quantity: int = 1, mode: str = Claim.Mode.PAY, actor: Actor) -> Claim:
    """Hold a wish, or some of its items, for the donor until ``held_until``.

    Raises ``Refused``: ``wish_taken`` (O-02; details offer ``next_wish_id``),
    ``not_public``, ``project_not_open``, ``not_published``, ``overlap`` (O-03: other aid met the
    need meanwhile; counted as prevented), ``quantity_out_of_range``, ``denied``.
    """
    claim_id = new_id()
    try:
        with transaction.atomic():
            return _claim_make(claim_id, wish, quantity, mode, actor)
    except Refused as no:
        if no.code == "overlap":
            with transaction.atomic(), acting_as(SYSTEM):
                prevented_record(
                    code=no.details.get("code", "O-03"),
                    need=wish.need,
                    organisation=wish.organisation,
                    asked_fen=no.details.get("asked_fen", 0),
                    prevented_fen=no.details.get("prevented_fen", 0),
                    attempt=f"claim:{wish.pk}:{actor.id}",
                    actor=SYSTEM,
                )
        raise


def _claim_make(claim_id: UUID, wish: Wish, quantity: int, mode: str, actor: Actor) -> Claim:
    require(actor, "wish.claim", region_path=wish.region.path)
    if mode not in Claim.Mode.values:
        raise Refused("mode_unknown", "请选择认领方式")
    if quantity <= 0:
        raise Refused("quantity_out_of_range", "认领数量须大于零")
    donor = Donor.objects.filter(pk=actor.id).first()
    if donor is None:
        raise Refused("denied", "请先登记为捐赠人")
    day = clock.today()
    with acting_as(SYSTEM):
        # Order of locks everywhere: donation, wish, claim, then what aid locks.
        locked = (
            Wish.objects.select_for_update(of=("self",), no_key=True)
            .select_related("project__brand", "organisation", "region")
            .get(pk=wish.pk)
        )
        _expire(locked)
        require_may_pay(locked.project, donor, day)
        _require_open(locked, quantity)
        need = locked.need
        amount_fen = quantity * locked.unit_price_fen
        promise = aid_promise(
            need=need,
            layer=Layer.INDIVIDUAL,
            organisation=locked.organisation,
            amount_fen=amount_fen,
            quantity=quantity if need.net_quantity is not None else 0,
            brand=locked.project.brand,
            source_reference=f"claim:{claim_id}",
            actor=SYSTEM,
        )
    minutes = lookup_number("wish.hold_minutes", region_chain=locked.region.chain, on=day)
    claim = Claim(
        id=claim_id,
        wish_id=locked.pk,
        donor_id=actor.id,
        organisation_id=locked.organisation_id,
        quantity=quantity,
        mode=mode,
        held_until=rules.held_until(timezone.now(), mode, minutes),
        promise=promise,
    )
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError as too_many:  # pragma: no cover - the wish's lock comes first
        raise _gone(locked) from too_many
    record("claim.made", claim, actor, region_id=locked.region_id, amount_fen=amount_fen)
    with acting_as(SYSTEM):
        locked.refresh_from_db(fields=["held_quantity"])
        if locked.open_quantity == 0:
            wish_move(locked, Wish.State.CLAIMED, SYSTEM, "wish.claimed")
    return claim


def require_may_pay(project: Project, donor: Donor, day: date) -> None:
    """Raise ``Refused`` unless this donor may be asked to pay into the project on a day."""
    if project.state != Project.State.OPEN or not project.opens_on <= day <= project.closes_on:
        raise Refused("project_not_open", "该项目目前不接受捐赠")
    public, reason = can_take_public_payment(project, day)
    if public:
        return
    bodies = {project.organisation_id, project.organisation.legal_body.pk}
    if not donor.member_of.filter(pk__in=bodies).exists():
        raise Refused("not_public", reason)


def _require_open(wish: Wish, quantity: int) -> None:
    if wish.state == Wish.State.PUBLISHED and wish.open_quantity >= quantity:
        return
    if wish.state == Wish.State.PUBLISHED and wish.open_quantity > 0:
        raise Refused(
            "quantity_out_of_range",
            f"该心愿只剩 {wish.open_quantity} 份可认领",
            open_quantity=wish.open_quantity,
        )
    if wish.published_at is None or wish.state == Wish.State.WITHDRAWN:
        raise Refused("not_published", "该心愿目前不可认领")
    raise _gone(wish)


def _gone(wish: Wish) -> Refused:
    other = next_like(wish)
    offer = f"，您可以认领另一个相近的心愿：{other.public_title}" if other else ""
    return Refused(
        "wish_taken",
        f"该心愿已被认领{offer}",
        code="O-02",
        next_wish_id=str(other.pk) if other else None,
        next_title=other.public_title if other else None,
    )


def _expire(wish: Wish) -> int:
    """End the overdue holds on a locked wish, as SYSTEM; return how many."""
    overdue = list(
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .filter(wish=wish, state=Claim.State.HELD, held_until__lt=Now())
        .order_by("id")
    )
    for claim in overdue:
        end_claim(claim, wish, Claim.State.EXPIRED, "claim.expired", "认领到期未支付", SYSTEM)
    return len(overdue)


def end_claim(
    claim: Claim, wish: Wish, state: Claim.State, verb: str, reason: str, actor: Actor
) -> None:
    """Give a held claim's quantity and promise back; wish and claim are locked, SYSTEM acts."""
    claim.state = state
    claim.save(update_fields=["state"])
    promise = claim.promise
    if promise is not None:
        aid_release(
            promise=promise,
            amount_fen=promise.amount_fen,
            quantity=promise.quantity,
            reason=reason,
            actor=SYSTEM,
        )
    record(verb, claim, actor, region_id=wish.region_id)
    wish.refresh_from_db(fields=["held_quantity"])
    if wish.state == Wish.State.CLAIMED:
        wish_move(wish, Wish.State.PUBLISHED, SYSTEM, "wish.claim_ended")


def claims_expire(*, limit: int = 500, actor: Actor = SYSTEM) -> int:
    """Queue the end of overdue holds, a task for each wish; return how many were queued.

    In one transaction a hold that cannot end would keep the others, and their families' locks
    would come in no order.
    """
    with acting_as(actor):
        wishes = list(
            Claim.objects.filter(state=Claim.State.HELD, held_until__lt=Now())
            .order_by("wish_id")
            .values_list("wish_id", flat=True)
            .distinct()[:limit]
        )
    return enqueue_missing(
        "claims.expire_of_wish", [{"wish": str(key)} for key in wishes], actor=actor
    )


def claims_expire_of_wish(*, wish: UUID, actor: Actor = SYSTEM) -> int:
    """End the overdue holds on one wish; return how many ended."""
    with acting_as(actor):
        locked = Wish.objects.select_for_update(of=("self",), no_key=True).get(pk=wish)
        return _expire(locked)


@transaction.atomic
def claim_cancel(*, claim: Claim, actor: Actor) -> Claim:
    """The donor gives his hold back before paying."""
    if claim.donor_id != actor.id:
        raise Refused("denied", "只能取消自己的认领")
    with acting_as(SYSTEM):
        wish = Wish.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.wish_id)
        held = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.pk)
        if held.state != Claim.State.HELD:
            raise Refused("wrong_state", f"该认领{held.get_state_display()}，不能取消")
        end_claim(held, wish, Claim.State.CANCELLED, "claim.cancelled", "捐赠人取消认领", actor)
    return held
