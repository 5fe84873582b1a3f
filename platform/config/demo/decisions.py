"""The demo's officers at work: a run, a partner's late report, approvals, refusals, payments."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from django.db.models import F

from aid.models import AidEntry, Layer
from aid.services import aid_pay, aid_promise, prevented_record
from audit.acting import acting_as
from config.demo.bodies import CHARITY, COUNTY, FEDERATION, UNION
from config.demo.offers import demo_actor
from documents.render_xlsx import render_tables
from documents.report import Cell, Column, Table
from exchange.models import Batch
from exchange.services import batch_apply, batch_receive
from households.models import Person
from households.services import person_read_id
from kernel import clock
from kernel.access import SYSTEM
from kernel.errors import Refused
from kernel.money import yuan
from matching.models import Proposal, Run
from matching.services import posts_of, proposal_approve, proposal_reject, run_make
from organisations.models import Organisation
from regions.models import Region
from regions.reference import ROOT

#: Left undecided in the demo county, so that its officers find work: new ones, and half-way ones.
LEFT_NEW, LEFT_IN_REVIEW = 24, 8
#: Needs of the plan that the union turns out to have paid already.
LATE_FACTS = 4
#: Posts of ``approval.steps`` and the demo's log-ins that hold them.
DECIDERS = {"county_officer": "xian", "county_reviewer": "fuhe", "city_officer": "shi"}


@dataclass
class Decided:
    """What the officers did, in counts and fen."""

    approved: int = 0
    approved_fen: int = 0
    in_review: int = 0
    rejected: int = 0
    held: int = 0


def plan_make(seed: int) -> Run:
    """Match the whole city as the nightly run does, so that any officer may decide."""
    with acting_as(SYSTEM):
        return run_make(region=Region.objects.get(pk=ROOT), seed=seed, actor=SYSTEM)


def proposals_of_county() -> list[Proposal]:
    """Open proposals of the demo county, most urgent need first."""
    with acting_as(demo_actor("xian")):
        return list(
            Proposal.objects.filter(
                region__path__contains=f"/{COUNTY}/", state=Proposal.State.PROPOSED
            )
            .select_related("region", "need__person", "organisation", "project")
            .order_by("need__tier", "id")
        )


def decide(proposals: list[Proposal]) -> Decided:
    """Approve step by step, send some back, and leave some for whoever tries the demo.

    Of a small city, at most a third is left: its round goes through all the steps as well.
    """
    done = Decided()
    left = min(LEFT_NEW + LEFT_IN_REVIEW, len(proposals) // 3)
    halfway_count = min(LEFT_IN_REVIEW, left)
    cut = len(proposals) - left
    for position, proposal in enumerate(proposals[: cut + halfway_count]):
        halfway = position >= cut
        if not halfway and position % 25 == 24:
            with acting_as(demo_actor("xian")) as officer:
                proposal_reject(
                    proposal=proposal, reason="走访核实：家庭已自行解决，暂不需要", actor=officer
                )
            done.rejected += 1
            continue
        state = _approve(proposal, steps=1 if halfway else None)
        if state == Proposal.State.APPROVED:
            done.approved += 1
            done.approved_fen += proposal.granted_fen
        elif state == Proposal.State.HELD:
            done.held += 1
        else:
            done.in_review += 1
    return done


def _approve(proposal: Proposal, steps: int | None) -> str:
    for post in posts_of(proposal)[:steps]:
        with acting_as(demo_actor(DECIDERS[post.value])) as officer:
            decided = proposal_approve(proposal=proposal, actor=officer)
        if decided.state != Proposal.State.IN_REVIEW:
            return decided.state
    return Proposal.State.IN_REVIEW


def late_report(proposals: list[Proposal], folder: Path) -> Batch:
    """Have the union report, after the plan was made, what it gave for needs of the plan.

    A fact is always recorded; the approvals that follow meet it in the guard and are held.
    """
    union = Organisation.objects.get(pk=UNION)
    rows: list[tuple[Cell, ...]] = []
    with acting_as(demo_actor("xian")) as officer:
        for number, proposal in enumerate(p for p in proposals if p.need.person):
            if len(rows) == LATE_FACTS:
                break
            need, person = proposal.need, cast(Person, proposal.need.person)
            rows.append(
                (
                    person.name,
                    person_read_id(person=person, actor=officer),
                    need.get_purpose_display(),
                    need.cost_item,
                    "群团经费",
                    yuan(need.net_fen or 0).replace(",", ""),
                    clock.today().isoformat(),
                    f"GH-{number + 1:03d}",
                )
            )
    headings = [
        "姓名",
        "身份证号",
        "用途",
        "费用项目",
        "资金来源",
        "帮扶金额",
        "帮扶日期",
        "单位内部编号",
    ]
    table = Table("补报名单", tuple(Column(heading, width=10) for heading in headings), tuple(rows))
    content = render_tables([table], title="补报名单", dated=clock.today())
    path = folder / "总工会补报名单.xlsx"
    path.write_bytes(content)
    with acting_as(demo_actor("gonghui")) as reporter:
        batch = batch_receive(
            sender=union,
            region=Region.objects.get(pk=ROOT),
            kind="partner_beneficiaries",
            number="补报-01",
            file_name=path.name,
            content=content,
            actor=reporter,
        )
        return batch_apply(batch=batch, actor=reporter)


def ask_twice(proposals: list[Proposal], count: int = 3) -> int:
    """Have another charity ask for needs that are met already; return the fen refused.

    It cannot see the others' aid; the guard refuses all the same, and counts what it refused.
    """
    refused_fen = 0
    asked = Organisation.objects.get(pk=CHARITY)
    officer = demo_actor("shuixian")
    with acting_as(demo_actor("xian")):
        mostly_met = Proposal.objects.filter(
            pk__in=[proposal.pk for proposal in proposals],
            state=Proposal.State.APPROVED,
            need__net_fen__lt=F("granted_fen") * 2,
        )
        approved = list(mostly_met.select_related("need__region").order_by("id")[:count])
    for number, proposal in enumerate(approved):
        attempt = f"demo-ask-{number}"
        try:
            with acting_as(officer):
                aid_promise(
                    need=proposal.need,
                    layer=Layer.CHARITY,
                    organisation=asked,
                    amount_fen=proposal.granted_fen,
                    source_reference=attempt,
                    actor=officer,
                )
        except Refused as refused:
            if refused.code != "overlap":
                raise
            with acting_as(officer):
                prevented_record(
                    code=refused.details["code"],
                    need=proposal.need,
                    organisation=asked,
                    asked_fen=refused.details["asked_fen"],
                    prevented_fen=refused.details["prevented_fen"],
                    attempt=attempt,
                    actor=officer,
                )
            refused_fen += refused.details["prevented_fen"]
    return refused_fen


def promises_pay(limit: int) -> tuple[int, int]:
    """Have the federation's cashier pay its approved grants; return count and fen."""
    with acting_as(demo_actor("caiwu")) as cashier:
        promises = AidEntry.objects.filter(
            kind=AidEntry.Kind.PROMISE,
            organisation_id=FEDERATION,
            source_reference__startswith="match:",
        ).order_by("recorded_at", "id")[:limit]
        paid = [
            aid_pay(
                promise=promise,
                amount_fen=promise.amount_fen,
                source_reference=f"demo-pay:{promise.pk}",
                actor=cashier,
            )
            for promise in promises
        ]
    return len(paid), sum(entry.amount_fen for entry in paid)
