"""The demo's projects under the brands, posted by the people who run them."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounts.models import User
from accounts.selectors import actor_of
from aid.models import Brand
from aid.reference import brand_id
from audit.acting import acting_as
from config.demo.bodies import CHARITY, CHARITY_WITHOUT_CERTIFICATE, COUNTY, FEDERATION, UNION
from households.models import Category, Purpose
from kernel.access import Actor
from organisations.models import Organisation
from organisations.reference import organisation_id
from projects.models import Project
from projects.services import project_create, project_decide, project_file, project_open
from regions.models import Region
from regions.reference import ROOT


@dataclass(frozen=True)
class Offer:
    """A project: who posts it, under which brand, for what and within which limits (yuan)."""

    name: str
    brand: str
    organisation: UUID
    poster: str
    purpose: Purpose
    budget: int
    quota: int
    smallest: int
    largest: int
    categories: tuple[str, ...] = ()
    region: str = ROOT
    exclusive: bool = False
    filed: bool = False


_C, _P = Category, Purpose
_LEAGUE, _RED_CROSS = organisation_id("youth_league"), organisation_id("red_cross")
_DISABLED = organisation_id("disabled_federation")

OFFERS = [
    Offer("大病救助专项", "charity_sunshine", FEDERATION, "cishan", _P.MEDICAL,
          2_400_000, 420, 500, 10_000, filed=True),
    Offer("生活暖心专项", "charity_sunshine", FEDERATION, "cishan", _P.LIVING,
          900_000, 420, 300, 3_000, filed=True),
    Offer("安居修缮专项", "charity_sunshine", FEDERATION, "cishan", _P.HOUSING_BUILD,
          1_500_000, 60, 2_000, 40_000, filed=True),
    Offer("受灾家庭专项", "charity_sunshine", FEDERATION, "cishan", _P.DISASTER,
          80_000, 40, 300, 5_000),
    Offer("特困老人医疗帮扶", "elderly_orphans", FEDERATION, "cishan", _P.MEDICAL,
          300_000, 60, 500, 6_000, (_C.TEKUN,)),
    Offer("希望工程助学", "hope_schooling", _LEAGUE, "tuan", _P.EDUCATION_FEE,
          600_000, 200, 1_000, 4_000, (_C.DIBAO, _C.DIBAO_EDGE)),
    Offer("金秋助学", "golden_autumn", UNION, "gonghui", _P.EDUCATION_FEE,
          500_000, 150, 1_000, 5_000, exclusive=True),
    Offer("困难职工节日慰问", "workers_visit", UNION, "gonghui", _P.FESTIVAL,
          60_000, 80, 300, 800, (_C.WORKER_IN_DIFFICULTY,)),
    Offer("博爱送万家", "fraternity_homes", _RED_CROSS, "hongshi", _P.FESTIVAL,
          260_000, 400, 300, 800),
    Offer("康复训练资助", "disabled_graduates_fair", _DISABLED, "canlian", _P.REHABILITATION,
          1_200_000, 110, 1_000, 12_000, (_C.DISABLED,)),
    Offer("水仙大病补充", "charity_sunshine", CHARITY, "shuixian", _P.MEDICAL,
          1_200_000, 160, 1_000, 12_000, filed=True),
    Offer("爱心书包", "wish_schoolbag", CHARITY, "shuixian", _P.EDUCATION_ITEM,
          60_000, 200, 50, 600, filed=True),
    Offer("邻里互助", "charity_sunshine", CHARITY_WITHOUT_CERTIFICATE, "linli", _P.LIVING,
          30_000, 40, 200, 1_000, region=COUNTY),
]  # fmt: skip


def demo_actor(username: str) -> Actor:
    """Return the actor of a demo log-in."""
    return actor_of(User.objects.get(username=username))


def offers_post(today: date) -> list[Project]:
    """Post, decide, file and open the demo's projects, each as the person who runs it."""
    return [_post(offer, position, today) for position, offer in enumerate(OFFERS, 1)]


def _post(offer: Offer, position: int, today: date) -> Project:
    poster = demo_actor(offer.poster)
    opens_on = date(today.year, 1, 1)
    with acting_as(poster):
        project = project_create(
            brand=Brand.objects.get(pk=brand_id(offer.brand)),
            organisation=Organisation.objects.get(pk=offer.organisation),
            region=Region.objects.get(pk=offer.region),
            name=offer.name,
            purpose=offer.purpose,
            categories=offer.categories,
            budget_fen=offer.budget * 100,
            household_quota=offer.quota,
            min_grant_fen=offer.smallest * 100,
            max_grant_fen=offer.largest * 100,
            is_exclusive=offer.exclusive,
            opens_on=opens_on,
            closes_on=date(today.year, 12, 31),
            actor=poster,
        )
        project = project_decide(project=project, actor=poster)
        if offer.filed:
            project = project_file(
                project=project,
                filing_number=f"示例备案-{today.year}-{position:03d}",
                platform_link=f"https://platform.example/{today.year}/{position}",
                filed_on=opens_on - timedelta(days=20),
                actor=poster,
            )
        return project_open(project=project, actor=poster)
