"""A run: what it stores, whom it serves first, and who may start it."""

from uuid import UUID

import pytest
from django.db import transaction

from audit.acting import acting_as
from audit.models import Event
from jobs.models import Job
from jobs.services import enqueue, job_cancel, job_start, outbox_drain
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from matching.engine import ENGINE_VERSION
from matching.models import Proposal, Run
from matching.selectors import proposals_visible_to, runs_visible_to
from matching.services import proposal_reject, run_queue
from tests import make
from tests.matching import market

pytestmark = pytest.mark.django_db


def test_a_run_keeps_its_input_certificate_and_prices() -> None:
    project = market.project(budget_fen=150_000)
    make.need(), make.need()
    officer = make.actor(Role.COUNTY_OFFICER)
    run = market.run(actor=officer)

    assert (len(run.input_hash), run.engine_version) == (64, ENGINE_VERSION)
    assert run.options == {"seed": 0, "iterations": 8}
    certificate = run.certificate
    assert certificate["violations"] == 0
    assert not certificate["stopped_by_time"]
    assert 0 < certificate["value"] <= certificate["bound"]
    assert certificate["ratio"] == pytest.approx(certificate["value"] / certificate["bound"])
    assert sum(tier["value"] for tier in certificate["tiers"]) == certificate["value"]
    assert run.prices["project"] == [str(project.pk)]
    assert sum(each.granted_fen for each in market.proposals()) == 150_000
    with acting_as(SYSTEM):
        event = Event.objects.get(verb="match.run_made")
    assert (event.actor_id, event.subject_id) == (officer.id, str(run.pk))
    assert event.data == {
        "input_hash": run.input_hash,
        "ratio": certificate["ratio"],
        "proposals": len(market.proposals()),
    }


def test_the_same_data_gives_the_same_hash_and_the_same_proposals() -> None:
    market.project(budget_fen=250_000), market.project(budget_fen=120_000)
    for _ in range(4):
        make.need(net_fen=150_000)

    def again() -> tuple[str, object, list[object]]:
        with transaction.atomic():
            run = market.run()
            found: list[object] = [
                (each.need_id, each.project_id, each.granted_fen, each.explanation)
                for each in market.proposals()
            ]
            transaction.set_rollback(True)
        return run.input_hash, run.certificate, found

    first = again()
    assert first == again()
    make.need()
    assert first[0] != again()[0]


def test_an_undecided_plan_is_replaced_and_stays_the_same_without_news() -> None:
    market.project(budget_fen=250_000), market.project(budget_fen=120_000)
    for _ in range(4):
        make.need(net_fen=150_000)

    def plan() -> list[object]:
        return [(each.need_id, each.project_id, each.granted_fen) for each in market.proposals()]

    market.run()
    first = plan()
    second_run = market.run()
    assert plan() == first
    assert market.run().input_hash == second_run.input_hash
    assert plan() == first
    assert len(market.proposals(Proposal.State.REPLACED)) == 2 * len(first)


def test_the_urgent_need_comes_first_even_where_another_would_fit_better() -> None:
    open_to_all = market.project(budget_fen=100_000)
    late, soon, urgent = (make.need(tier=tier) for tier in (2, 1, 0))
    market.run()
    assert [(each.need_id, each.project_id) for each in market.proposals()] == [
        (urgent.pk, open_to_all.pk)
    ]
    assert {late.pk, soon.pk}.isdisjoint(each.need_id for each in market.proposals())


def test_no_proposal_passes_what_is_left_of_the_need_or_the_projects_terms() -> None:
    market.project(budget_fen=333_333, max_grant_fen=70_000, min_grant_fen=5_000)
    market.project(budget_fen=99_999, household_quota=2, is_exclusive=True)
    needs = [make.need(net_fen=net) for net in (1_000, 5_000, 60_001, 100_000, 150_000)]
    market.other_aid(needs[3], 60_000)
    run = market.run()

    left = dict(
        zip((each.pk for each in needs), (1_000, 5_000, 60_001, 40_000, 150_000), strict=True)
    )
    given: dict[UUID, int] = {}
    for each in market.proposals():
        given[each.need_id] = given.get(each.need_id, 0) + each.granted_fen
        assert each.project.min_grant_fen <= each.granted_fen <= each.project.max_grant_fen
        assert each.explanation["summary"]
        terms = each.explanation["terms"]
        surplus = sum(term["value"] for term in terms)
        assert surplus == pytest.approx(each.explanation["surplus"], abs=0.05)
    assert given
    assert all(fen <= left[need] for need, fen in given.items())
    assert run.certificate["violations"] == 0


