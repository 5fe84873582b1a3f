"""Writing projects and micro-wishes up to their publication, and their outcome."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from aid.models import Brand
from audit.acting import acting_as
from audit.services import record
from households.models import Consent, Household, Need, Person
from kernel import clock
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused, wrong_value
from kernel.money import yuan
from organisations.models import Organisation
from organisations.selectors import certificate_of
from projects import rules
from projects.models import Project, Wish, WishOutcome
from regions.models import Region
from regions.selectors import county_of


@transaction.atomic
def project_create(
    *,
    brand: Brand,
    organisation: Organisation,
    region: Region,
    name: str,
    purpose: str,
    budget_fen: int,
    household_quota: int,
    max_grant_fen: int,
    min_grant_fen: int = 0,
    opens_on: date,
    closes_on: date,
    categories: Collection[str] = (),
    is_exclusive: bool = False,
    actor: Actor,
) -> Project:
    """Draft a project of a charity under a brand; raises ``Refused`` for values out of order."""
    require(actor, "project.edit", region_path=region.path, organisation_id=organisation.pk)
    if not name.strip():
        raise wrong_value("name_missing", "请填写项目名称", "name")
    if closes_on < opens_on:
        raise wrong_value("period_reversed", "结束日期不能早于开始日期", "closes_on")
    if budget_fen <= 0:
        raise wrong_value("amount_out_of_order", "预算须大于零", "budget_fen")
    if max_grant_fen <= 0:
        raise wrong_value("amount_out_of_order", "单笔上限须大于零", "max_grant_fen")
    if not 0 <= min_grant_fen <= max_grant_fen:
        text = "单笔下限不能小于零，也不能高于上限"
        raise wrong_value("amount_out_of_order", text, "min_grant_fen")
    if household_quota <= 0:
        raise wrong_value("quota_missing", "户数上限须大于零", "household_quota")
    project = Project.objects.create(
        brand=brand,
        organisation=organisation,
        region=region,
        name=name.strip(),
        purpose=purpose,
        categories=list(categories),
        budget_fen=budget_fen,
        household_quota=household_quota,
        min_grant_fen=min_grant_fen,
        max_grant_fen=max_grant_fen,
        is_exclusive=is_exclusive,
        opens_on=opens_on,
        closes_on=closes_on,
        created_by=actor.id,
    )
    record("project.created", project, actor, name=project.name, budget_fen=budget_fen)
    return project


def _project_move(
    project: Project, to: Project.State, actor: Actor, verb: str, **values: Any
) -> Project:
    """Lock, check the table and the permission, change, record."""
    locked = Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()
    if locked is None:
        raise Refused("not_found", "未找到该项目，或不属于您的机构")
    permission = rules.require_move(
        rules.PROJECT_MOVES, locked.state, to, noun="项目", label=locked.get_state_display()
    )
    require(
        actor,
        permission,
        region_path=locked.region.path,
        organisation_id=locked.organisation_id,
    )
    before, locked.state = locked.state, to
    for field, value in values.items():
        setattr(locked, field, value)
    locked.save(update_fields=["state", *values])
    record(verb, locked, actor, before=before, after=str(to), **_json(values))
    return locked


def _json(values: dict[str, Any]) -> dict[str, Any]:
    return {key: str(value) for key, value in values.items()}


@transaction.atomic
def project_decide(*, project: Project, actor: Actor) -> Project:
    """Record that the charity's own bodies decided on the project."""
    return _project_move(project, Project.State.DECIDED, actor, "project.decided")


@transaction.atomic
def project_file(
    *,
    project: Project,
    filing_number: str,
    platform_link: str,
    filed_on: date | None = None,
    actor: Actor,
) -> Project:
    """Record the filed plan of a public appeal (filed today unless told otherwise).

    Raises ``Refused`` without a certificate in force, filed late, or running over three years.
    """
    day = filed_on or clock.today()
    if not filing_number.strip() or not platform_link.strip():
        raise wrong_value(
            "filing_incomplete",
            "请填写募捐方案备案号和指定平台链接",
            *(["filing_number"] if not filing_number.strip() else []),
            *(["platform_link"] if not platform_link.strip() else []),
        )
    if not platform_link.startswith("https://"):
        raise wrong_value("link_unreadable", "指定平台链接须以 https:// 开头", "platform_link")
    if certificate_of(project.organisation, clock.today()) is None:
        raise Refused("no_certificate", "该机构没有有效的公开募捐资格，不能备案公开募捐")
    rules.require_filing_in_time(
        filed_on=day, opens_on=project.opens_on, closes_on=project.closes_on
    )
    return _project_move(
        project,
        Project.State.FILED,
        actor,
        "project.filed",
        filing_number=filing_number.strip(),
        platform_link=platform_link.strip(),
        filed_on=day,
    )


