"""The demo's micro-wishes: drafted, screened, verified, published, claimed, paid, delivered."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from accounts.models import User
from aid.selectors import residuals
from audit.acting import acting_as
from config.demo.bodies import CHARITY, COUNTY, FEDERATION, OTHER_COUNTY
from config.demo.loopback import loopback, press_pay, until
from config.demo.offers import demo_actor
from donors.models import CharityAccount, Donation, Donor
from donors.selectors import trace_of
from donors.services import claim_make, delivery_record, donation_checkout
from households.models import Need, Purpose
from households.services import consent_record
from kernel import clock
from kernel.access import SYSTEM
from kernel.ids import named_id
from organisations.models import Organisation
from projects.models import Project, Wish
from projects.services import (
    outcome_record,
    wish_draft,
    wish_publish,
    wish_screen,
    wish_verify,
)

#: Wishes left at each stage, for whoever tries the demo; a small city fills the first ones first.
DELIVERED, FUNDED, CLAIMED, PUBLISHED, SCREENED, DRAFTED = 3, 1, 1, 9, 2, 3
OFFICERS = {COUNTY: "xian", OTHER_COUNTY: "yunxiao"}
TITLES = ("一只新书包", "一套学习文具", "一盏护眼台灯", "一双运动鞋")
STORY = "孩子下学期要用，盼着早点收到。"


@dataclass
class Given:
    """What became of the wishes, in counts and fen."""

    drafted: int = 0
    published: int = 0
    claimed: int = 0
    paid_fen: int = 0
    delivered: int = 0
    trace: list[str] = field(default_factory=list)


def giving_prepare() -> None:
    """Give the charities their own accounts at the provider, and the demo's donor his record."""
    with acting_as(SYSTEM):
        for organisation in (CHARITY, FEDERATION):
            CharityAccount.objects.get_or_create(
                organisation_id=organisation,
                provider="paysim",
                defaults={
                    "id": named_id(f"demo:account:{organisation}"),
                    "account": f"acct_{organisation.hex[:16]}",
                },
            )
        Donor.objects.get_or_create(user=User.objects.get(username="juanzeng"))


def wishes_grant() -> Given:
    """Walk the wishes through their stages, each step by the person whose it is."""
    given = Given()
    needs = _needs(DELIVERED + FUNDED + CLAIMED + PUBLISHED + SCREENED + DRAFTED)
    wishes = [_draft(need, number) for number, need in enumerate(needs)]
    given.drafted = len(wishes)
    for wish in wishes[: DELIVERED + FUNDED + CLAIMED + PUBLISHED + SCREENED]:
        _screen(wish)
    published = wishes[: DELIVERED + FUNDED + CLAIMED + PUBLISHED]
    for wish in published:
        _publish(wish)
    given.published = len(published)
    paid = published[: DELIVERED + FUNDED]
    donations = []
    with loopback():
        for wish in paid:
            donation = _pay(wish)
            donations.append(donation)
            given.paid_fen += donation.amount_fen
    for wish in paid[:DELIVERED]:
        _deliver(wish)
    given.delivered = len(paid[:DELIVERED])
    for wish in published[len(paid) : len(paid) + CLAIMED]:
        with acting_as(demo_actor("juanzeng")) as donor:
            claim_make(wish=wish, quantity=1, actor=donor)
    given.claimed = len(published[: len(paid) + CLAIMED])
    if donations:
        with acting_as(demo_actor("juanzeng")) as donor:
            given.trace = [step.title for step in trace_of(donation=donations[0], actor=donor)]
    return given


def _needs(count: int) -> list[Need]:
    """Needs of the two demo counties, whose families agree on a visit that the charity knows."""
    charity = Organisation.objects.get(pk=CHARITY)
    found: list[Need] = []
    for county, officer_name in OFFICERS.items():
        with acting_as(demo_actor(officer_name)) as officer:
            needs = list(
                Need.objects.filter(
                    region__path__contains=f"/{county}/",
                    purpose=Purpose.EDUCATION_ITEM,
                    state=Need.State.OPEN,
                    net_fen__gte=5_000,
                )
                .select_related("household", "region", "person")
                .order_by("id")
            )
            left = residuals([need.id for need in needs])
            for need in needs:
                if (left[need.id] or 0) < (need.net_fen or 0) or len(found) == count:
                    continue
                consent_record(
                    household=need.household,
                    organisation=charity,
                    scope="微心愿帮扶",
                    valid_until=clock.today() + timedelta(days=365),
                    evidence="走访时签字",
                    actor=officer,
                )
                found.append(need)
    return found


def _draft(need: Need, number: int) -> Wish:
    project = Project.objects.get(organisation_id=CHARITY, purpose=Purpose.EDUCATION_ITEM)
    with acting_as(demo_actor("shuixian")) as officer:
        return wish_draft(
            project=project,
            need=need,
            item=TITLES[number % len(TITLES)],
            quantity=1,
            unit_price_fen=min(need.net_fen or 0, project.max_grant_fen),
            public_title=TITLES[number % len(TITLES)],
            public_story=STORY,
            actor=officer,
        )


def _screen(wish: Wish) -> None:
    with acting_as(demo_actor(_officer_of(wish))) as officer:
        wish_screen(
            wish=wish,
            public_title=wish.public_title,
            public_story=wish.public_story,
            actor=officer,
        )


def _publish(wish: Wish) -> None:
    with acting_as(demo_actor(_officer_of(wish))) as officer:
        wish_verify(wish=wish, actor=officer)
    with acting_as(demo_actor("shuixian")) as poster:
        wish_publish(wish=wish, actor=poster)


def _officer_of(wish: Wish) -> str:
    return next(name for county, name in OFFICERS.items() if wish.region_id.startswith(county))


def _pay(wish: Wish) -> Donation:
    with acting_as(demo_actor("juanzeng")) as donor:
        claim = claim_make(wish=wish, quantity=1, actor=donor)
        donation = donation_checkout(claim=claim, actor=donor)
    press_pay(donation.checkout_url)
    until(lambda: _state(donation.pk) != Donation.State.PLEDGED)
    with acting_as(SYSTEM):
        return Donation.objects.get(pk=donation.pk)


def _state(donation: UUID) -> str:
    with acting_as(SYSTEM):
        return Donation.objects.values_list("state", flat=True).get(pk=donation)


def _deliver(wish: Wish) -> None:
    with acting_as(demo_actor("shuixian")) as officer:
        delivery_record(
            wish=wish,
            delivered_on=clock.today(),
            quantity=wish.quantity,
            actual_cost_fen=wish.price_fen * 9 // 10,
            receipt=f"签收单-{str(wish.pk)[-6:]}",
            actor=officer,
        )
        outcome_record(
            wish=wish,
            observed_on=clock.today(),
            public_text="孩子已经用上了，家里很感谢。",
            actor=officer,
        )
