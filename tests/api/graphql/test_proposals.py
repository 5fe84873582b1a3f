"""Proposals: what officers see, and deciding them."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.selectors import actor_of
from aid.models import AidEntry
from audit.acting import acting_as
from audit.models import Event
from jobs.models import IdempotentReply
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from matching.models import ApprovalStep, Proposal
from tests import make
from tests.api.graphql import rows
from tests.api.graphql.ask import Asker, Reply, somebody

LIST = """query ($size: Int, $state: String, $mine: Boolean, $search: String, $region: String) {
  proposals(pageSize: $size, state: $state, awaitingMe: $mine, search: $search,
            regionCode: $region) {
    total
    items {
      id state { code label } grantedFen mayDecide mayNotReason runId
      project { name brandName organisationName }
      household { number headName size regionName categories { code } }
      need { purpose { label } netFen aidFen residualFen aidByLayer { amountFen } }
      explanation { summary terms { code share } nextBest { projectName margin } }
      overlapCheck { outcome { code } residualFen items { code text } }
      steps { position postLabel decision { code } decidedByName }
    }
  }
}"""
ONE = "query ($id: ID!) { proposal(id: $id) { id state { code } } }"
APPROVE = """mutation ($id: ID!, $reason: String) { proposalApprove(id: $id, reason: $reason) {
  id state { code label } steps { position decision { code } decidedByName } mayDecide } }"""
REJECT = """mutation ($id: ID!, $reason: String!) { proposalReject(id: $id, reason: $reason) {
  state { code } } }"""
DECIDE = """mutation ($ids: [ID!]!, $decision: String!, $reason: String) {
  proposalsDecide(ids: $ids, decision: $decision, reason: $reason) {
    id ok code message residualFen proposal { state { code } } } }"""


def state_of(proposal: Proposal) -> tuple[str, int]:
    with acting_as(SYSTEM):
        proposal.refresh_from_db()
        return proposal.state, proposal.steps.count()


def replies_kept(asker: Asker) -> int:
    """How many replies are kept for somebody; only he may see them."""
    assert asker.user
    with acting_as(actor_of(asker.user)):
        return IdempotentReply.objects.count()


@pytest.mark.django_db
def test_officer_sees_proposals_of_his_county_with_what_he_needs_to_decide() -> None:
    proposal = rows.proposal()
    rows.proposal(code=make.OTHER_VILLAGE)
    page = somebody(Role.COUNTY_OFFICER).ask(LIST).data["proposals"]
    assert page["total"] == 1
    row = page["items"][0]
    assert row["id"] == str(proposal.pk)
    assert row["state"] == {"code": "proposed", "label": "待审核"}
    assert (row["grantedFen"], row["mayDecide"], row["mayNotReason"]) == (50_000, True, None)
    assert row["household"]["headName"] == "测试户主"
    assert row["household"]["size"] == 1
    assert row["household"]["regionName"].startswith("芗城区")
    assert row["need"] == {
        "purpose": {"label": "医疗"},
        "netFen": 100_000,
        "aidFen": 0,
        "residualFen": 100_000,
        "aidByLayer": [],
    }
    assert row["explanation"]["nextBest"] == {
        "projectName": "次选",
        "margin": 3.5,
    }
    assert row["overlapCheck"] == {
        "outcome": {"code": "CLEAR"},
        "residualFen": 100_000,
        "items": [],
    }
    assert [(s["position"], s["postLabel"], s["decision"]) for s in row["steps"]] == [
        (0, "县级民政经办人", None),
        (1, "县级民政复核人", None),
    ]


@pytest.mark.django_db
def test_page_of_twenty_takes_as_many_queries_as_a_page_of_one() -> None:
    shared, paying = rows.run(), rows.project()
    for _ in range(20):
        rows.proposal(of_run=shared, of_project=paying)
    officer = somebody(Role.COUNTY_OFFICER)
    counts = []
    for size in (1, 20):
        with CaptureQueriesContext(connection) as queries:
            page = officer.ask(LIST, size=size).data["proposals"]
        assert (len(page["items"]), page["total"]) == (size, 20)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_filters_by_state_region_search_and_whose_turn_it_is() -> None:
    small, large = rows.proposal(), rows.proposal(of=make.need(net_fen=3_000_000), fen=2_500_000)
    county, reviewer = somebody(Role.COUNTY_OFFICER), somebody(Role.COUNTY_REVIEWER)
    city = somebody(Role.CITY_OFFICER, make.CITY)

    def mine(who: Any) -> set[str]:
        return {row["id"] for row in who.ask(LIST, mine=True).data["proposals"]["items"]}

    both = {str(small.pk), str(large.pk)}
    assert (mine(county), mine(reviewer), mine(city)) == (both, set(), set())
    assert county.ask(APPROVE, id=str(large.pk)).data
    assert (mine(county), mine(reviewer), mine(city)) == ({str(small.pk)}, {str(large.pk)}, set())
    assert reviewer.ask(APPROVE, id=str(large.pk)).data
    assert (mine(reviewer), mine(city)) == (set(), {str(large.pk)})

    def total(**by: Any) -> int:
        found: int = city.ask(LIST, **by).data["proposals"]["total"]
        return found

    assert (total(state="proposed"), total(state="in_review"), total(state="held")) == (1, 1, 0)
    assert (total(region=make.COUNTY), total(region=make.OTHER_COUNTY)) == (2, 0)
    assert total(search=small.household.number) == 1
    assert city.ask(LIST, state="nonsense").code == "invalid"
    assert city.ask(LIST, region="999999").code == "invalid"


@pytest.mark.django_db
def test_ordered_steps_by_two_people_end_in_the_promise() -> None:
    proposal = rows.proposal()
    first = somebody(Role.COUNTY_OFFICER).ask(APPROVE, id=str(proposal.pk), reason="属实").data
    assert first["proposalApprove"]["state"]["code"] == "in_review"
    assert not first["proposalApprove"]["mayDecide"]
    second = somebody(Role.COUNTY_REVIEWER).ask(APPROVE, id=str(proposal.pk)).data
    assert second["proposalApprove"]["state"] == {"code": "approved", "label": "已批准"}
    with acting_as(SYSTEM):
        assert AidEntry.objects.get().amount_fen == 50_000


@pytest.mark.django_db
def test_promise_that_no_longer_fits_is_held_and_counted() -> None:
    need = make.need(net_fen=60_000)
    proposals = [rows.proposal(of=need) for _ in range(2)]
    for proposal in proposals:
        assert somebody(Role.COUNTY_OFFICER).ask(APPROVE, id=str(proposal.pk)).data
    reviewer = somebody(Role.COUNTY_REVIEWER)
    reply = reviewer.ask(DECIDE, ids=[str(p.pk) for p in proposals], decision="approve")
    done = {row["id"]: row for row in reply.data["proposalsDecide"]}
    approved, held = (done[str(p.pk)] for p in sorted(proposals, key=lambda p: str(p.pk)))
    assert (approved["ok"], approved["proposal"]["state"]["code"]) == (True, "approved")
    assert (held["ok"], held["code"], held["residualFen"]) == (False, "overlap", 10_000)
    assert "100" in held["message"]
    with acting_as(SYSTEM):
        assert sorted(Proposal.objects.values_list("state", flat=True)) == ["approved", "held"]


@pytest.mark.django_db
def test_batch_decides_what_it_may_and_says_why_not_for_the_rest() -> None:
    near, far = rows.proposal(), rows.proposal(code=make.OTHER_VILLAGE)
    officer = somebody(Role.COUNTY_OFFICER)
    done = officer.ask(DECIDE, ids=[str(near.pk), str(far.pk)], decision="approve").data
    assert [(row["ok"], row["code"]) for row in done["proposalsDecide"]] == [
        (True, None),
        (False, "not_found"),
    ]
    assert (state_of(near), state_of(far)) == (("in_review", 1), ("proposed", 0))
    with acting_as(SYSTEM):
        assert Event.objects.filter(verb="access.refused").count() == 1


@pytest.mark.django_db
def test_batch_is_bounded_and_decision_is_one_of_two() -> None:
    officer = somebody(Role.COUNTY_OFFICER)
    assert officer.ask(DECIDE, ids=[], decision="approve").code == "invalid"
    many = [str(new_id()) for _ in range(101)]
    assert officer.ask(DECIDE, ids=many, decision="approve").code == "invalid"
    assert officer.ask(DECIDE, ids=many[:1], decision="delete").code == "invalid"


@pytest.mark.django_db
def test_rejection_needs_a_reason() -> None:
    proposal = rows.proposal()
    officer = somebody(Role.COUNTY_OFFICER)
    refused = officer.ask(REJECT, id=str(proposal.pk), reason=" ")
    assert (refused.code, refused.details) == ("invalid", {"fields": {"reason": "请填写退回理由"}})
    assert state_of(proposal) == ("proposed", 0)
    assert replies_kept(officer) == 0
    assert officer.ask(REJECT, id=str(proposal.pk), reason="材料不全").data
    assert state_of(proposal) == ("rejected", 1)
    again = officer.ask(REJECT, id=str(proposal.pk), reason="材料不全")
    assert (again.code, again.details) == (
        "wrong_state",
        {"state": "rejected", "stateLabel": "已退回"},
    )


@pytest.mark.django_db
def test_proposal_of_another_county_is_not_there_and_the_attempt_is_recorded() -> None:
    proposal = rows.proposal(code=make.OTHER_VILLAGE)
    officer = somebody(Role.COUNTY_OFFICER)
    assert officer.ask(ONE, id=str(proposal.pk)).data == {"proposal": None}
    for asked in (APPROVE, REJECT):
        assert officer.ask(asked, id=str(proposal.pk), reason="x").code == "not_found"
    assert officer.ask(ONE, id="no-uuid").data == {"proposal": None}
    assert state_of(proposal) == ("proposed", 0)
    with acting_as(SYSTEM):
        refused = Event.objects.filter(verb="access.refused", subject_id="/graphql/")
        assert [event.actor_id for event in refused] == [officer.user.pk] * 4  # type: ignore[union-attr]
        assert not ApprovalStep.objects.exists()
    assert replies_kept(officer) == 0


@pytest.mark.django_db
def test_same_key_gets_the_first_reply_and_decides_once() -> None:
    proposal = rows.proposal()
    officer = somebody(Role.COUNTY_OFFICER)
    first = officer.ask(APPROVE, key="key-1", id=str(proposal.pk))
    again = officer.ask(APPROVE, key="key-1", id=str(proposal.pk))
    assert again.body == first.body
    assert replies_kept(officer) == 1
    assert state_of(proposal) == ("in_review", 1)
    other = officer.ask(APPROVE, key="key-1", id=str(proposal.pk), reason="另一请求")
    assert (other.status, other.code) == (422, "key_reused")
    missing = officer.post('{"query": "mutation { jobCancel(id: 1) { id } }"}')
    assert (missing.status, missing.code) == (400, "key_required")


def test_two_officers_at_once_decide_a_step_once(committed_db: dict[str, str]) -> None:
    proposal = rows.proposal()
    officers = [somebody(Role.COUNTY_OFFICER), somebody(Role.COUNTY_OFFICER)]
    together = threading.Barrier(2)
    replies: list[Reply] = []

    def decide(officer: Any) -> None:
        together.wait()
        replies.append(officer.ask(APPROVE, id=str(proposal.pk)))
        connections.close_all()

    threads = [threading.Thread(target=decide, args=[officer]) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    refused = [reply for reply in replies if "errors" in reply.body]
    assert len(replies) == 2
    assert [(reply.code, reply.details) for reply in refused] == [
        ("wrong_state", {"state": "in_review", "stateLabel": "待复核"})
    ]
    assert state_of(proposal) == ("in_review", 1)


def test_same_key_at_once_decides_once(committed_db: dict[str, str]) -> None:
    proposal = rows.proposal()
    officer = somebody(Role.COUNTY_OFFICER)
    together = threading.Barrier(2)
    replies: list[Reply] = []

    def decide() -> None:
        together.wait()
        replies.append(officer.ask(APPROVE, key="one", id=str(proposal.pk)))
        connections.close_all()

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert replies[0].body == replies[1].body
    assert "errors" not in replies[0].body
    assert state_of(proposal) == ("in_review", 1)


def test_batches_that_share_projects_crosswise_do_not_deadlock(
    committed_db: dict[str, str],
) -> None:
    """Each batch is in key order; the projects behind the proposals are not."""
    one, two = rows.project(), rows.project()
    made = [rows.proposal(of_project=project) for project in (one, two, two, one)]
    officer = somebody(Role.COUNTY_OFFICER)
    ids = [str(proposal.pk) for proposal in made]
    assert officer.ask(DECIDE, ids=ids, decision="approve").data
    reviewers = [somebody(Role.COUNTY_REVIEWER), somebody(Role.COUNTY_REVIEWER)]
    together = threading.Barrier(2)
    replies: list[Reply] = []

    def decide(reviewer: Any, batch: list[str]) -> None:
        together.wait()
        replies.append(reviewer.ask(DECIDE, ids=batch, decision="approve"))
        connections.close_all()

    threads = [
        threading.Thread(target=decide, args=each)
        for each in zip(reviewers, (ids[0::2], ids[1::2]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ["errors" in reply.body for reply in replies] == [False, False]
    assert {state_of(proposal) for proposal in made} == {("approved", 2)}
