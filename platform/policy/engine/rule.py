"""What a rule is made of: inputs, parameters, formulas, outcomes and its explanation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

import numpy as np

from policy.engine.money import NO_LIMIT, Column, percent, yuan
from policy.parameters import Parameter

#: Reads one column of the case: an input, a parameter or another formula's result.
Read = Callable[[str], Column]

UNKNOWN = "unknown"


class Entity(StrEnum):
    """Whom a rule is about."""

    PERSON = "person"
    HOUSEHOLD = "household"
    TOWNSHIP = "township"


class Choice:
    """A closed list of codes with their Chinese names; columns hold the position in the list."""

    def __init__(self, **labels: str) -> None:
        self.codes = tuple(labels)
        self.labels = labels

    def among(self, column: Column, *codes: str) -> Column:
        """Which rows hold one of these codes.

        >>> Choice(a="甲", b="乙").among(np.array([0, 1, 1]), "b")
        array([False,  True,  True])
        """
        return np.isin(column, [self.codes.index(code) for code in codes])

    def first(self, *cases: tuple[Column, str], otherwise: str) -> Column:
        """The code of the first case that holds in each row, as positions."""
        return np.select(
            [holds for holds, _ in cases],
            [np.int64(self.codes.index(code)) for _, code in cases],
            default=np.int64(self.codes.index(otherwise)),
        )


CATEGORY = Choice(
    none="未纳入任何类别",
    dibao="低保对象",
    dibao_edge="低保边缘家庭",
    tekun="特困人员",
    rigid_expenditure="刚性支出困难家庭",
    registered_poor="建档立卡贫困户",
    department_recognised="部门认定的困难群体",
)

Kind = Literal["fen", "count", "area_dm2", "flag", "choice"]


@dataclass(frozen=True)
class Input:
    """A fact that the caller gives; unknown is None, never 0.

    ``minimum`` is the smallest value that makes sense. ``default`` stands in when the caller does
    not mention the input at all. ``needed`` says in which rows an unknown value matters.
    ``person_sum`` names the persons' input whose sum this is, and ``person_count`` says that it is
    the number of persons, when the caller gives persons.
    """

    name: str
    title: str
    kind: Kind = "fen"
    choice: Choice | None = None
    default: int | None = None
    minimum: int = 0
    needed: Callable[[Read], Column] | None = None
    person_sum: "Input | None" = None
    person_count: bool = False


@dataclass(frozen=True)
class Formula:
    """A named result: ``function`` reads columns and returns a column of int64 or bool."""

    name: str
    entity: Entity
    title: str
    function: Callable[[Read], Column]


def formula(entity: Entity, title: str) -> Callable[[Callable[[Read], Column]], Formula]:
    """Make a formula of a function; its name becomes the name of the result."""

    def make(function: Callable[[Read], Column]) -> Formula:
        return Formula(function.__name__, entity, title, function)

    return make


def parameter_column(name: str) -> str:
    """The column that holds a parameter: OpenFisca allows no dots in names.

    >>> parameter_column("dibao.standard_fen_per_month")
    'dibao__standard_fen_per_month'
    """
    return name.replace(".", "__")


@dataclass(frozen=True)
class Rule:
    """One rule of the policy, with the id that ``docs/policy/rules.md`` maps to its clause.

    ``parameters`` are read under ``parameter_column(name)``; a null one (no such limit) becomes
    ``NO_LIMIT``. ``amount`` is None for rules that only classify. ``without_amount`` lists
    outcomes under which the amount means nothing.
    """

    id: str
    name: str
    title: str
    entity: Entity
    inputs: tuple[Input, ...]
    parameters: tuple[str, ...]
    formulas: tuple[Formula, ...]
    outcomes: Choice
    outcome: Formula
    explain: "Callable[[Row], list[str]]"
    amount: Formula | None = None
    held: Formula | None = None
    without_amount: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Row:
    """One row of a computed batch, for explaining it."""

    values: Mapping[str, int]
    parameters: Mapping[str, Parameter]
    inputs: Mapping[str, object]

    def __getitem__(self, name: str) -> int:
        return self.values[name]

    def yuan(self, name: str) -> str:
        """An input, parameter (dotted name) or result in yuan."""
        fen = self.values[parameter_column(name)]
        return "不限" if fen == NO_LIMIT else yuan(fen)

    def percent(self, name: str) -> str:
        """A parameter in basis points as per cent."""
        return percent(self.values[parameter_column(name)])


def basis(parameter: Parameter) -> str:
    """One parameter as a line of grounds: title, value, region, day, source."""
    value = parameter.value
    if value is None:
        text = "未规定"
    elif parameter.unit == "fen" and isinstance(value, int):
        text = yuan(value)
    elif parameter.unit == "basis_points" and isinstance(value, int):
        text = percent(value)
    elif parameter.unit == "flag":
        text = "是" if value else "否"
    else:
        text = str(value)
    source = "示例值，待本地核定" if parameter.sample else f"{parameter.source} {parameter.clause}"
    return f"{parameter.title}：{text}〔{parameter.region}，{_day(parameter)}，{source.strip()}〕"


def _day(parameter: Parameter) -> str:
    if parameter.effective_from:
        return f"{_iso(parameter.effective_from)}起"
    if parameter.assumed_from:
        return f"暂按{_iso(parameter.assumed_from)}起"
    return "生效日期不明"


def _iso(day: date) -> str:
    return day.isoformat()