def test_a_region_without_needs_or_projects_gives_an_empty_run() -> None:
    run = market.run()
    assert (run.certificate["violations"], market.proposals()) == (0, [])


@pytest.mark.parametrize(
    "role", [Role.COUNTY_REVIEWER, Role.TOWNSHIP_OFFICER, Role.MEETING_SECRETARY, Role.DONOR]
)
def test_others_may_not_run(role: Role) -> None:
    refused(make.actor(role))


def test_another_countys_officer_may_not_run_here() -> None:
    refused(make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY))


def refused(actor: Actor) -> None:
    with acting_as(actor), pytest.raises(Refused) as no, transaction.atomic():
        run_queue(region=make.region(make.COUNTY), actor=actor)
    assert no.value.code == "denied"
    with pytest.raises(Refused), transaction.atomic():
        market.run(make.COUNTY, actor=actor)
    with acting_as(SYSTEM):
        assert not Job.objects.exists()
        assert not Run.objects.exists()


def test_a_queued_run_ends_in_its_job_once() -> None:
    market.project()
    make.need()
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        job = run_queue(region=make.region(make.COUNTY), actor=officer)
    assert outbox_drain() == 1
    assert outbox_drain() == 0
    with acting_as(SYSTEM):
        job.refresh_from_db()
        run = Run.objects.get()
    assert (job.state, job.message, job.done_count) == (Job.State.DONE, "生成建议 1 条", 100)
    assert job.result == {"result_id": str(run.pk)}


def test_a_queued_run_that_is_refused_ends_its_job_with_the_reason() -> None:
    """Else the outbox would solve the problem again every ten seconds, for ever."""
    stranger = make.actor(Role.TOWNSHIP_OFFICER)
    with acting_as(stranger):
        job = job_start(kind="match_run", title="匹配运行", actor=stranger)
        enqueue("match.run", actor=stranger, job_id=str(job.pk), region_code=make.COUNTY, seed=0)
    assert outbox_drain() == 1
    assert outbox_drain() == 0
    with acting_as(SYSTEM):
        job.refresh_from_db()
        assert not Run.objects.exists()
    assert (job.state, job.message) == (
        Job.State.FAILED,
        "您没有此操作的权限，或该记录不在您的辖区内",
    )


def test_a_queued_run_that_was_cancelled_makes_nothing() -> None:
    market.project()
    make.need()
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        job = run_queue(region=make.region(make.COUNTY), actor=officer)
        job_cancel(job=job, actor=officer)
    assert outbox_drain() == 1
    with acting_as(SYSTEM):
        job.refresh_from_db()
        assert not Run.objects.exists()
    assert (job.state, job.message) == (Job.State.CANCELLED, "已取消，未生成建议")


def test_runs_and_proposals_are_seen_in_their_region_and_by_the_giving_body() -> None:
    charity = make.charity()
    market.project(charity)
    make.need()
    run = market.run()
    made = market.proposals()[0]
    for actor, sees_run, sees in [
        (make.actor(Role.COUNTY_REVIEWER), [run.pk], [made.pk]),
        (make.actor(Role.CITY_OFFICER, make.CITY), [run.pk], [made.pk]),
        (make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY), [], []),
        (make.actor(Role.CHARITY_OFFICER, make.CITY, charity), [], [made.pk]),
        (make.actor(Role.CHARITY_OFFICER, make.CITY, make.charity()), [], []),
    ]:
        with acting_as(actor):
            assert [each.pk for each in runs_visible_to(actor)] == sees_run
            assert [each.pk for each in Run.objects.all()] == sees_run
            assert [each.pk for each in Proposal.objects.all()] == sees
    # The list joins the family's rows, which a charity reads only within a consent.
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        assert [each.pk for each in proposals_visible_to(officer)] == [made.pk]


def test_what_waits_for_somebody_comes_before_what_is_decided() -> None:
    market.project()
    for _ in range(2):
        make.need()
    market.run()
    first, second = market.proposals()
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        proposal_reject(proposal=first, reason="已自行解决", actor=officer)
        assert [p.pk for p in proposals_visible_to(officer)] == [second.pk, first.pk]
