"""Deterministic identity rules: pure. Anything not certain goes to a person (domain.md section 6).

Exact ID alone is not safe: lists carry a parent's ID in the child's row. A row about an unknown
person is never joined to anybody, or all unknown persons would become one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

_UNKNOWN_NAMES = frozenset(
    {"", "不详", "未知", "无名", "无名氏", "匿名", "佚名", "某某", "无", "-", "/", "待查", "不明"}
)
#: Visible digits of a masked ID below which even a unique match is only a suggestion.
_ENOUGH_VISIBLE = 8
_MASK = "*"


class Outcome(StrEnum):
    """What becomes of a row."""

    LINKED = "linked"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True)
class Incoming:
    """A row as its sender knows the person; ``id_number`` full, masked with ``*``, or empty."""

    name: str
    id_number: str = ""
    born_on: date | None = None
    village: str = ""


@dataclass(frozen=True)
class Candidate:
    """A registered person; ``id_number`` is there only for the comparison."""

    person_id: UUID
    name: str
    id_number: str = ""
    born_on: date | None = None
    village: str = ""


@dataclass(frozen=True)
class Decision:
    """The outcome, the rule behind it, the person if linked, and whom a reviewer should compare."""

    outcome: Outcome
    rule: str
    person_id: UUID | None = None
    candidates: tuple[UUID, ...] = ()


def is_unknown(name: str) -> bool:
    """Whether the name says that nobody knows the person.

    >>> is_unknown("不详"), is_unknown("林榕")
    (True, False)
    """
    plain = re.sub(r"[\s\*＊?？]", "", name)
    return plain in _UNKNOWN_NAMES


def is_masked(text: str) -> bool:
    """Whether characters of a name or ID are hidden."""
    return _MASK in text


def names_agree(sent: str, registered: str) -> bool:
    """Whether two names are equal, hidden characters of the sent one agreeing with any.

    >>> names_agree("林*", "林榕"), names_agree("林榕", "林荔")
    (True, False)
    """
    return len(sent) == len(registered) and all(
        a in (_MASK, b) for a, b in zip(sent, registered, strict=True)
    )


def visible_agree(masked: str, number: str) -> bool:
    """Whether every visible digit of a masked ID stands in ``number``.

    >>> visible_agree("350699********0011", "350699194506120011")
    True
    >>> visible_agree("350699********0012", "350699194506120011")
    False
    """
    return len(masked) == len(number) and all(
        a in (_MASK, b) for a, b in zip(masked, number, strict=True)
    )


def decide(row: Incoming, by_id: Candidate | None, by_name: Sequence[Candidate]) -> Decision:
    """Return what becomes of a row.

    ``by_id``: who holds the row's full ID. ``by_name``: registered persons whose names agree.
    """
    if is_unknown(row.name):
        return Decision(Outcome.NEW, "unknown_person")
    if row.id_number and not is_masked(row.id_number):
        return _by_full_id(row, by_id, by_name)
    if row.id_number:
        return _by_masked_id(row, by_name)
    return _without_id(row, by_name)


def _by_full_id(row: Incoming, by_id: Candidate | None, by_name: Sequence[Candidate]) -> Decision:
    if by_id is None:
        born_on = row.born_on or _birth_in(row.id_number)
        alike = [c for c in by_name if not c.id_number and c.born_on and c.born_on == born_on]
        if alike:
            return _review("same_name_and_birth_without_id", alike)
        return Decision(Outcome.NEW, "id_not_registered")
    if not names_agree(row.name, by_id.name):
        # A child's row that carries a parent's ID: the holder and the namesakes are shown.
        return _review("id_of_another_name", [by_id, *by_name])
    if row.born_on and by_id.born_on and row.born_on != by_id.born_on:
        return _review("id_of_another_birth", [by_id, *by_name])
    return Decision(Outcome.LINKED, "id_and_name", by_id.person_id)


def _by_masked_id(row: Incoming, by_name: Sequence[Candidate]) -> Decision:
    alike = [
        c
        for c in by_name
        if visible_agree(row.id_number, c.id_number) and _births_agree(row.born_on, c.born_on)
    ]
    visible = sum(character != _MASK for character in row.id_number)
    if len(alike) == 1 and visible >= _ENOUGH_VISIBLE and not is_masked(row.name):
        return Decision(Outcome.LINKED, "masked_id_and_name", alike[0].person_id)
    if alike:
        return _review("masked_id_not_unique", alike)
    without = [c for c in by_name if not c.id_number and _births_agree(row.born_on, c.born_on)]
    if without:
        return _review("same_name_without_id", without)
    return Decision(Outcome.NEW, "masked_id_not_registered")


def _without_id(row: Incoming, by_name: Sequence[Candidate]) -> Decision:
    born = [c for c in by_name if row.born_on and c.born_on == row.born_on]
    here = [c for c in born if row.village and c.village == row.village]
    if len(here) == 1 and not is_masked(row.name):
        return Decision(Outcome.LINKED, "name_birth_village", here[0].person_id)
    alike = here or born or [c for c in by_name if row.born_on is None or c.born_on is None]
    if row.village and not born:
        alike = [c for c in alike if c.village == row.village] or alike
    if alike:
        return _review("name_only" if not born else "name_and_birth", alike)
    return Decision(Outcome.NEW, "name_not_registered")


def _births_agree(sent: date | None, registered: date | None) -> bool:
    return sent is None or registered is None or sent == registered


def _birth_in(number: str) -> date | None:
    try:
        return date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        return None


def _review(rule: str, candidates: Sequence[Candidate]) -> Decision:
    people = tuple(dict.fromkeys(c.person_id for c in candidates))
    return Decision(Outcome.REVIEW, rule, None, people[:10])