@transaction.atomic
def project_open(*, project: Project, actor: Actor) -> Project:
    """Open the project: to everyone when it was filed, else to the charity's members."""
    return _project_move(project, Project.State.OPEN, actor, "project.opened")


@transaction.atomic
def project_end(*, project: Project, actor: Actor) -> Project:
    """End the project: nothing more is promised or claimed in it."""
    return _project_move(project, Project.State.ENDED, actor, "project.ended")


@transaction.atomic
def wish_draft(
    *,
    project: Project,
    need: Need,
    item: str,
    quantity: int = 1,
    unit_price_fen: int,
    public_title: str,
    public_story: str,
    actor: Actor,
) -> Wish:
    """Draft a wish for one need inside a project; region and age band are derived, not typed.

    Raises ``Refused``: ``purpose_differs`` (O-20), ``above_max_grant``, ``region_differs``,
    ``text_identifies`` and what ``require`` raises.
    """
    require(
        actor,
        "wish.draft",
        region_path=need.region.path,
        organisation_id=project.organisation_id,
    )
    if project.state == Project.State.ENDED:
        raise Refused("wrong_state", "该项目已结束，不能登记心愿")
    if not need.region.path.startswith(project.region.path):
        raise wrong_value("region_differs", "该家庭不在项目的实施范围内", "need_id")
    if need.purpose != project.purpose:
        raise wrong_value(
            "purpose_differs",
            f"项目用途为{project.get_purpose_display()}，与需求用途"
            f"{need.get_purpose_display()}不一致",
            "need_id",
            code="O-20",
        )
    if quantity <= 0:
        raise wrong_value("amount_out_of_order", "数量须大于零", "quantity")
    if unit_price_fen <= 0:
        raise wrong_value("amount_out_of_order", "单价须大于零", "unit_price_fen")
    if quantity * unit_price_fen > project.max_grant_fen:
        most = yuan(project.max_grant_fen)
        text = f"心愿总价超过项目单笔上限 {most} 元"
        raise wrong_value("above_max_grant", text, "unit_price_fen")
    _screen(need, item=item, public_title=public_title, public_story=public_story)
    with acting_as(SYSTEM):
        person = need.person
    wish = Wish.objects.create(
        project=project,
        need=need,
        organisation_id=project.organisation_id,
        region_id=need.region_id,
        item=item.strip(),
        quantity=quantity,
        unit_price_fen=unit_price_fen,
        public_title=public_title.strip(),
        public_story=public_story.strip(),
        public_region=county_of(need.region).name,
        age_band=rules.age_band(person.born_on if person else None, clock.today()),
        drafted_by=actor.id,
    )
    record("wish.drafted", wish, actor, item=wish.item, price_fen=wish.price_fen)
    return wish


def _screen(need: Need, **texts: str) -> None:
    """Hold public texts, by field, against all members and their places: the system's to see."""
    with acting_as(SYSTEM):
        names = list(
            Person.objects.filter(memberships__household_id=need.household_id)
            .values_list("name", flat=True)
            .distinct()
        )
        region = need.region
        above = Region.objects.filter(
            pk__in=[code for code in region.path.split("/") if code],
            level__in=[Region.Level.TOWNSHIP, Region.Level.VILLAGE],
        )
        county = county_of(region)
        schools = Organisation.objects.filter(
            kind=Organisation.Kind.SCHOOL, region__path__startswith=county.path
        )
        places = rules.place_words([r.name for r in above], county=county.name) | {
            school.name for school in schools
        }
    for field, text in texts.items():
        rules.screen_text(text, names=names, places=places, field=field)


def screen_public_text(wish: Wish, **texts: str) -> None:
    """Raise ``Refused("text_identifies")`` when a text, given by field, may lead to the family."""
    with acting_as(SYSTEM):
        need = wish.need
    _screen(need, **texts)


def locked_wish(wish: Wish) -> Wish:
    """Lock and return the row as it is now; raises ``Refused`` when the actor does not see it."""
    locked = Wish.objects.select_for_update(of=("self",), no_key=True).filter(pk=wish.pk).first()
    if locked is None:
        raise Refused("not_found", "未找到该心愿，或不在您的辖区内")
    return locked


