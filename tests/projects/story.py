"""The cast of the projects' and donors' tests: a charity, its officers, a household with a need."""

from datetime import date, timedelta

from aid.models import Brand
from audit.acting import acting_as
from households.models import Household, Purpose
from kernel import clock
from kernel.access import Actor, Role
from organisations.models import Organisation
from projects.models import Project, Wish
from projects.services import (
    project_create,
    project_decide,
    project_file,
    project_open,
    wish_draft,
    wish_publish,
    wish_screen,
    wish_verify,
)
from tests import make


def brand() -> Brand:
    """The first of the nine, or one for the test where they are not loaded."""
    return Brand.objects.order_by("position").first() or Brand.objects.create(
        position=1, code="test", name="测试品牌", purpose="education_item", target="学生"
    )


def draft_project(charity: Organisation, officer: Actor, **values: object) -> Project:
    today = clock.today()
    given: dict[str, object] = {
        "brand": brand(),
        "organisation": charity,
        "region": make.region(make.CITY),
        "name": "爱心书包",
        "purpose": Purpose.EDUCATION_ITEM.value,
        "budget_fen": 10_000_000,
        "household_quota": 100,
        "max_grant_fen": 200_000,
        "opens_on": today,
        "closes_on": today + timedelta(days=300),
        **values,
    }
    with acting_as(officer):
        return project_create(**given, actor=officer)  # type: ignore[arg-type]


def opened_project(charity: Organisation, officer: Actor) -> Project:
    project = draft_project(charity, officer)
    with acting_as(officer):
        project_decide(project=project, actor=officer)
        project_file(
            project=project,
            filing_number="测试备案1",
            platform_link="https://gongyi.example/1",
            filed_on=clock.today() - timedelta(days=10),
            actor=officer,
        )
        return project_open(project=project, actor=officer)


class Story:
    """A charity with an open project, a consenting household with a need, and its officers."""

    def __init__(self) -> None:
        self.charity = make.charity()
        self.officer = make.actor(Role.CHARITY_OFFICER, organisation=self.charity)
        self.township = make.actor(Role.TOWNSHIP_OFFICER)
        self.county = make.actor(Role.COUNTY_OFFICER)
        self.project = opened_project(self.charity, self.officer)
        self.household: Household = make.household()
        self.child = make.person(self.household, name="甄试例", born_on=date(2017, 5, 1))
        self.need = make.need(
            self.household, of_person=self.child, purpose=self.project.purpose, net_fen=30_000
        )
        make.consent(self.household, self.charity)

    def drafted(self, **values: object) -> Wish:
        given: dict[str, object] = {
            "item": "书包",
            "unit_price_fen": 20_000,
            "public_title": "一个书包",
            "public_story": "开学想有一个新书包",
            **values,
        }
        with acting_as(self.township):
            return wish_draft(project=self.project, need=self.need, actor=self.township, **given)  # type: ignore[arg-type]

    def verified(self) -> Wish:
        wish = self.drafted()
        with acting_as(self.township):
            wish_screen(wish=wish, actor=self.township)
        with acting_as(self.county):
            return wish_verify(wish=wish, actor=self.county)

    def published(self) -> Wish:
        wish = self.verified()
        with acting_as(self.officer):
            return wish_publish(wish=wish, actor=self.officer)
