"""The rules by id, and the two ways to run one: a single case, or a whole list.

Which day counts (``docs/policy/rules.md``): eligibility and ratios, the acceptance date; monthly
amounts, the month that is paid. The caller gives it with the region chain.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from policy.engine import (
    alerts,
    children,
    dibao,
    disaster,
    housing,
    large_aid,
    staffing,
    standards,
    temporary_aid,
)
from policy.engine.decision import Decision, Decisions
from policy.engine.money import Column
from policy.engine.rule import UNKNOWN, Rule
from policy.engine.run import Place, run
from policy.engine.system import build_system
from policy.parameters import ParameterBook, current_book

__all__ = ["RULES", "UNKNOWN", "Decision", "Decisions", "Place", "decide", "evaluate"]

_MODULES = (
    dibao, standards, housing, temporary_aid, large_aid, disaster, alerts, staffing, children,
)  # fmt: skip

#: Every rule by its id in docs/policy/rules.md.
RULES: dict[str, Rule] = {rule.id: rule for module in _MODULES for rule in module.RULES}


def decide(
    rule_id: str,
    inputs: Mapping[str, Any],
    *,
    region_chain: Sequence[str],
    on: date,
    book: ParameterBook | None = None,
) -> Decision:
    """Run one rule on one case; an input that is None or left out is unknown.

    Raises ``Refused``: ``bad_input``, ``parameter_missing``, ``amount_too_large``.

    >>> case = {"members": 4, "household_income_fen": 152_000}
    >>> chain = ("350582", "350500", "350000", "CN")
    >>> top_up = decide("JJ-08", case, region_chain=chain, on=date(2022, 5, 1))
    >>> top_up.outcome, top_up.amount_fen
    ('dibao', 208000)
    """
    place = Place(tuple(region_chain), on)
    columns = {name: [value] for name, value in inputs.items()}
    return evaluate(rule_id, columns, [place], book=book).decision(0)


def evaluate(
    rule_id: str,
    columns: Mapping[str, Any],
    places: Sequence[Place],
    *,
    place_of: Column | None = None,
    household_of: Column | None = None,
    book: ParameterBook | None = None,
) -> Decisions:
    """Run one rule on many cases at once.

    ``columns``: per input a list with None for unknown, an int64 array, or a masked array; lengths
    equal. ``places``: one per row, or with ``place_of`` (rows) the distinct ones. With
    ``household_of`` (persons, row of the household) a household's income and size may be given as
    persons' columns.
    """
    if place_of is None:
        distinct = {place: position for position, place in enumerate(dict.fromkeys(places))}
        place_of = np.array([distinct[place] for place in places], dtype=np.int64)
        places = list(distinct)
    return run(
        _system(),
        RULES[rule_id],
        columns,
        book=book or current_book(),
        places=places,
        place_of=place_of,
        household_of=household_of,
    )


@cache
def _system() -> TaxBenefitSystem:
    return build_system(RULES.values())
