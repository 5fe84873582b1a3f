"""The matching problem as arrays: what is asked, what is on offer, and what may never be broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Keys = NDArray[Any]

MAX_FUNDERS = 3
"""Most projects that may share one need; the exact per-need subproblem enumerates up to this."""

MAX_FEN = 10**15
"""Largest amount accepted (ten trillion yuan): sums of whole cities stay inside int64."""


class ProblemError(ValueError):
    """A problem that cannot be solved as stated: which ``field``, which ``rows`` of it, and why.

    ``index`` is the first of ``rows``, or -1 where the field as a whole is wrong.

    >>> str(ProblemError("need_gap_fen", (3, 8), "金额不能为负"))
    'need_gap_fen[3, 8]: 金额不能为负'
    """

    SHOWN = 20

    def __init__(self, field: str, rows: tuple[int, ...], reason: str) -> None:
        self.field = field
        self.rows = rows
        self.reason = reason
        shown = ", ".join(map(str, rows[: self.SHOWN])) + (" …" if len(rows) > self.SHOWN else "")
        super().__init__(f"{field}[{shown}]: {reason}" if rows else f"{field}: {reason}")

    @property
    def index(self) -> int:
        return self.rows[0] if self.rows else -1


@dataclass(frozen=True)
class Problem:
    """N needs of H households, P projects, K candidate pairs, R pinned grants. Money is int64 fen.

    The value of a grant of x fen on pair k of need i is
    ``x * need_weight[i] * pair_weight[k] + pair_bonus[k] + pair_keep_bonus[k]``, and each need adds
    ``fairness_weight * need_weight[i] * min(total, fairness_share * gap)``: the first part of a gap
    counts for more than the rest, so that money spreads.

    Tiers are lexicographic: tier 0 is solved first, frozen, then tier 1 with what is left.
    Keys make the result independent of row order; they must be unique.
    """

    need_key: Keys  # (N,) unique, sortable: integers or fixed-width text
    need_household: Ints  # (N,) index into household_cap_fen
    need_gap_fen: Ints  # (N,) fen still uncovered, before the pinned grants below
    need_tier: Ints  # (N,) 0 = most urgent
    need_weight: Floats  # (N,) priority, value per fen, >= 0
    need_max_grants: Ints  # (N,) 1..MAX_FUNDERS projects may share the need, pins included

    household_cap_fen: Ints  # (H,) fen the household may still receive this year, before pins

    project_key: Keys  # (P,) unique, sortable
    project_budget_fen: Ints  # (P,) fen to give in this run, before pins
    project_quota: Ints  # (P,) households it may serve in this run, before pins
    project_min_fen: Ints  # (P,) smallest grant, >= 1
    project_max_fen: Ints  # (P,) largest grant on one need
    project_exclusive: Bools  # (P,) its grant must be the need's only one (no co-funding)
    project_in_kind: Bools  # (P,) goods or a service of one fixed worth: min == max

    pair_start: Ints  # (N+1,) need i owns pairs pair_start[i] : pair_start[i+1]
    pair_project: Ints  # (K,) project index; at most one pair per need and project
    pair_weight: Floats  # (K,) fit of this project to this need, multiplies need_weight, >= 0
    pair_bonus: Floats  # (K,) value of the grant as such, whatever its amount, >= 0
    pair_keep_bonus: Floats  # (K,) added where the pair is already proposed: stability, >= 0

    pin_need: Ints  # (R,) approved grants, kept exactly
    pin_project: Ints  # (R,)
    pin_fen: Ints  # (R,)

    fairness_weight: float = 0.0
    fairness_share: float = 0.5
    must_assign: bool = False
    """Every need gets exactly one project at least cost (generalised assignment). Refused yet."""

    @property
    def needs(self) -> int:
        return len(self.need_key)

    @property
    def projects(self) -> int:
        return len(self.project_key)

    @property
    def households(self) -> int:
        return len(self.household_cap_fen)

    @property
    def pairs(self) -> int:
        return len(self.pair_project)

    def pair_need(self) -> Ints:
        """Return (K,) the need of each pair."""
        return np.repeat(np.arange(self.needs), np.diff(self.pair_start))

    def validate(self) -> None:
        """Raise ``ProblemError`` naming the field and every wrong row; pins must be feasible."""
        self._check_shapes()
        self._check_values()
        self._check_pairs()
        self._check_pins()
        if self.must_assign:
            raise ProblemError("must_assign", (), "尚不支持必须全部指派的模式")

    def _check_shapes(self) -> None:
        lengths = {"need": self.needs, "household": self.households, "project": self.projects}
        lengths |= {"pair": self.pairs, "pin": len(self.pin_need)}
        for name, value in vars(self).items():
            if not isinstance(value, np.ndarray):
                continue
            expected = self.needs + 1 if name == "pair_start" else lengths[name.split("_")[0]]
            if value.shape != (expected,):
                raise ProblemError(name, (), f"长度应为 {expected}，实为 {value.shape}")
            wanted = _KINDS.get(self.__annotations__[name], "")
            if wanted and value.dtype != np.dtype(wanted):
                raise ProblemError(name, (), f"类型应为 {wanted}，实为 {value.dtype}")
        for name in ("need_key", "project_key"):
            keys: Keys = getattr(self, name)
            if keys.dtype.kind not in "iuSU":
                raise ProblemError(name, (), "键应为整数或定长文本")
            order = np.argsort(keys, kind="stable")
            same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
            _refuse(name, np.sort(order[same + 1]), "键重复")

    def _check_values(self) -> None:
        for name in (
            "need_gap_fen", "household_cap_fen", "project_budget_fen", "project_quota", "need_tier",
        ):  # fmt: skip
            value: Ints = getattr(self, name)
            _refuse_if(name, value < 0, "不能为负")
            _refuse_if(name, value > MAX_FEN, "数值过大")
        for name in ("need_weight", "pair_weight", "pair_bonus", "pair_keep_bonus"):
            numbers: Floats = getattr(self, name)
            _refuse_if(name, ~np.isfinite(numbers), "缺失或不是有限数")
            _refuse_if(name, numbers < 0, "不能为负")
        _refuse_if(
            "need_max_grants",
            (self.need_max_grants < 1) | (self.need_max_grants > MAX_FUNDERS),
            f"应在 1 与 {MAX_FUNDERS} 之间",
        )
        outside = (self.need_household < 0) | (self.need_household >= self.households)
        _refuse_if("need_household", outside, "没有这一户")
        _refuse_if("project_min_fen", self.project_min_fen < 1, "最低资助额至少为 1 分")
        _refuse_if(
            "project_max_fen", self.project_max_fen < self.project_min_fen, "最高资助额低于最低额"
        )
        _refuse_if("project_max_fen", self.project_max_fen > MAX_FEN, "数值过大")
        _refuse_if(
            "project_in_kind",
            self.project_in_kind & (self.project_min_fen != self.project_max_fen),
            "实物项目的最低额与最高额应相等",
        )
        if not (np.isfinite(self.fairness_weight) and self.fairness_weight >= 0):
            raise ProblemError("fairness_weight", (), "应为不小于零的有限数")
        if not 0 < self.fairness_share <= 1:
            raise ProblemError("fairness_share", (), "应大于 0 且不超过 1")

    def _check_pairs(self) -> None:
        start = self.pair_start
        if start[0] != 0 or start[-1] != self.pairs:
            raise ProblemError("pair_start", (), f"应从 0 开始到 {self.pairs} 结束")
        _refuse_if("pair_start", np.diff(start) < 0, "应不减")
        outside = (self.pair_project < 0) | (self.pair_project >= self.projects)
        _refuse_if("pair_project", outside, "没有这一项目")
        code = self.pair_need() * max(self.projects, 1) + self.pair_project
        order = np.argsort(code, kind="stable")
        same = np.flatnonzero(code[order][1:] == code[order][:-1])
        _refuse("pair_project", np.sort(order[same + 1]), "同一需求与项目重复配对")

    def _check_pins(self) -> None:
        need, project, fen = self.pin_need, self.pin_project, self.pin_fen
        _refuse_if("pin_need", (need < 0) | (need >= self.needs), "没有这一需求")
        _refuse_if("pin_project", (project < 0) | (project >= self.projects), "没有这一项目")
        _refuse_if("pin_fen", (fen < 1) | (fen > MAX_FEN), "已批准金额应为正")
        code = need * max(self.projects, 1) + project
        _, first = np.unique(code, return_index=True)
        _refuse_if("pin_project", ~np.isin(np.arange(len(code)), first), "同一需求与项目重复批准")
        household = self.need_household[need]
        for what, owner, limit in (
            ("超过需求缺口", need, self.need_gap_fen),
            ("超过项目预算", project, self.project_budget_fen),
            ("超过家庭年度上限", household, self.household_cap_fen),
        ):
            total = np.zeros(len(limit), np.int64)
            np.add.at(total, owner, fen)
            _refuse_if("pin_fen", (total > limit)[owner], f"已批准资助合计{what}")
        served = np.unique(household * max(self.projects, 1) + project) % max(self.projects, 1)
        over = np.bincount(served, minlength=self.projects) > self.project_quota
        _refuse_if("pin_project", over[project], "已批准户数超过项目名额")
        count = np.bincount(need, minlength=self.needs)
        _refuse_if("pin_need", (count > self.need_max_grants)[need], "已批准的资助方多于允许数")
        alone = self.project_exclusive[project] & (count[need] > 1)
        _refuse_if("pin_project", alone, "独占项目的需求另有资助方")


_KINDS = {"Ints": "int64", "Floats": "float64", "Bools": "bool"}


def _refuse(field: str, rows: Ints, reason: str) -> None:
    if len(rows):
        raise ProblemError(field, tuple(int(row) for row in rows), reason)


def _refuse_if(field: str, wrong: Bools, reason: str) -> None:
    _refuse(field, np.flatnonzero(wrong), reason)
