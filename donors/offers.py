"""Whether a donor may claim, worked out for a whole page of wishes at once."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from donors.models import Claim, Donor
from donors.selectors import claims_of
from kernel.access import PERMISSIONS, Actor
from organisations.selectors import certificate_numbers
from projects import rules
from projects.models import Project, Wish


def claim_refusals(wishes: Iterable[Wish], actor: Actor, on: date) -> dict[UUID, str]:
    """Return, by wish, why the reader may not claim it, in Chinese; left out where he may.

    The wishes come with project and organisation loaded. ``claim_make`` decides; this only
    foretells it.
    """
    listed = list(wishes)
    is_donor = any(grant.role in PERMISSIONS["wish.claim"] for grant in actor.grants)
    donor = Donor.objects.filter(pk=actor.id).first() if is_donor else None
    if donor is None:
        why = "请用捐赠人账号登录后认领" if actor.grants else "请先登录"
        return {wish.pk: why for wish in listed}
    member_of = set(donor.member_of.values_list("pk", flat=True))
    numbers = certificate_numbers((wish.organisation for wish in listed), on)
    refusals = {wish.pk: _refusal(wish, numbers, member_of, on) for wish in listed}
    return {wish: why for wish, why in refusals.items() if why}


def _refusal(wish: Wish, numbers: dict[UUID, str], member_of: set[UUID], on: date) -> str:
    project, body = wish.project, wish.organisation
    if wish.state != Wish.State.PUBLISHED or wish.open_quantity <= 0:
        return "该心愿已被认领" if wish.state != Wish.State.WITHDRAWN else "该心愿目前不可认领"
    if project.state != Project.State.OPEN or not project.opens_on <= on <= project.closes_on:
        return "该项目目前不接受捐赠"
    is_public, reason = rules.public_payment(
        has_certificate=body.pk in numbers,
        filing_number=project.filing_number,
        platform_link=project.platform_link,
    )
    return "" if is_public or member_of & {body.pk, body.legal_body.pk} else reason


def holds_on(wishes: Iterable[Wish], actor: Actor) -> dict[UUID, Claim]:
    """Return the reader's own unpaid holds by wish."""
    return {
        claim.wish_id: claim
        for claim in Claim.objects.filter(
            wish_id__in=[wish.pk for wish in wishes], donor_id=actor.id, state=Claim.State.HELD
        )
        .select_related("wish")
        .prefetch_related("donations__wish", "donations__organisation")
        .order_by("created_at")
    }


def claims_in_full(actor: Actor) -> QuerySet[Claim]:
    """The donor's own claims with their donations, newest first."""
    return claims_of(actor).prefetch_related("donations__wish", "donations__organisation")
