"""From the stated problem to the compiled loops: rows sorted by key, pins taken off, one tier."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.kernels import State, Table
from matching.engine.problem import Bools, Floats, Ints, Problem


@dataclass(frozen=True)
class Sorted:
    """A problem with rows in the order of their keys, and the way back."""

    problem: Problem
    need: Ints  # (N,) row in the stated problem of each sorted need
    project: Ints  # (P,)
    household: Ints  # (H,) households in the order of their first need
    stated_households: int  # households before those without needs were dropped
    digest: str  # hash of everything that decides the result, whatever the stated order


def sort(problem: Problem) -> Sorted:
    """Return ``problem`` with needs, projects, pairs and pins in key order.

    Households have no key: they are numbered by their first need; those without a need are dropped.
    """
    need = np.argsort(problem.need_key, kind="stable")
    project = np.argsort(problem.project_key, kind="stable")
    rank = np.empty(problem.projects, np.int64)
    rank[project] = np.arange(problem.projects)
    place = np.empty(problem.needs, np.int64)
    place[need] = np.arange(problem.needs)
    household, number = _by_first(problem.need_household[need])
    owner = place[problem.pair_need()]
    partner = rank[problem.pair_project]
    pair = np.lexsort((partner, owner))
    pin_owner, pin_partner = place[problem.pin_need], rank[problem.pin_project]
    pin = np.lexsort((pin_partner, pin_owner))
    columns = {
        name: value[project] for name, value in vars(problem).items() if name.startswith("project_")
    }
    columns |= {
        name: value[need] for name, value in vars(problem).items() if name.startswith("need_")
    }
    columns |= {
        "need_household": number,
        "household_cap_fen": problem.household_cap_fen[household],
        "pair_start": starts(owner, problem.needs),
        "pair_project": partner[pair],
        "pair_weight": problem.pair_weight[pair],
        "pair_bonus": problem.pair_bonus[pair],
        "pair_keep_bonus": problem.pair_keep_bonus[pair],
        "pin_need": pin_owner[pin],
        "pin_project": pin_partner[pin],
        "pin_fen": problem.pin_fen[pin],
    }
    ordered = replace(problem, **columns)
    return Sorted(ordered, need, project, household, problem.households, digest(ordered))


def _by_first(values: Ints) -> tuple[Ints, Ints]:
    """Return the distinct values in the order of their first row, and each row's place in that."""
    seen, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(seen), np.int64)
    place[order] = np.arange(len(seen))
    return seen[order], place[inverse]


def starts(owner: Ints, rows: int) -> Ints:
    """Return (rows+1,) where the entries of each row begin once sorted by ``owner``.

    >>> starts(np.array([2, 0, 2]), 3).tolist()
    [0, 1, 1, 3]
    """
    result = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=rows), out=result[1:])
    return result


def digest(problem: Problem) -> str:
    """Return the SHA-256 of every field, by name, type and content."""
    total = hashlib.sha256()
    for name, value in sorted(vars(problem).items()):
        array = np.ascontiguousarray(value)
        total.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        total.update(array.tobytes())
    return total.hexdigest()


@dataclass
class Left:
    """What pins and higher tiers leave, on sorted rows. Changed as tiers are frozen."""

    budget: Ints  # (P,) fen
    quota: Ints  # (P,) slots
    cap: Ints  # (H,) fen
    served: Ints  # sorted unique household * P + project that already hold a slot

    @classmethod
    def after_pins(cls, problem: Problem) -> Left:
        left = cls(
            problem.project_budget_fen.copy(),
            problem.project_quota.copy(),
            problem.household_cap_fen.copy(),
            np.empty(0, np.int64),
        )
        left.take(problem, problem.pin_need, problem.pin_project, problem.pin_fen)
        return left

    def take(self, problem: Problem, need: Ints, project: Ints, fen: Ints) -> None:
        """Book grants against what is left."""
        household = problem.need_household[need]
        np.subtract.at(self.budget, project, fen)
        np.subtract.at(self.cap, household, fen)
        taken = np.unique(household * max(problem.projects, 1) + project)
        taken = np.setdiff1d(taken, self.served, assume_unique=True)
        np.subtract.at(self.quota, taken % max(problem.projects, 1), 1)
        self.served = np.union1d(self.served, taken)


