"""What comes out of a rule: a batch of decisions, and one decision with its grounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from policy.engine.money import Column, yuan
from policy.engine.rule import UNKNOWN, Input, Row, Rule, basis, parameter_column
from policy.parameters import Parameter


@dataclass(frozen=True)
class Decision:
    """What a rule says about one case, with everything it used.

    ``outcome`` is ``unknown`` when an input that matters is unknown; ``amount_fen`` is None then
    and under outcomes that have no amount. ``held_fen`` waits for a collective decision. It is
    advice: an officer decides.
    """

    rule_id: str
    outcome: str
    outcome_title: str
    amount_fen: int | None
    held_fen: int
    values: Mapping[str, int]
    inputs: Mapping[str, object]
    unknown_inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    trace: tuple[str, ...]

    def snapshot(self) -> dict[str, object]:
        """Plain JSON values to store beside the case: inputs, parameters, results, trace."""
        return {
            "rule_id": self.rule_id,
            "outcome": self.outcome,
            "amount_fen": self.amount_fen,
            "held_fen": self.held_fen,
            "values": dict(self.values),
            "inputs": dict(self.inputs),
            "parameters": [parameter.snapshot() for parameter in self.parameters],
            "trace": list(self.trace),
        }


@dataclass(frozen=True)
class Decisions:
    """A computed batch: one array per result, and any row as a ``Decision`` on demand."""

    rule: Rule
    columns: Mapping[str, Column]
    known: Mapping[str, Column]
    unknown: Column
    parameters: Mapping[str, Sequence[Parameter]]
    place_of: Column

    def __len__(self) -> int:
        return len(self.unknown)

    @property
    def outcomes(self) -> Column:
        """Array of outcome codes, ``unknown`` where an input that matters is unknown."""
        codes = np.array(self.rule.outcomes.codes, dtype=object)[
            self.columns[self.rule.outcome.name]
        ]
        codes[self.unknown] = UNKNOWN
        return codes

    @property
    def amounts_fen(self) -> np.ma.MaskedArray[tuple[int, ...], np.dtype[np.int64]]:
        """Array of amounts, masked where there is none."""
        amount = self.rule.amount
        if amount is None:
            return np.ma.MaskedArray(np.zeros(len(self), dtype=np.int64), mask=True)
        outcome = self.columns[self.rule.outcome.name]
        none = self.rule.outcomes.among(outcome, *self.rule.without_amount)
        return np.ma.MaskedArray(self.columns[amount.name], mask=self.unknown | none)

    def decision(self, row: int) -> Decision:
        """The decision of one row, explained."""
        rule = self.rule
        values = {name: int(column[row]) for name, column in self.columns.items()}
        inputs = {
            item.name: _given(item, values[item.name]) if self.known[item.name][row] else None
            for item in rule.inputs
        }
        parameters = {name: found[self.place_of[row]] for name, found in self.parameters.items()}
        given = "；".join(_input_text(item, inputs[item.name]) for item in rule.inputs)
        opening = [
            f"规则 {rule.id} {rule.title}",
            f"已知：{given}",
            *(f"依据：{basis(parameter)}" for parameter in parameters.values()),
        ]
        if self.unknown[row]:
            missing = self._missing(row)
            names = "、".join(item.title for item in missing)
            return Decision(
                rule.id,
                UNKNOWN,
                "无法判定",
                None,
                0,
                {},
                inputs,
                tuple(item.name for item in missing),
                tuple(parameters.values()),
                (*opening, f"结论：无法判定，缺少 {names}，请补充后再算"),
            )
        outcome = rule.outcomes.codes[values[rule.outcome.name]]
        amount = None
        if rule.amount and outcome not in rule.without_amount:
            amount = values[rule.amount.name]
        held = values[rule.held.name] if rule.held else 0
        conclusion = f"结论：{rule.outcomes.labels[outcome]}"
        if rule.amount and amount is not None:
            conclusion += f"，{rule.amount.title}{yuan(amount)}"
        if rule.held and held:
            conclusion += f"，另有{yuan(held)}待一事一议集体研究"
        used = {parameter_column(name) for name in rule.parameters} | set(inputs)
        return Decision(
            rule.id,
            outcome,
            rule.outcomes.labels[outcome],
            amount,
            held,
            {name: value for name, value in values.items() if name not in used},
            inputs,
            (),
            tuple(parameters.values()),
            (*opening, *rule.explain(Row(values, parameters, inputs)), conclusion),
        )

    def _missing(self, row: int) -> list[Input]:
        return [
            item
            for item in self.rule.inputs
            if not self.known[item.name][row]
            and (item.needed is None or item.needed(self.columns.__getitem__)[row])
        ]


def _given(item: Input, value: int) -> object:
    if item.choice:
        return item.choice.codes[value]
    return bool(value) if item.kind == "flag" else value


def _input_text(item: Input, value: object) -> str:
    if value is None:
        return f"{item.title}不详"
    if item.choice:
        return f"{item.title}{item.choice.labels[str(value)]}"
    if item.kind == "flag":
        return f"{item.title}{'是' if value else '否'}"
    number = int(str(value))
    if item.kind == "fen":
        return f"{item.title}{yuan(number)}"
    if item.kind == "area_dm2":
        return f"{item.title}{number // 100}.{number % 100:02d}平方米"
    return f"{item.title}{number}"
