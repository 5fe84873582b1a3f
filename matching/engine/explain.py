"""Why a need got what it got, in terms that add up, from the answer's own prices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.engine.problem import Problem
from matching.engine.solution import Solution


class Term(StrEnum):
    """Parts of a grant's value, in the unit of the weights; they sum to it."""

    PRIORITY = "priority"  # fen x priority of the need
    FIT = "fit"  # more or less, because of how well the project suits
    BONUS = "bonus"  # for the grant as such
    KEEP = "keep"  # for having been proposed before
    FAIRNESS = "fairness"  # for covering the first part of the gap


class Cost(StrEnum):
    """What the grant takes from others, at the prices of the need's tier."""

    BUDGET = "budget"
    QUOTA = "quota"
    HOUSEHOLD = "household"


class Hurdle(StrEnum):
    """Why an eligible project gives a need nothing (more); the first that fails counts."""

    GAP = "gap"  # fen still open < smallest grant
    HOUSEHOLD_CAP = "household_cap"  # fen left under the yearly cap < smallest grant
    FUNDERS = "funders"  # projects that may still join < 1
    QUOTA = "quota"  # slots left < 1
    BUDGET = "budget"  # fen left < smallest grant
    WORTH = "worth"  # feasible, but worth less than it takes from others at the prices


@dataclass(frozen=True)
class Matched:
    """One grant: value = sum of terms; surplus = value - sum of costs."""

    need: int
    project: int
    fen: int
    pinned: bool
    terms: dict[Term, float]
    costs: dict[Cost, float]
    next_best: int | None  # the project that would serve instead
    margin: float | None  # surplus of this grant over that of the next best, at the same prices

    @property
    def value(self) -> float:
        return sum(self.terms.values())

    @property
    def surplus(self) -> float:
        return self.value - sum(self.costs.values())


@dataclass(frozen=True)
class Unmet:
    """An eligible project that gives this need nothing: ``have`` falls short of ``wanted``."""

    project: int
    hurdle: Hurdle
    have: float
    wanted: float


