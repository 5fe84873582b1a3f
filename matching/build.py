"""From the database to the engine's arrays, in one pass per table."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from aid.selectors import household_year_fen, residuals
from audit.acting import acting_as
from households.models import Need, Recognition
from kernel.access import SYSTEM
from matching.engine.problem import Problem
from matching.models import Proposal
from matching.rules import KEEP_BONUS_FEN, Asking, Offer, first_failing_test, fit
from matching.selectors import projects_spent
from policy.parameters import lookup_number
from projects.models import Project
from regions.models import Region

#: Projects that may share one need.
MAX_FUNDERS = 3
Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Market:
    """A problem with the rows behind its indices, and the tests that failed for the other pairs."""

    problem: Problem
    needs: list[Need]
    projects: list[Project]
    failures: Callable[[int, int], str | None]


def market_of(region: Region, on: date) -> Market:
    """Build the problem of a region: open assessed needs with a residual, open projects."""
    needs, gaps = _needs(region)
    projects = list(
        Project.objects.filter(state=Project.State.OPEN, opens_on__lte=on, closes_on__gte=on)
        .select_related("region", "organisation", "brand")
        .order_by("id")
    )
    offers = [
        Offer(p.purpose, frozenset(p.categories), p.region.path, p.opens_on, p.closes_on)
        for p in projects
    ]
    categories = _categories({need.household_id for need in needs}, on)
    askings = [
        Asking(need.purpose, categories[need.household_id], need.region.path) for need in needs
    ]
    earlier = _earlier(needs)
    need_row = {need.id: row for row, need in enumerate(needs)}
    project_row = {project.id: row for row, project in enumerate(projects)}
    pinned = _pinned(earlier.in_review, needs, gaps, projects, need_row, project_row)
    closed = earlier.closed | dict.fromkeys(
        earlier.in_review.keys() - {(needs[n].id, projects[p].id) for n, p, _ in pinned},
        "正在复核",
    )

    by_purpose: dict[str, list[int]] = defaultdict(list)
    for index, offer in enumerate(offers):
        by_purpose[offer.purpose].append(index)
    starts, pair_project, pair_weight, pair_keep = [0], [], [], []
    for need, asking in zip(needs, askings, strict=True):
        for index in by_purpose[asking.purpose]:
            pair = (need.id, projects[index].id)
            if pair in closed or first_failing_test(offers[index], asking, on):
                continue
            pair_project.append(index)
            pair_weight.append(fit(projects[index].categories))
            pair_keep.append(KEEP_BONUS_FEN if pair in earlier.proposed else 0.0)
        starts.append(len(pair_project))

    households = sorted({need.household_id for need in needs})
    row_of = {household: row for row, household in enumerate(households)}
    budget, quota = _left(projects, needs, pinned)
    caps = _caps(households, region, on)
    promised: dict[int, int] = defaultdict(int)
    for n, _, fen in pinned:
        promised[row_of[needs[n].household_id]] += fen
    for row, fen in promised.items():
        # Begun reviews are not broken off by the watch line, which only asks for a look.
        caps[row] = max(caps[row], fen)
    problem = Problem(
        need_key=np.array([str(need.id) for need in needs], dtype="U36"),
        need_household=_ints([row_of[need.household_id] for need in needs]),
        need_gap_fen=_ints(gaps),
        need_tier=_ints([need.tier for need in needs]),
        need_weight=np.ones(len(needs)),
        need_max_grants=np.full(len(needs), MAX_FUNDERS, dtype=np.int64),
        household_cap_fen=caps,
        project_key=np.array([str(project.id) for project in projects], dtype="U36"),
        project_budget_fen=budget,
        project_quota=quota,
        project_min_fen=_ints([max(project.min_grant_fen, 1) for project in projects]),
        project_max_fen=_ints([project.max_grant_fen for project in projects]),
        project_exclusive=np.array([project.is_exclusive for project in projects], dtype=np.bool_),
        project_in_kind=np.zeros(len(projects), dtype=np.bool_),
        pair_start=_ints(starts),
        pair_project=_ints(pair_project),
        pair_weight=np.array(pair_weight, dtype=np.float64),
        pair_bonus=np.zeros(len(pair_project)),
        pair_keep_bonus=np.array(pair_keep, dtype=np.float64),
        pin_need=_ints([pin[0] for pin in pinned]),
        pin_project=_ints([pin[1] for pin in pinned]),
        pin_fen=_ints([pin[2] for pin in pinned]),
    )

    def failures(need: int, project: int) -> str | None:
        pair = (needs[need].id, projects[project].id)
        return closed.get(pair) or first_failing_test(offers[project], askings[need], on)

    return Market(problem, needs, projects, failures)


def _ints(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


def _needs(region: Region) -> tuple[list[Need], list[int]]:
    found = list(
        Need.objects.filter(
            region__path__startswith=region.path,
            state__in=[Need.State.OPEN, Need.State.PARTLY_MET],
            net_fen__gt=0,
        )
        .select_related("region", "household")
        .order_by("id")
    )
    left = residuals([need.id for need in found])
    open_needs = [need for need in found if (left[need.id] or 0) > 0]
    return open_needs, [left[need.id] or 0 for need in open_needs]


def _categories(households: set[UUID], on: date) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = Recognition.objects.filter(period__contains=on).values_list("household_id", "category")
    for household, category in rows:
        if household in households:
            found[household].add(category)
    return defaultdict(frozenset, {key: frozenset(value) for key, value in found.items()})


@dataclass
class Earlier:
    """What became of earlier proposals, by (need, project)."""

    #: Not to be proposed again, and why.
    closed: dict[Pair, str]
    #: Proposed and undecided: kept where it costs little.
    proposed: set[Pair]
    #: Under review, with its amount.
    in_review: dict[Pair, int]


def _earlier(needs: list[Need]) -> Earlier:
    state = Proposal.State
    reasons = {
        state.REJECTED: "此前已退回",
        state.HELD: "此前因重叠搁置",
        # A project's largest grant is per need: a second one would pass it.
        state.APPROVED: "该项目已资助此需求",
    }
    found = Earlier({}, set(), {})
    rows = Proposal.objects.filter(need__in=[need.id for need in needs])
    for need, project, now, fen in rows.values_list(
        "need_id", "project_id", "state", "granted_fen"
    ):
        if now in reasons:
            found.closed[need, project] = reasons[state(now)]
        elif now == state.PROPOSED:
            found.proposed.add((need, project))
        elif now == state.IN_REVIEW:
            found.in_review[need, project] = fen
    return found


def _pinned(
    in_review: dict[Pair, int],
    needs: list[Need],
    gaps: list[int],
    projects: list[Project],
    need_row: dict[UUID, int],
    project_row: dict[UUID, int],
) -> list[tuple[int, int, int]]:
    """Return (need, project, fen) of the grants in review that still fit what is left.

    One that late facts have overtaken is left to its officers, who see why.
    """
    pinned: list[tuple[int, int, int]] = []
    left = list(gaps)
    funders: dict[int, list[int]] = defaultdict(list)
    for (need, project), fen in sorted(in_review.items()):
        if need not in need_row or project not in project_row:
            continue
        n, p = need_row[need], project_row[project]
        others = funders[n]
        alone = any(projects[each].is_exclusive for each in (p, *others))
        if fen > left[n] or len(others) == MAX_FUNDERS or (others and alone):
            continue
        left[n] -= fen
        others.append(p)
        pinned.append((n, p, fen))
    return pinned


def _left(
    projects: list[Project], needs: list[Need], pinned: list[tuple[int, int, int]]
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", ...]:
    """Budget and household places still open in each project, pins not yet taken off."""
    fen_of: dict[int, int] = defaultdict(int)
    families: dict[int, set[UUID]] = defaultdict(set)
    for n, p, fen in pinned:
        fen_of[p] += fen
        families[p].add(needs[n].household_id)
    ids = [project.id for project in projects]
    # A city-wide project also spends in counties whose rows this officer does not see.
    with acting_as(SYSTEM):
        spent = projects_spent(ids, in_review=True)
    budgets, quotas = [], []
    for row, project in enumerate(projects):
        fen, households = spent[project.id]
        budgets.append(max(project.budget_fen - fen, 0) + fen_of[row])
        quotas.append(max(project.household_quota - len(households), 0) + len(families[row]))
    return _ints(budgets), _ints(quotas)


def _caps(
    households: list[UUID], region: Region, on: date
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """What a household may still receive this year under the watch line (O-17)."""
    line = lookup_number("aid.watch_line_fen_per_year", region_chain=region.chain, on=on)
    received = household_year_fen(households, on.year)
    return _ints([max(line - received.get(household, 0), 0) for household in households])
