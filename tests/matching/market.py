"""Projects, needs and officers for runs."""

from datetime import timedelta
from typing import Any

from psycopg.types.range import DateRange

from aid.models import AidEntry, Brand, Layer
from aid.services import aid_promise
from audit.acting import acting_as
from households.models import Category, Household, Need, Recognition
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.ids import new_id
from matching.models import Proposal, Run
from matching.services import run_make
from organisations.models import Organisation
from projects.models import Project
from tests import make


def project(organisation: Organisation | None = None, **values: Any) -> Project:
    """An open city-wide medical project for everyone, 1,000 yuan a need."""
    today = clock.today()
    given = {
        "brand": Brand.objects.order_by("position")[0],
        "organisation": organisation or make.charity(),
        "region": make.region(make.CITY),
        "name": "爱心助医",
        "purpose": "medical",
        "budget_fen": 10_000_000,
        "household_quota": 100,
        "max_grant_fen": 100_000,
        "opens_on": today - timedelta(days=10),
        "closes_on": today + timedelta(days=300),
        "state": Project.State.OPEN,
        "created_by": new_id(),
        **values,
    }
    with acting_as(SYSTEM):
        return Project.objects.create(**given)


def recognise(household: Household, category: Category, *, ended: bool = False) -> None:
    """Give a household a category in force today, or one that ended last year."""
    person = make.person(household)
    end = make.START if ended else None
    with acting_as(SYSTEM):
        Recognition.objects.create(
            person=person,
            household=household,
            region=household.region,
            category=category,
            period=DateRange(make.START.replace(year=2024), end),
        )


def run(code: str = make.COUNTY, *, actor: Actor | None = None, **values: Any) -> Run:
    """A run by an officer who decides nothing in these tests."""
    who = actor or make.actor(Role.COUNTY_OFFICER, code)
    with acting_as(who):
        return run_make(region=make.region(code), iterations=8, actor=who, **values)


def proposals(state: str = Proposal.State.PROPOSED) -> list[Proposal]:
    """Proposals in a state, by need and project."""
    with acting_as(SYSTEM):
        return list(
            Proposal.objects.filter(state=state)
            .select_related("need", "project")
            .order_by("need_id", "project_id")
        )


def proposal(net_fen: int = 100_000, **values: Any) -> Proposal:
    """One proposal for one need."""
    project(**values)
    make.need(net_fen=net_fen)
    run()
    found = proposals()
    assert len(found) == 1
    return found[0]


def other_aid(need: Need, fen: int) -> AidEntry:
    """Aid that another charity promises meanwhile."""
    with acting_as(SYSTEM):
        return aid_promise(
            need=need,
            layer=Layer.CHARITY,
            organisation=make.charity(),
            amount_fen=fen,
            source_reference=f"other:{new_id()}",
            actor=SYSTEM,
        )
