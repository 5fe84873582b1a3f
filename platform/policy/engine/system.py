"""The OpenFisca system behind the rules: entities, and variables that hold exact whole numbers.

OpenFisca keeps integers in 32 bits and wraps amounts above 21.5 million yuan without a word, keeps
numbers in float32, and sums members in float64 (docs/adr/policy-int64.md). Every variable here is
int64, a formula that yields anything else is an error, and members are summed in int64.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit, period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from policy.engine.money import Column
from policy.engine.rule import Entity, Formula, Input, Rule, parameter_column

#: Region and day of each row are resolved into its parameter columns before the vector call, so
#: OpenFisca sees one nominal month. (Its ETERNITY period cannot run formulas: year -1.)
PERIOD = period("2000-01")

ENTITIES = {
    Entity.PERSON: build_entity(key="person", plural="persons", label="个人", is_person=True),
    Entity.HOUSEHOLD: build_entity(
        key="household",
        plural="households",
        label="家庭",
        roles=[{"key": "member", "plural": "members", "label": "成员"}],
    ),
    Entity.TOWNSHIP: build_entity(
        key="township",
        plural="townships",
        label="乡镇街道",
        roles=[{"key": "resident", "plural": "residents", "label": "居民"}],
    ),
}


class WholeNumber(Variable):  # type: ignore[misc]  # OpenFisca is untyped
    """An OpenFisca variable of 64-bit whole numbers: fen, counts, basis points, flags, codes."""

    def __init__(self, baseline_variable: Any = None) -> None:
        super().__init__(baseline_variable)
        self.dtype = np.dtype(np.int64)


def variable_name(entity: Entity, column: str) -> str:
    """The OpenFisca variable behind a column; parameters have one for each entity that uses them.

    >>> variable_name(Entity.PERSON, "dibao__standard_fen_per_month")
    'person_dibao__standard_fen_per_month'
    """
    return f"{entity}_{column}" if "__" in column else column


def build_system(rules: Iterable[Rule]) -> TaxBenefitSystem:
    """A system that knows every input, parameter and formula of the rules."""
    system = TaxBenefitSystem(list(ENTITIES.values()))
    seen: dict[str, tuple[Entity, object]] = {}

    def add(name: str, entity: Entity, title: str, source: object, function: Any = None) -> None:
        if name in seen:
            if seen[name] != (entity, source):
                raise ValueError(f"two different meanings of {name}")
            return
        seen[name] = (entity, source)
        system.add_variable(_variable(name, entity, title, function))

    for rule in rules:
        for item in rule.inputs:
            if item.person_sum:
                persons = item.person_sum
                add(persons.name, Entity.PERSON, persons.title, persons)
            add(item.name, rule.entity, item.title, item, _from_persons(item))
        for name in rule.parameters:
            add(variable_name(rule.entity, parameter_column(name)), rule.entity, name, name)
        for made in rule.formulas:
            add(made.name, made.entity, made.title, made, _exact(made))
    return system


def _variable(name: str, entity: Entity, title: str, function: Any) -> type[WholeNumber]:
    body: dict[str, Any] = {
        "value_type": int,
        "entity": ENTITIES[entity],
        "definition_period": DateUnit.MONTH,
        "label": title,
    }
    if function is not None:
        body["formula"] = function
    return type(name, (WholeNumber,), body)


def _exact(made: Formula) -> Callable[[Any, Any], Column]:
    def run(population: Any, at: Any) -> Column:
        result = np.asarray(
            made.function(lambda name: population(variable_name(made.entity, name), at))
        )
        if result.dtype not in (np.int64, np.bool_):
            raise TypeError(f"formula {made.name} gave {result.dtype}, not whole numbers")
        return np.broadcast_to(result, (population.count,)).astype(np.int64)

    return run


def _from_persons(item: Input) -> Callable[[Any, Any], Column] | None:
    def run(group: Any, at: Any) -> Column:
        total = np.zeros(group.count, dtype=np.int64)
        person_sum = item.person_sum
        amounts = group.members(person_sum.name, at) if person_sum else np.int64(1)
        np.add.at(total, group.members_entity_id, amounts)
        return total

    return run if item.person_sum or item.person_count else None
