"""From the database to the engine's arrays, in one pass per table."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.db.models import Count, F, Sum

from aid.selectors import household_year_fen, residuals
from households.models import Need, Recognition
from matching.engine.problem import Problem
from matching.models import Proposal
from matching.rules import KEEP_BONUS_FEN, Asking, Offer, first_failing_test, fit
from policy.parameters import lookup_number
from projects.models import Project, Wish
from regions.models import Region

#: Projects that may share one need.
MAX_FUNDERS = 3
_SPENT_WISHES = [Wish.State.CLAIMED, Wish.State.FUNDED, Wish.State.DELIVERED, Wish.State.OUTCOME]


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
    rejected, kept, pins = _earlier(needs)

    by_purpose: dict[str, list[int]] = defaultdict(list)
    for index, offer in enumerate(offers):
        by_purpose[offer.purpose].append(index)
    starts, pair_project, pair_weight, pair_keep = [0], [], [], []
    for need, asking in zip(needs, askings, strict=True):
        for index in by_purpose[asking.purpose]:
            pair = (need.id, projects[index].id)
            if pair in rejected or first_failing_test(offers[index], asking, on):
                continue
            pair_project.append(index)
            pair_weight.append(fit(projects[index].categories))
            pair_keep.append(KEEP_BONUS_FEN if pair in kept else 0.0)
        starts.append(len(pair_project))

    households = sorted({need.household_id for need in needs})
    row_of = {household: row for row, household in enumerate(households)}
    need_row = {need.id: row for row, need in enumerate(needs)}
    project_row = {project.id: row for row, project in enumerate(projects)}
    budget, quota = _left(projects)
    caps = _caps(households, region, on)
    pinned = []
    for (n, p), fen in sorted(pins.items()):
        # A grant in review that late facts have overtaken is left to its officers, who see why.
        if n in need_row and p in project_row and fen <= gaps[need_row[n]]:
            pinned.append((need_row[n], project_row[p], fen))
            row = row_of[needs[need_row[n]].household_id]
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
        if (needs[need].id, projects[project].id) in rejected:
            return "此前已退回"
        return first_failing_test(offers[project], askings[need], on)

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


def _earlier(
    needs: list[Need],
) -> tuple[set[tuple[UUID, UUID]], set[tuple[UUID, UUID]], dict[tuple[UUID, UUID], int]]:
    """Pairs rejected before, pairs now proposed (kept where it costs little), pairs in review."""
    rejected: set[tuple[UUID, UUID]] = set()
    kept: set[tuple[UUID, UUID]] = set()
    pins: dict[tuple[UUID, UUID], int] = {}
    state = Proposal.State
    for row in Proposal.objects.filter(need__in=[need.id for need in needs]).values_list(
        "need_id", "project_id", "state", "granted_fen"
    ):
        pair = (row[0], row[1])
        if row[2] in (state.REJECTED, state.HELD):
            rejected.add(pair)
        elif row[2] == state.PROPOSED:
            kept.add(pair)
        elif row[2] == state.IN_REVIEW:
            pins[pair] = row[3]
    return rejected, kept, pins


def _left(
    projects: list[Project],
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", ...]:
    """Budget and household places still open in each project, pins not yet taken off."""
    approved = {
        row["project_id"]: (row["fen"], row["households"])
        for row in Proposal.objects.filter(state=Proposal.State.APPROVED)
        .values("project_id")
        .annotate(fen=Sum("granted_fen"), households=Count("household", distinct=True))
    }
    wished = {
        row["project_id"]: row["fen"]
        for row in Wish.objects.filter(state__in=_SPENT_WISHES)
        .values("project_id")
        .annotate(fen=Sum(F("quantity") * F("unit_price_fen")))
    }
    budgets, quotas = [], []
    for project in projects:
        fen, households = approved.get(project.id, (0, 0))
        budgets.append(max(project.budget_fen - fen - wished.get(project.id, 0), 0))
        quotas.append(max(project.household_quota - households, 0))
    return _ints(budgets), _ints(quotas)


def _caps(
    households: list[UUID], region: Region, on: date
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """What a household may still receive this year under the watch line (O-17)."""
    line = lookup_number("aid.watch_line_fen_per_year", region_chain=region.chain, on=on)
    received = household_year_fen(households, on.year)
    return _ints([max(line - received.get(household, 0), 0) for household in households])
