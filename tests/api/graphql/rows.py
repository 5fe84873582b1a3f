"""Rows that GraphQL tests read: projects, runs and proposals."""

from datetime import date
from typing import Any

from aid.models import Brand
from audit.acting import acting_as
from households.models import Household, Need
from kernel.access import SYSTEM
from kernel.ids import new_id
from matching.models import Proposal, Run
from organisations.models import Organisation
from projects.models import Project
from tests import make


def project(of: Organisation | None = None, **values: Any) -> Project:
    """An open project of a charity over the whole city, for medical needs."""
    body = of or make.charity()
    with acting_as(SYSTEM):
        return Project.objects.create(
            **{
                "brand": Brand.objects.order_by("position")[0],
                "organisation": body,
                "region": make.region(make.CITY),
                "name": "测试助医项目",
                "purpose": "medical",
                "budget_fen": 100_000_000,
                "household_quota": 1000,
                "max_grant_fen": 5_000_000,
                "opens_on": date(2026, 1, 1),
                "closes_on": date(2027, 12, 31),
                "state": Project.State.OPEN,
                "created_by": SYSTEM.id,
                **values,
            }
        )


def run(code: str = make.COUNTY) -> Run:
    """A run of a county that somebody else made."""
    with acting_as(SYSTEM):
        return Run.objects.create(
            region=make.region(code),
            input_hash="0" * 64,
            engine_version="1",
            certificate={
                "value": 90.0,
                "bound": 100.0,
                "ratio": 0.9,
                "violations": 0,
                "tiers": [{"tier": 0, "value": 90.0, "bound": 100.0, "ratio": 0.9}],
            },
            created_by=new_id(),
        )


def proposal(
    of: Need | None = None,
    *,
    of_run: Run | None = None,
    of_project: Project | None = None,
    fen: int = 50_000,
    home: Household | None = None,
    code: str = make.VILLAGE,
    **values: Any,
) -> Proposal:
    """A proposal of 500 yuan for a need of 1,000 yuan in a family with one member."""
    if of is None:
        home = home or make.household(code)
        make.person(home, name="测试户主")
        of = make.need(home)
    paying = of_project or project()
    made_by = of_run or run()
    with acting_as(SYSTEM):
        return Proposal.objects.create(
            run=made_by,
            need=of,
            household=of.household,
            project=paying,
            organisation=paying.organisation,
            region=of.region,
            granted_fen=fen,
            explanation={
                "summary": "尚缺 1000 元，可补 500 元",
                "value": 90.0,
                "surplus": 10.0,
                "terms": [
                    {"code": "priority", "label": "解决的缺口", "value": 1, "share": 1, "note": ""}
                ],
                "next_best": {"project_id": "x", "project_name": "次选", "margin": 3.5},
            },
            proposed_by=made_by.created_by,
            **values,
        )
