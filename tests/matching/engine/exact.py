"""The same problem written out for HiGHS: the exact optimum of a one-tier problem, for tests."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from matching.engine.problem import Problem


def optimum(problem: Problem, *, relaxed: bool = False) -> float:
    """Return the greatest value of new grants, fen as real numbers; LP if ``relaxed``."""
    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    infinity = highspy.kHighsInf
    none = np.empty(0, np.int32), np.empty(0)

    def column(cost: float, upper: float, whole: bool = False) -> int:
        model.addCol(-cost, 0.0, upper, 0, *none)
        if whole and not relaxed:
            model.changeColIntegrality(model.getNumCol() - 1, highspy.HighsVarType.kInteger)
        return int(model.getNumCol()) - 1

    def at_most(terms: list[tuple[int, float]], limit: float) -> None:
        where = np.array([index for index, _ in terms], np.int32)
        model.addRow(-infinity, limit, len(terms), where, np.array([by for _, by in terms]))

    pins = list(
        zip(problem.pin_need.tolist(), problem.pin_project.tolist(), problem.pin_fen, strict=True)
    )
    owner = problem.need_household
    by_need: dict[int, list[int]] = {i: [] for i in range(problem.needs)}
    by_project: dict[int, list[int]] = {j: [] for j in range(problem.projects)}
    by_household: dict[int, list[int]] = {h: [] for h in range(problem.households)}
    chosen: dict[int, list[int]] = {i: [] for i in range(problem.needs)}
    exclusive: dict[int, list[int]] = {i: [] for i in range(problem.needs)}
    slots: dict[tuple[int, int], int] = {}
    held = {(int(owner[i]), j) for i, j, _ in pins}
    for i, j, k in zip(
        problem.pair_need().tolist(),
        problem.pair_project.tolist(),
        range(problem.pairs),
        strict=True,
    ):
        if any((i, j) == (a, b) for a, b, _ in pins):
            continue
        rate = problem.need_weight[i] * problem.pair_weight[k]
        x = column(rate, infinity)
        y = column(problem.pair_bonus[k] + problem.pair_keep_bonus[k], 1.0, True)
        most = min(problem.project_max_fen[j], problem.need_gap_fen[i])
        at_most([(x, 1.0), (y, -float(most))], 0.0)
        at_most([(x, -1.0), (y, float(problem.project_min_fen[j]))], 0.0)
        by_need[i].append(x)
        by_project[j].append(x)
        by_household[int(owner[i])].append(x)
        chosen[i].append(y)
        if problem.project_exclusive[j]:
            exclusive[i].append(y)
        if (int(owner[i]), j) not in held:
            slot = slots.setdefault((int(owner[i]), j), -1)
            if slot < 0:
                slot = slots[int(owner[i]), j] = column(0.0, 1.0)
            at_most([(y, 1.0), (slot, -1.0)], 0.0)
    for i, xs in by_need.items():
        fixed = [(j, fen) for a, j, fen in pins if a == i]
        paid = sum(fen for _, fen in fixed)
        at_most([(x, 1.0) for x in xs], float(problem.need_gap_fen[i] - paid))
        room = int(problem.need_max_grants[i]) - len(fixed)
        if any(problem.project_exclusive[j] for j, _ in fixed):
            room = 0
        at_most([(y, 1.0) for y in chosen[i]], float(room))
        for y in exclusive[i]:
            if fixed:
                at_most([(y, 1.0)], 0.0)
            at_most([(z, 1.0) for z in chosen[i] if z != y] + [(y, 3.0)], 3.0)
        first = int(problem.fairness_share * int(problem.need_gap_fen[i]))
        worth = problem.fairness_weight * problem.need_weight[i]
        covered = column(worth, float(max(0, first - paid)))
        at_most([(covered, 1.0)] + [(x, -1.0) for x in xs], 0.0)
    for j, xs in by_project.items():
        paid = sum(fen for _, b, fen in pins if b == j)
        at_most([(x, 1.0) for x in xs], float(problem.project_budget_fen[j] - paid))
        used = sum(b == j for _, b in held)
        mine = [(slot, 1.0) for (_, b), slot in slots.items() if b == j]
        at_most(mine, float(problem.project_quota[j] - used))
    for h, xs in by_household.items():
        paid = sum(fen for i, _, fen in pins if owner[i] == h)
        at_most([(x, 1.0) for x in xs], float(problem.household_cap_fen[h] - paid))
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -float(model.getInfo().objective_function_value)
