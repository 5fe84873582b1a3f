"""Who is put before whom: eligibility, what is left, and what was decided before."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from audit.acting import acting_as
from households.models import Category
from kernel import clock
from kernel.access import Role
from matching.build import Market, market_of
from matching.models import Proposal
from matching.services import proposal_approve, proposal_reject
from projects.models import Project
from tests import make
from tests.matching import market as on_offer

pytestmark = pytest.mark.django_db

TODAY = clock.today()
DAY = timedelta(days=1)


def market(code: str = make.COUNTY) -> Market:
    officer = make.actor(Role.COUNTY_OFFICER, code)
    with acting_as(officer):
        return market_of(make.region(code), TODAY)


#: The project's terms, and the test that fails for a medical need of a family on dibao in 芗城区.
TERMS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"purpose": "living"}, "用途不符"),
    ({"region": make.COUNTY}, None),
    ({"region": make.VILLAGE}, None),
    ({"region": make.OTHER_COUNTY}, "不在项目实施范围"),
    ({"categories": ["dibao"]}, None),
    ({"categories": ["tekun", "dibao"]}, None),
    ({"categories": ["tekun"]}, "不属于项目帮扶对象"),
    ({"categories": ["dibao_edge"]}, "不属于项目帮扶对象"),
    ({"opens_on": TODAY}, None),
    ({"closes_on": TODAY}, None),
]


@pytest.mark.parametrize(("terms", "failing"), TERMS)
def test_a_project_meets_only_those_it_is_for(terms: dict[str, Any], failing: str | None) -> None:
    if "region" in terms:
        terms = {**terms, "region": make.region(terms["region"])}
    on_offer.project(**terms)
    need = make.need()
    on_offer.recognise(need.household, Category.DIBAO)
    on_offer.recognise(need.household, Category.DIBAO_EDGE, ended=True)

    found = market()
    assert [each.pk for each in found.needs] == [need.pk]
    assert found.problem.pairs == (0 if failing else 1)
    assert found.failures(0, 0) == failing


@pytest.mark.parametrize(
    "terms",
    [
        {"opens_on": TODAY + DAY},
        {"closes_on": TODAY - DAY},
        {"state": Project.State.FILED},
        {"state": Project.State.ENDED},
    ],
)
def test_a_project_out_of_its_time_takes_no_part(terms: dict[str, Any]) -> None:
    on_offer.project(**terms)
    make.need()
    assert market().projects == []


def test_only_assessed_needs_of_the_region_with_something_left_take_part() -> None:
    on_offer.project()
    whole, partly, met = make.need(), make.need(), make.need()
    make.need(net_fen=None)
    make.need(net_fen=0)
    elsewhere = make.need(make.household(make.OTHER_VILLAGE))
    on_offer.other_aid(partly, 30_000)
    on_offer.other_aid(met, 100_000)

    found = market()
    assert {
        each.pk: int(gap) for each, gap in zip(found.needs, found.problem.need_gap_fen, strict=True)
    } == {
        whole.pk: 100_000,
        partly.pk: 70_000,
    }
    assert [each.pk for each in market(make.OTHER_COUNTY).needs] == [elsewhere.pk]


def test_a_targeted_project_fits_better_than_one_open_to_all() -> None:
    on_offer.project(categories=["dibao"])
    on_offer.project()
    need = make.need()
    on_offer.recognise(need.household, Category.DIBAO)
    assert sorted(market().problem.pair_weight.tolist()) == [0.9, 1.0]


def test_a_rejected_pair_is_not_proposed_again() -> None:
    made = on_offer.proposal()
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        proposal_reject(proposal=made, reason="家庭已搬走", actor=officer)

    found = market()
    assert found.problem.pairs == 0
    assert found.failures(0, 0) == "此前已退回"
    on_offer.run()
    assert on_offer.proposals() == []


def test_a_pair_that_was_granted_is_not_granted_twice() -> None:
    made = on_offer.proposal(net_fen=250_000)
    assert made.granted_fen == 100_000
    approve(made)
    assert market().failures(0, 0) == "该项目已资助此需求"
    on_offer.run()
    assert on_offer.proposals() == []


def approve(made: Proposal, *, steps: int = 2) -> Proposal:
    """Take the first approval steps."""
    for role in (Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER)[:steps]:
        code = made.region_id[:6]
        officer = make.actor(role, code)
        with acting_as(officer):
            made = proposal_approve(proposal=made, actor=officer)
    return made


def test_what_is_in_review_is_pinned_and_neither_replaced_nor_repeated() -> None:
    made = approve(on_offer.proposal(), steps=1)
    found = market()
    problem = found.problem
    assert (problem.pin_need.tolist(), problem.pin_fen.tolist()) == ([0], [100_000])
    assert int(problem.project_budget_fen[0]) == 10_000_000
    assert int(problem.project_quota[0]) == 100

    second = on_offer.run()
    assert second.certificate["violations"] == 0
    assert [each.pk for each in on_offer.proposals(Proposal.State.IN_REVIEW)] == [made.pk]
    assert on_offer.proposals() == []


def test_reviews_that_late_aid_has_overtaken_do_not_stop_a_run() -> None:
    on_offer.project(), on_offer.project()
    need = make.need(net_fen=200_000)
    on_offer.run()
    first, second = on_offer.proposals()
    approve(first, steps=1)
    approve(second, steps=1)
    on_offer.other_aid(need, 50_000)

    found = market()
    assert found.problem.pin_fen.tolist() == [100_000]
    assert {found.failures(0, 0), found.failures(0, 1)} == {None, "正在复核"}
    assert on_offer.run().certificate["violations"] == 0
    assert len(on_offer.proposals(Proposal.State.IN_REVIEW)) == 2
    assert on_offer.proposals() == []


def test_reviews_over_the_watch_line_do_not_stop_a_run() -> None:
    home = make.household()
    on_offer.project(max_grant_fen=9_000_000, budget_fen=90_000_000)
    for _ in range(2):
        make.need(home, net_fen=6_000_000)
    on_offer.run()
    reviewed = on_offer.proposals()
    for proposal in reviewed:
        approve(proposal, steps=1)
    under_review = sum(proposal.granted_fen for proposal in reviewed)
    on_offer.other_aid(make.need(home, net_fen=8_000_000), 8_000_000)

    assert sum(market().problem.pin_fen.tolist()) == under_review > 2_000_000
    assert on_offer.run().certificate["violations"] == 0


def test_money_spent_in_a_county_out_of_sight_is_spent() -> None:
    shared = on_offer.project(budget_fen=150_000, household_quota=2)
    make.need(make.household(make.OTHER_VILLAGE))
    on_offer.run(make.OTHER_COUNTY)
    made = on_offer.proposals()[0]
    approve(made)

    make.need()
    problem = market().problem
    assert (problem.project_budget_fen.tolist(), problem.project_quota.tolist()) == ([50_000], [1])
    on_offer.run()
    assert [(each.project_id, each.granted_fen) for each in on_offer.proposals()] == [
        (shared.pk, 50_000)
    ]


def test_a_household_gets_at_most_the_years_watch_line() -> None:
    home = make.household()
    on_offer.project(max_grant_fen=50_000_000, budget_fen=900_000_000)
    received = make.need(home, net_fen=7_000_000)
    on_offer.other_aid(received, 7_000_000)
    make.need(home, net_fen=8_000_000)
    assert np.array_equal(market().problem.household_cap_fen, [3_000_000])
    on_offer.run()
    assert sum(each.granted_fen for each in on_offer.proposals()) == 3_000_000