@dataclass(frozen=True)
class Tier:
    """One tier as the kernels take it, with the way back to the sorted problem."""

    table: Table
    need: Ints  # (n,) sorted need of each row
    pair: Ints  # (k,) sorted pair of each entry
    household: Ints  # (h,)
    budget: Ints  # (p,) fen left before this tier
    quota: Ints  # (p,)
    slot_free: Bools  # (groups,) the household already holds a slot of the project
    groups: int

    def empty(self) -> State:
        """Return the state in which nothing is granted."""
        n = len(self.need)
        return State(
            np.full((n, 3), -1, np.int64),
            np.zeros((n, 3), np.int64),
            self.budget.copy(),
            self.quota.copy(),
            self.table.cap.copy(),
            self.slot_free.astype(np.int64),
        )

    def shares(self) -> Floats:
        """Return (k,) each pair's even share of its group's slot; 0 where the slot is held."""
        size = np.bincount(self.table.group, minlength=self.groups)
        return np.where(self.slot_free, 0.0, 1.0 / np.maximum(size, 1))[self.table.group]

    def grants(self, state: State) -> tuple[Ints, Ints, Ints]:
        """Return (need, project, fen) of the state, on sorted rows."""
        row, slot = np.nonzero(state.pair >= 0)
        pair = state.pair[row, slot]
        return self.need[row], self.table.project[pair], state.fen[row, slot]


def tier_of(problem: Problem, left: Left, tier: int) -> Tier:
    """Return tier ``tier`` of the sorted ``problem``, with only the pairs still usable."""
    width = max(problem.projects, 1)
    pinned = np.zeros(problem.needs, np.int64)
    np.add.at(pinned, problem.pin_need, problem.pin_fen)
    count = np.bincount(problem.pin_need, minlength=problem.needs)
    closed = np.zeros(problem.needs, np.bool_)
    closed[problem.pin_need[problem.project_exclusive[problem.pin_project]]] = True
    gap = np.minimum(problem.need_gap_fen - pinned, left.cap[problem.need_household])
    funders = problem.need_max_grants - count

    owner = problem.pair_need()
    partner = problem.pair_project
    most = np.minimum(problem.project_max_fen, left.budget)
    code = problem.need_household[owner] * width + partner
    free = np.isin(code, left.served)
    usable = (
        (problem.need_tier[owner] == tier)
        & (np.minimum(most[partner], gap[owner]) >= problem.project_min_fen[partner])
        & (free | (left.quota[partner] > 0))
        & ~closed[owner]
        & (funders[owner] > 0)
        & ~(problem.project_exclusive[partner] & (count[owner] > 0))
        & ~np.isin(owner * width + partner, problem.pin_need * width + problem.pin_project)
    )
    pair = np.flatnonzero(usable)
    need = np.unique(owner[pair])
    household, house = _by_first(problem.need_household[need])
    # Rows of one household lie side by side: the pricing reads memory in order.
    side_by_side = np.argsort(house, kind="stable")
    need, house = need[side_by_side], house[side_by_side]
    place = np.empty(problem.needs, np.int64)
    place[need] = np.arange(len(need))
    pair = pair[np.argsort(place[owner[pair]], kind="stable")]
    row, project = place[owner[pair]], partner[pair]
    groups, group = np.unique(code[pair], return_inverse=True)
    first = np.floor(problem.fairness_share * problem.need_gap_fen[need]).astype(np.int64)
    weight = problem.need_weight[need]
    table = Table(
        start=starts(row, len(need)),
        project=project,
        value=weight[row] * problem.pair_weight[pair],
        bonus=problem.pair_bonus[pair] + problem.pair_keep_bonus[pair],
        group=group.astype(np.int64),
        gap=gap[need],
        first=np.maximum(first - pinned[need], 0),
        fair=problem.fairness_weight * weight,
        funders=funders[need],
        household=house,
        lo=problem.project_min_fen,
        hi=most,
        exclusive=problem.project_exclusive,
        house_start=starts(house, len(household)),
        cap=left.cap[household],
        column_start=starts(project, problem.projects),
        column_need=row[np.argsort(project, kind="stable")],
    )
    slot_free = np.isin(groups, left.served)
    return Tier(table, need, pair, household, left.budget, left.quota, slot_free, len(groups))