def wish_move(wish: Wish, to: Wish.State, actor: Actor, verb: str, **values: Any) -> Wish:
    """Move a locked wish along the table, checking who may, and record it."""
    permission = rules.require_move(
        rules.WISH_MOVES, wish.state, to, noun="心愿", label=wish.get_state_display()
    )
    if permission != rules.BY_SYSTEM:
        require(
            actor,
            permission,
            region_path=wish.region.path,
            organisation_id=wish.organisation_id,
        )
    elif actor != SYSTEM:
        raise Refused("denied", "此状态由系统根据认领和到账情况变更")
    before, wish.state = wish.state, to
    for field, value in values.items():
        setattr(wish, field, value)
    wish.save(update_fields=["state", *values])
    record(verb, wish, actor, before=before, after=str(to))
    return wish


@transaction.atomic
def wish_screen(
    *, wish: Wish, public_title: str = "", public_story: str = "", actor: Actor
) -> Wish:
    """First check by the township; it may reword the public texts, which are screened again."""
    locked = locked_wish(wish)
    title = public_title.strip() or locked.public_title
    story = public_story.strip() or locked.public_story
    screen_public_text(locked, item=locked.item, public_title=title, public_story=story)
    return wish_move(
        locked,
        Wish.State.SCREENED,
        actor,
        "wish.screened",
        screened_by=actor.id,
        public_title=title,
        public_story=story,
    )


@transaction.atomic
def wish_verify(*, wish: Wish, actor: Actor) -> Wish:
    """Civil affairs confirms the wish; never whoever drafted it."""
    locked = locked_wish(wish)
    if actor.id == locked.drafted_by:
        raise Refused("same_person", "登记人不能核实自己登记的心愿")
    return wish_move(locked, Wish.State.VERIFIED, actor, "wish.verified", verified_by=actor.id)


@transaction.atomic
def wish_publish(*, wish: Wish, actor: Actor) -> Wish:
    """Show the wish to donors, masked. Needs an open project and the household's consent.

    Raises ``Refused``: ``project_not_open``, ``no_consent``, ``text_identifies``.
    """
    locked = locked_wish(wish)
    if locked.project.state != Project.State.OPEN:
        raise Refused("project_not_open", "项目尚未开放，不能发布心愿")
    if not _consented(locked):
        raise Refused("no_consent", "该家庭没有对本机构的有效知情同意，不能发布心愿")
    screen_public_text(
        locked,
        item=locked.item,
        public_title=locked.public_title,
        public_story=locked.public_story,
    )
    return wish_move(
        locked, Wish.State.PUBLISHED, actor, "wish.published", published_at=timezone.now()
    )


def _consented(wish: Wish) -> bool:
    day = clock.today()
    with acting_as(SYSTEM):
        return Consent.objects.filter(
            Q(organisation_id=wish.organisation_id)
            | Q(organisation_id=wish.organisation.legal_body.pk),
            household=Household.objects.get(needs=wish.need_id),
            withdrawn_on=None,
            given_on__lte=day,
            valid_until__gte=day,
        ).exists()


@transaction.atomic
def wish_withdraw(*, wish: Wish, reason: str, actor: Actor) -> Wish:
    """Take the wish back before it is paid; money that still comes goes as the terms say.

    Raises ``Refused("wrong_state")`` when a part is paid: that money would stay with no use.
    """
    if not reason.strip():
        raise wrong_value("reason_missing", "请填写撤回原因", "reason")
    locked = locked_wish(wish)
    with acting_as(SYSTEM):  # its claims, for whose payments the wish's lock is taken first
        is_paid = locked.claims.filter(state="paid").exists()
    if is_paid and locked.state in (Wish.State.PUBLISHED, Wish.State.CLAIMED):
        raise Refused("wrong_state", "该心愿已有捐款到账，不能撤回；其余部分认领完后请送达")
    locked = wish_move(locked, Wish.State.WITHDRAWN, actor, "wish.withdrawn")
    record("wish.withdrawal_explained", locked, actor, reason=reason.strip())
    return locked


@transaction.atomic
def outcome_record(
    *, wish: Wish, public_text: str, observed_on: date | None = None, actor: Actor
) -> WishOutcome:
    """Record what became of a delivered wish, in words that identify nobody."""
    locked = locked_wish(wish)
    if not public_text.strip():
        raise wrong_value("text_missing", "请填写回访情况", "public_text")
    screen_public_text(locked, public_text=public_text)
    wish_move(locked, Wish.State.OUTCOME, actor, "wish.outcome_recorded")
    return WishOutcome.objects.create(
        wish=locked,
        organisation_id=locked.organisation_id,
        region_id=locked.region_id,
        observed_on=observed_on or clock.today(),
        public_text=public_text.strip(),
        recorded_by=actor.id,
    )


@transaction.atomic
def wish_close(*, wish: Wish, actor: Actor) -> Wish:
    """Close a wish whose outcome is known."""
    return wish_move(locked_wish(wish), Wish.State.CLOSED, actor, "wish.closed")
