"""Rows that GraphQL tests read: projects, runs and proposals."""

from datetime import date
from typing import Any

from django.utils import timezone

from aid.models import Brand
from audit.acting import acting_as
from exchange.models import Batch, BatchRow
from households.models import Household, Need
from jobs.models import Job
from kernel.access import SYSTEM
from kernel.ids import new_id
from matching.models import Proposal, Run
from meetings.models import Meeting, Pack
from organisations.models import Organisation
from projects.models import Project, Wish
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


def meeting(code: str = make.COUNTY) -> Meeting:
    """A planned meeting with one pack."""
    with acting_as(SYSTEM):
        planned = Meeting.objects.create(
            region=make.region(code), title="联席会议", planned_on=make.START, created_by=new_id()
        )
        numbers = {
            "stock": {"households": 2, "persons": 3, "categories": []},
            "money": {"total_fen": 5, "layers": [{"code": "charity", "label": "慈善", "fen": 5}]},
            "new_cases": {"recognitions": [{"persons": 4}], "needs": 1},
            "prevented": {"count": 1, "fen": 7},
            "gaps": {"count": 2, "places": [{"label": "芗城区", "count": 2}]},
            "wishes": [{"code": "published", "label": "已发布", "count": 1}],
        }
        Pack.objects.create(
            meeting=planned,
            region=planned.region,
            as_of=make.START,
            known_at=timezone.now(),
            snapshot={"numbers": numbers},
            digests={"pdf": "0" * 64},
            created_by=new_id(),
        )
        return planned


def wish(
    of: Project | None = None, *, code: str = make.VILLAGE, consented: bool = False, **values: Any
) -> Wish:
    """A drafted wish of a family with one member."""
    paying = of or project()
    home = make.household(code)
    need = make.need(home, of_person=make.person(home, name="测试心愿人"))
    if consented:
        make.consent(home, paying.organisation)
    with acting_as(SYSTEM):
        return Wish.objects.create(
            **{
                "project": paying,
                "need": need,
                "organisation": paying.organisation,
                "region": need.region,
                "item": "轮椅",
                "quantity": 2,
                "unit_price_fen": 30_000,
                "public_title": "一把轮椅",
                "public_story": "出行不便，需要一把轮椅",
                "public_region": "芗城区",
                "age_band": "60岁以上",
                "drafted_by": new_id(),
                **values,
            }
        )


def published(of: Project | None = None, **values: Any) -> Wish:
    """A wish that donors see."""
    return wish(
        of,
        **{
            "state": Wish.State.PUBLISHED,
            "screened_by": new_id(),
            "verified_by": new_id(),
            "published_at": timezone.now(),
            **values,
        },
    )


def batch(code: str = make.COUNTY, sender: Organisation | None = None, bad: int = 0) -> Batch:
    """A validated batch with some bad rows of one error each."""
    with acting_as(SYSTEM):
        made = Batch.objects.create(
            sender=sender or make.charity(code=code),
            region=make.region(code),
            kind="households",
            number=str(new_id())[:20],
            file_name="名单.xlsx",
            file_digest="0" * 64,
            state=Batch.State.VALIDATED,
            total_count=bad + 1,
            good_count=1,
            bad_count=bad,
            created_by=new_id(),
        )
        BatchRow.objects.bulk_create(
            BatchRow(
                batch=made,
                row_number=number,
                sealed=b"",
                fingerprint=str(number),
                errors=[{"row": number, "column": "姓名", "reason": "为空", "mend": "请填写"}],
            )
            for number in range(2, bad + 2)
        )
        return made


def job(code: str = make.COUNTY) -> Job:
    """A job that somebody else started."""
    with acting_as(SYSTEM):
        return Job.objects.create(
            kind="match_run", title="匹配", created_by=new_id(), region_id=code
        )