class Explainer:
    """Explains any grant or gap of one answer; made once, asked often."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.prices = problem, solution.prices
        self.budget = problem.project_budget_fen.copy()
        self.cap = problem.household_cap_fen.copy()
        self.gap = problem.need_gap_fen.copy()
        household = problem.need_household[solution.need]
        np.subtract.at(self.budget, solution.project, solution.fen)
        np.subtract.at(self.cap, household, solution.fen)
        np.subtract.at(self.gap, solution.need, solution.fen)
        self.width = max(problem.projects, 1)
        served = np.unique(household * self.width + solution.project)
        self.served = set(served.tolist())
        self.quota = problem.project_quota - np.bincount(
            served % self.width, minlength=problem.projects
        )
        self.grants: dict[int, dict[int, tuple[int, bool]]] = {}
        for need, project, fen, pinned in zip(
            solution.need.tolist(), solution.project.tolist(), solution.fen.tolist(),
            solution.pinned.tolist(), strict=True,
        ):  # fmt: skip
            self.grants.setdefault(need, {})[project] = (fen, pinned)

    def match(self, need: int, project: int) -> Matched:
        """Explain a grant. A pinned one has no terms: it was decided before this run.

        Raises ``KeyError`` where there is no such grant.
        """
        fen, pinned = self.grants[need][project]
        if pinned:
            return Matched(need, project, fen, True, {}, {}, None, None)
        pair = self._pair(need, project)
        costs = self._costs(need, project, fen)
        terms = self._terms(need, pair, fen)
        surplus = sum(terms.values()) - sum(costs.values())
        next_best, best = None, 0.0
        for other in range(*self.problem.pair_start[need : need + 2].tolist()):
            instead = int(self.problem.pair_project[other])
            if instead in self.grants[need]:
                continue
            worth = self._instead(need, other, fen)
            if worth is not None and (next_best is None or worth > best):
                next_best, best = instead, worth
        margin = None if next_best is None else surplus - best
        return Matched(need, project, fen, False, terms, costs, next_best, margin)

    def unmet(self, need: int) -> list[Unmet]:
        """Return, per eligible project without a grant on ``need``, the first failing test."""
        problem = self.problem
        given = self.grants.get(need, {})
        household = int(problem.need_household[need])
        closed = any(problem.project_exclusive[project] for project in given)
        result = []
        for pair in range(*problem.pair_start[need : need + 2].tolist()):
            project = int(problem.pair_project[pair])
            if project in given:
                continue
            low = int(problem.project_min_fen[project])
            room = int(problem.need_max_grants[need]) - len(given)
            if closed or (given and problem.project_exclusive[project]):
                room = 0
            held = household * self.width + project in self.served
            slots = 1 if held else int(self.quota[project])
            for hurdle, have, wanted in (
                (Hurdle.GAP, self.gap[need], low),
                (Hurdle.HOUSEHOLD_CAP, self.cap[household], low),
                (Hurdle.FUNDERS, room, 1),
                (Hurdle.QUOTA, slots, 1),
                (Hurdle.BUDGET, self.budget[project], low),
            ):
                if have < wanted:
                    result.append(Unmet(project, hurdle, int(have), wanted))
                    break
            else:
                most = min(self.gap[need], self.cap[household], self.budget[project])
                fen = int(min(most, problem.project_max_fen[project]))
                value = self._plain(need, pair, fen)
                cost = sum(self._costs(need, project, fen).values())
                result.append(Unmet(project, Hurdle.WORTH, value, cost))
        return result

    def _pair(self, need: int, project: int) -> int:
        start = int(self.problem.pair_start[need])
        end = int(self.problem.pair_start[need + 1])
        return start + int(np.flatnonzero(self.problem.pair_project[start:end] == project)[0])

    def _plain(self, need: int, pair: int, fen: int) -> float:
        """Value without fairness."""
        problem = self.problem
        rate = problem.need_weight[need] * problem.pair_weight[pair]
        return float(fen * rate + problem.pair_bonus[pair] + problem.pair_keep_bonus[pair])

    def _terms(self, need: int, pair: int, fen: int) -> dict[Term, float]:
        problem = self.problem
        weight = float(problem.need_weight[need])
        new = sum(given for given, pinned in self.grants[need].values() if not pinned)
        earned = self._fairness(need, new) * fen / new
        return {
            Term.PRIORITY: fen * weight,
            Term.FIT: fen * weight * (float(problem.pair_weight[pair]) - 1.0),
            Term.BONUS: float(problem.pair_bonus[pair]),
            Term.KEEP: float(problem.pair_keep_bonus[pair]),
            Term.FAIRNESS: earned,
        }

    def _fairness(self, need: int, new: int) -> float:
        """Fairness value of ``new`` fen on top of what is pinned."""
        problem = self.problem
        pinned = sum(fen for fen, fixed in self.grants.get(need, {}).values() if fixed)
        first = int(problem.fairness_share * int(problem.need_gap_fen[need]))
        share = min(pinned + new, first) - min(pinned, first)
        return float(problem.fairness_weight * problem.need_weight[need] * share)

    def _costs(self, need: int, project: int, fen: int) -> dict[Cost, float]:
        tier = int(self.problem.need_tier[need])
        household = int(self.problem.need_household[need])
        return {
            Cost.BUDGET: float(self.prices.budget[tier, project]) * fen,
            Cost.QUOTA: float(self.prices.quota[tier, project]),
            Cost.HOUSEHOLD: float(self.prices.household[tier, household]) * fen,
        }

    def _instead(self, need: int, pair: int, fen: int) -> float | None:
        """Surplus if ``pair`` served instead of a grant of ``fen``, at the amount that suits it;
        None where its smallest grant does not fit. Prices stand for what others would lose."""
        problem = self.problem
        project = int(problem.pair_project[pair])
        if problem.project_exclusive[project] and len(self.grants[need]) > 1:
            return None
        household = int(problem.need_household[need])
        most = min(self.gap[need], self.cap[household]) + fen
        high = int(min(most, problem.project_max_fen[project]))
        low = int(problem.project_min_fen[project])
        if high < low:
            return None
        rest = sum(given for given, fixed in self.grants[need].values() if not fixed) - fen
        best = None
        first = int(problem.fairness_share * int(problem.need_gap_fen[need])) - rest
        for amount in {low, high, min(max(first, low), high)}:
            value = self._plain(need, pair, amount)
            value += self._fairness(need, rest + amount) - self._fairness(need, rest)
            value -= sum(self._costs(need, project, amount).values())
            best = value if best is None else max(best, value)
        return best
