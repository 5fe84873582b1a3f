"""Running one rule over a batch of cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from kernel.errors import Refused
from policy.engine.decision import Decisions
from policy.engine.money import NO_LIMIT, Column
from policy.engine.rule import Entity, Input, Rule, parameter_column
from policy.engine.system import PERIOD, variable_name
from policy.parameters import Parameter, ParameterBook

LARGEST_INPUT = 10**13


@dataclass(frozen=True)
class Place:
    """Where and when a case counts: region codes from the narrowest to "CN", and the day."""

    region_chain: tuple[str, ...]
    on: date


def run(
    system: TaxBenefitSystem,
    rule: Rule,
    columns: Mapping[str, Any],
    *,
    book: ParameterBook,
    places: Sequence[Place],
    place_of: Column,
    household_of: Column | None = None,
) -> Decisions:
    """Compute a rule for every row.

    ``columns``: per input a list (None is unknown), an int array, or a masked array (masked is
    unknown). ``place_of``: (rows) position in ``places``. ``household_of``: (persons) row of each
    person's household, when the columns hold the persons' inputs instead of the household's.
    Raises ``Refused`` for a column that is no input of the rule, a value out of range
    (``bad_input``), a missing parameter (``parameter_missing``), an overflow.
    """
    rows = len(place_of)
    _refuse_strange_columns(rule, columns, household_of)
    simulation = _simulation(system, rows, household_of)
    known: dict[str, Column] = {}
    for item in rule.inputs:
        known[item.name] = _set_input(simulation, item, columns, rows, household_of)

    found = {
        name: [book.lookup(name, region_chain=place.region_chain, on=place.on) for place in places]
        for name in rule.parameters
    }
    for name, parameters in found.items():
        numbers = np.array([_number(parameter) for parameter in parameters], dtype=np.int64)
        variable = variable_name(rule.entity, parameter_column(name))
        simulation.set_input(variable, PERIOD, numbers[place_of])

    names = [
        *(item.name for item in rule.inputs),
        *(parameter_column(name) for name in rule.parameters),
        *(made.name for made in rule.formulas),
    ]
    results = {
        name: simulation.calculate(variable_name(rule.entity, name), PERIOD) for name in names
    }
    unknown = np.zeros(rows, dtype=bool)
    for item in rule.inputs:
        matters = True if item.needed is None else item.needed(results.__getitem__)
        unknown |= ~known[item.name] & matters
    return Decisions(rule, results, known, unknown, found, place_of)


def _simulation(system: TaxBenefitSystem, rows: int, household_of: Column | None) -> Simulation:
    if household_of is None:
        return SimulationBuilder.build_default_simulation(system, rows)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(household_of)))
    everybody = np.zeros(len(household_of), dtype=np.int64)
    groups = ((Entity.HOUSEHOLD, rows, household_of), (Entity.TOWNSHIP, 1, everybody))
    for entity, count, of in groups:
        group = builder.declare_entity(entity.value, np.arange(count))
        group.members_entity_id = of
    return builder.build(system)


def _set_input(
    simulation: Simulation,
    item: Input,
    columns: Mapping[str, Any],
    rows: int,
    household_of: Column | None,
) -> Column:
    """Set one input; returns which rows know it."""
    if item.name in columns:
        values, known = _column(item, columns[item.name], rows)
        simulation.set_input(item.name, PERIOD, values)
        return known
    if household_of is not None and item.person_count:
        return np.ones(rows, dtype=bool)
    if household_of is not None and item.person_sum and item.person_sum.name in columns:
        persons = item.person_sum
        values, known = _column(persons, columns[persons.name], len(household_of))
        simulation.set_input(persons.name, PERIOD, values)
        return np.asarray(np.bincount(household_of[~known], minlength=rows) == 0)
    filler = 0 if item.default is None else item.default
    simulation.set_input(item.name, PERIOD, np.full(rows, filler, dtype=np.int64))
    return np.full(rows, item.default is not None)


def _column(item: Input, raw: Any, rows: int) -> tuple[Column, Column]:
    """The values (0 where unknown) and which of them are known."""
    if isinstance(raw, np.ma.MaskedArray):
        values, known = raw.filled(0), ~np.ma.getmaskarray(raw)
    elif isinstance(raw, np.ndarray):
        values, known = raw, np.ones(len(raw), dtype=bool)
    else:
        known = np.array([value is not None for value in raw], dtype=bool)
        values = np.array([_whole(item, value) for value in raw], dtype=np.int64)
    if len(values) != rows:
        raise Refused("bad_input", f"“{item.title}”有 {len(values)} 行，应为 {rows} 行")
    if values.dtype.kind not in "iub":
        raise Refused("bad_input", f"“{item.title}”应为整数（金额以分计）")
    largest = len(item.choice.codes) - 1 if item.choice else LARGEST_INPUT
    given = values[known]
    if given.size and (given.min() < item.minimum or given.max() > largest):
        raise Refused("bad_input", f"“{item.title}”超出范围 {item.minimum} 至 {largest}")
    return values.astype(np.int64), known


def _whole(item: Input, value: Any) -> int:
    if value is None:
        return 0
    if item.choice and isinstance(value, str):
        if value not in item.choice.codes:
            raise Refused("bad_input", f"“{item.title}”没有“{value}”这一项")
        return item.choice.codes.index(value)
    if isinstance(value, bool) == (item.kind == "flag") and isinstance(value, int):
        if -LARGEST_INPUT <= value <= LARGEST_INPUT:
            return int(value)
        raise Refused("bad_input", f"“{item.title}”超出范围 0 至 {LARGEST_INPUT}")
    raise Refused("bad_input", f"“{item.title}”的值 {value!r} 不是整数（金额以分计）")


def _refuse_strange_columns(
    rule: Rule, columns: Mapping[str, Any], household_of: Column | None
) -> None:
    allowed = {item.name for item in rule.inputs}
    if household_of is not None:
        allowed |= {item.person_sum.name for item in rule.inputs if item.person_sum}
    if strange := set(columns) - allowed:
        raise Refused("bad_input", f"规则 {rule.id} 没有输入项 {'、'.join(sorted(strange))}")


def _number(parameter: Parameter) -> int:
    if parameter.value is None:
        return NO_LIMIT
    if isinstance(parameter.value, int):
        return int(parameter.value)
    raise TypeError(f"{parameter.name} is no number")
