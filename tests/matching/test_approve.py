"""Deciding a proposal: ordered posts, different people, and the guard at the last step."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from aid.models import AidEntry, Layer, Prevented
from aid.roles import as_exchange
from aid.selectors import residual_fen
from aid.services import aid_report
from audit.acting import acting_as
from audit.models import Event
from kernel import clock
from kernel.access import SYSTEM, Actor, Grant, Role
from kernel.errors import Refused
from kernel.ids import new_id
from matching.models import ApprovalStep, Proposal
from matching.selectors import proposals_awaiting
from matching.services import proposal_approve, proposal_reject
from projects.models import Project
from tests import make
from tests.matching import market


def approve(made: Proposal, actor: Actor, reason: str = "") -> Proposal:
    with acting_as(actor):
        return proposal_approve(proposal=made, reason=reason, actor=actor)


def state_of(made: Proposal) -> dict[str, Any]:
    """Everything that a decision writes."""
    with acting_as(SYSTEM):
        row = Proposal.objects.values("state", "step", "promise_id", "explanation").get(pk=made.pk)
        return {
            **row,
            "steps": ApprovalStep.objects.count(),
            "entries": AidEntry.objects.count(),
            "prevented": Prevented.objects.count(),
            "events": Event.objects.filter(subject_type="matching.proposal").count(),
        }


def refused(made: Proposal, actor: Actor, code: str, **details: object) -> None:
    """Both decisions are refused with ``code`` and write nothing."""
    before = state_of(made)
    for decide in (proposal_approve, proposal_reject):
        with acting_as(actor), pytest.raises(Refused) as no, transaction.atomic():
            decide(proposal=made, reason="理由", actor=actor)
        assert no.value.code == code, decide.__name__
        assert details.items() <= no.value.details.items()
    assert state_of(made) == before


@pytest.mark.django_db
def test_officer_then_reviewer_make_the_promise() -> None:
    made = market.proposal()
    officer, reviewer = make.actor(Role.COUNTY_OFFICER), make.actor(Role.COUNTY_REVIEWER)

    first = approve(made, officer, "情况属实")
    assert (first.state, first.step, first.promise) == (Proposal.State.IN_REVIEW, 1, None)
    assert residual_fen(made.need_id) == 100_000

    second = approve(made, reviewer)
    assert (second.state, second.step) == (Proposal.State.APPROVED, 2)
    with acting_as(SYSTEM):
        promise = AidEntry.objects.get()
        steps = list(ApprovalStep.objects.order_by("position"))
        events = list(Event.objects.filter(verb="match.approved").order_by("id"))
    assert second.promise_id == promise.pk
    assert (promise.kind, promise.layer, promise.amount_fen, promise.need_id) == (
        AidEntry.Kind.PROMISE,
        Layer.CHARITY,
        100_000,
        made.need_id,
    )
    assert promise.organisation_id == made.project.organisation_id
    assert residual_fen(made.need_id) == 0
    assert [(step.post, step.decision, step.decided_by, step.reason) for step in steps] == [
        ("county_officer", "approve", officer.id, "情况属实"),
        ("county_reviewer", "approve", reviewer.id, ""),
    ]
    assert steps[0].parameters[0]["posts"] == ["county_officer", "county_reviewer"]
    (overlap,) = steps[1].overlaps
    assert (overlap["code"], overlap["residual_fen"]) == ("", 100_000)
    assert [(event.actor_id, event.data["state"]) for event in events] == [
        (officer.id, "in_review"),
        (reviewer.id, "approved"),
    ]


@pytest.mark.django_db
def test_a_large_sum_also_needs_the_city() -> None:
    made = market.proposal(net_fen=2_000_001, max_grant_fen=3_000_000)
    for role, code, state in [
        (Role.COUNTY_OFFICER, make.COUNTY, Proposal.State.IN_REVIEW),
        (Role.COUNTY_REVIEWER, make.COUNTY, Proposal.State.IN_REVIEW),
        (Role.CITY_OFFICER, make.CITY, Proposal.State.APPROVED),
    ]:
        made = approve(made, make.actor(role, code))
        assert made.state == state
    assert made.promise is not None
    assert made.promise.amount_fen == 2_000_001


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.COUNTY_OFFICER, make.OTHER_COUNTY),
        (Role.COUNTY_REVIEWER, make.COUNTY),
        (Role.CITY_OFFICER, make.CITY),
        (Role.TOWNSHIP_OFFICER, make.COUNTY),
        (Role.MEETING_SECRETARY, make.COUNTY),
        (Role.DONOR, make.CITY),
    ],
)
def test_whoever_does_not_hold_the_next_post_is_denied_and_nothing_changes(
    role: Role, code: str
) -> None:
    refused(market.proposal(), make.actor(role, code), "denied")


@pytest.mark.django_db
def test_the_giving_charity_does_not_decide() -> None:
    charity = make.charity()
    made = market.proposal(organisation=charity)
    refused(made, make.actor(Role.CHARITY_OFFICER, make.CITY, charity), "denied")


@pytest.mark.django_db
def test_a_step_already_taken_by_a_colleague_is_told_with_the_present_state() -> None:
    made = market.proposal()
    approve(made, make.actor(Role.COUNTY_OFFICER))
    colleague = make.actor(Role.COUNTY_OFFICER)
    refused(made, colleague, "wrong_state", state="in_review", state_label="待复核")


@pytest.mark.django_db
def test_one_person_does_not_take_two_steps() -> None:
    made = market.proposal()
    path = make.region(make.COUNTY).path
    both = Actor(
        new_id(), "兼岗", (Grant(Role.COUNTY_OFFICER, path), Grant(Role.COUNTY_REVIEWER, path))
    )
    approve(made, both)
    refused(made, both, "same_person")


@pytest.mark.django_db
def test_whoever_made_the_run_does_not_decide_it() -> None:
    market.project()
    make.need()
    officer = make.actor(Role.COUNTY_OFFICER)
    market.run(actor=officer)
    refused(market.proposals()[0], officer, "same_person")


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["approved", "rejected", "replaced"])
def test_what_is_decided_stays_decided(end: str) -> None:
    made = market.proposal()
    if end == "approved":
        approve(made, make.actor(Role.COUNTY_OFFICER))
        approve(made, make.actor(Role.COUNTY_REVIEWER))
    elif end == "rejected":
        officer = make.actor(Role.COUNTY_OFFICER)
        with acting_as(officer):
            proposal_reject(proposal=made, reason="不符合", actor=officer)
    else:
        market.run()
    for role in (Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER):
        refused(made, make.actor(role), "wrong_state", state=end)


@pytest.mark.django_db
def test_a_rejection_needs_a_reason_and_is_kept() -> None:
    made = market.proposal()
    officer = make.actor(Role.COUNTY_OFFICER)
    before = state_of(made)
    with acting_as(officer), pytest.raises(Refused) as no, transaction.atomic():
        proposal_reject(proposal=made, reason="  ", actor=officer)
    assert no.value.code == "invalid"
    assert no.value.details == {"fields": {"reason": "请填写退回理由"}}
    assert state_of(made) == before

    with acting_as(officer):
        done = proposal_reject(proposal=made, reason=" 家庭已搬走 ", actor=officer)
        step = ApprovalStep.objects.get()
    assert done.state == Proposal.State.REJECTED
    assert (step.decision, step.reason, step.decided_by) == ("reject", "家庭已搬走", officer.id)
    assert state_of(made)["entries"] == 0


def held_by(made: Proposal, prevented: int) -> None:
    """The last step holds the proposal, promises nothing and counts what it prevented, once."""
    before = state_of(made)
    reviewer = make.actor(Role.COUNTY_REVIEWER)
    done = approve(made, reviewer)
    assert (done.state, done.promise) == (Proposal.State.HELD, None)
    after = state_of(made)
    assert (after["entries"], after["steps"]) == (before["entries"], before["steps"])
    assert after["explanation"]["held"]["prevented_fen"] == prevented
    with acting_as(SYSTEM):
        counted = Prevented.objects.get()
        assert Event.objects.filter(verb="match.held", actor_id=reviewer.id).count() == 1
    assert (counted.code, counted.asked_fen, counted.prevented_fen) == ("O-03", 100_000, prevented)
    assert counted.organisation_id == made.project.organisation_id
    for role in (Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER):
        refused(made, make.actor(role), "wrong_state", state="held")
    assert state_of(made)["prevented"] == 1


@pytest.mark.django_db
def test_aid_promised_meanwhile_holds_the_proposal() -> None:
    made = market.proposal()
    approve(made, make.actor(Role.COUNTY_OFFICER))
    market.other_aid(made.need, 30_000)
    held_by(made, 30_000)


@pytest.mark.usefixtures("committed_db")
@pytest.mark.role("worker")
def test_aid_reported_late_holds_the_proposal() -> None:
    made = market.proposal()
    approve(made, make.actor(Role.COUNTY_OFFICER))
    with acting_as(SYSTEM), as_exchange():
        aid_report(
            need=made.need,
            layer=Layer.GROUP,
            organisation=make.partner("trade_union"),
            amount_fen=100_000,
            source_reference="工会-2026-1",
            batch_row_id=new_id(),
            effective_on=clock.today() - timedelta(days=3),
            actor=SYSTEM,
        )
    held_by(made, 100_000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": Project.State.ENDED}, "project_not_open"),
        ({"closes_on": clock.today() - timedelta(days=1)}, "project_not_open"),
        ({"budget_fen": 99_999}, "project_exhausted"),
        ({"household_quota": 0}, "project_exhausted"),
    ],
)
def test_the_last_step_asks_whether_the_project_can_still_pay(
    change: dict[str, Any], code: str
) -> None:
    made = market.proposal()
    approve(made, make.actor(Role.COUNTY_OFFICER))
    with acting_as(SYSTEM):
        Project.objects.filter(pk=made.project_id).update(**change)
    before = state_of(made)
    with pytest.raises(Refused) as no, transaction.atomic():
        approve(made, make.actor(Role.COUNTY_REVIEWER))
    assert no.value.code == code
    assert state_of(made) == before


@pytest.mark.django_db
def test_a_review_that_new_parameters_shorten_is_ended_by_their_last_post() -> None:
    """Three posts were asked for and two have decided when two become enough."""
    made = market.proposal()
    approve(made, make.actor(Role.COUNTY_OFFICER))
    colleague = make.actor(Role.COUNTY_REVIEWER)
    with acting_as(colleague):
        ApprovalStep.objects.create(
            proposal=made,
            region_id=made.region_id,
            position=1,
            post=Role.COUNTY_REVIEWER.value,
            decision=ApprovalStep.Decision.APPROVE,
            decided_by=colleague.id,
            proposed_by=made.proposed_by,
        )
        Proposal.objects.filter(pk=made.pk).update(step=2)
    refused(made, colleague, "same_person")
    reviewer = make.actor(Role.COUNTY_REVIEWER)
    with acting_as(reviewer):
        assert [each.pk for each in proposals_awaiting(reviewer)] == [made.pk]
    assert approve(made, reviewer).state == "approved"
    assert state_of(made)["entries"] == 1


def at_once(made: list[Proposal], actors: list[Actor]) -> list[str]:
    """Every actor approves his proposal at the same time; returns states and codes, sorted."""
    said: list[str] = []
    gate = threading.Barrier(len(actors))

    def decide(proposal: Proposal, actor: Actor) -> None:
        try:
            gate.wait(10)
            said.append(approve(proposal, actor).state)
        except Refused as refusal:
            said.append(refusal.code)
        except BaseException as error:
            said.append(repr(error))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=decide, args=each) for each in zip(made, actors, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(said)


@pytest.mark.usefixtures("committed_db")
def test_of_officers_and_then_reviewers_at_once_one_wins() -> None:
    made = market.proposal()
    officers = [make.actor(Role.COUNTY_OFFICER) for _ in range(4)]
    assert at_once([made] * 4, officers) == ["in_review"] + ["wrong_state"] * 3
    assert state_of(made)["steps"] == 1

    reviewers = [make.actor(Role.COUNTY_REVIEWER) for _ in range(4)]
    assert at_once([made] * 4, reviewers) == ["approved"] + ["wrong_state"] * 3
    assert (state_of(made)["steps"], state_of(made)["entries"]) == (2, 1)


@pytest.mark.usefixtures("committed_db")
def test_two_approvals_at_once_never_pass_the_need() -> None:
    """Two runs' proposals for one need, its rest halved meanwhile: one promise, one held."""
    market.project(), market.project()
    need = make.need(net_fen=200_000)
    market.run()
    made = market.proposals()
    assert [each.granted_fen for each in made] == [100_000, 100_000]
    for each in made:
        approve(each, make.actor(Role.COUNTY_OFFICER))
    market.other_aid(need, 60_000)
    reviewers = [make.actor(Role.COUNTY_REVIEWER) for _ in made]
    assert at_once(made, reviewers) == ["approved", "held"]
    assert residual_fen(need.pk) == 40_000
    assert state_of(made[0])["prevented"] == 1


@pytest.mark.usefixtures("committed_db")
def test_two_counties_at_once_never_pass_a_shared_projects_budget() -> None:
    project = market.project(budget_fen=150_000)
    make.need(), make.need(make.household(make.OTHER_VILLAGE))
    market.run(make.COUNTY), market.run(make.OTHER_COUNTY)
    made = market.proposals()
    assert [each.granted_fen for each in made] == [100_000, 100_000]
    assert {each.project_id for each in made} == {project.pk}
    counties = [each.region_id[:6] for each in made]
    for each, county in zip(made, counties, strict=True):
        approve(each, make.actor(Role.COUNTY_OFFICER, county))
    reviewers = [make.actor(Role.COUNTY_REVIEWER, county) for county in counties]
    assert at_once(made, reviewers) == ["approved", "project_exhausted"]
