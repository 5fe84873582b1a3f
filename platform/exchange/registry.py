"""Which app applies the rows of which kind: apps above register here when Django starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from exchange.columns import Kind
from exchange.models import Batch
from kernel.access import Actor
from kernel.errors import Refused

#: Result codes that every row ends in (domain.md section 2).
RESULTS = {
    "helped_dibao": "已纳入低保",
    "helped_edge": "已纳入低保边缘",
    "helped_tekun": "已纳入特困",
    "helped_temp": "已给予临时救助",
    "planned_dibao_edge": "拟纳入低保或边缘",
    "planned_temp": "拟给予临时救助",
    "referred_charity": "已转介慈善",
    "already_covered": "已有保障",
    "not_eligible": "不符合条件",
    "refused": "不予办理",
    "not_found": "查无此人",
    "deceased": "已死亡",
    "moved": "已迁出",
}


@dataclass(frozen=True)
class Applied:
    """Where a row ended. An empty ``result`` waits for a person who reviews the link."""

    result: str
    person_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True)
class IncomingRow:
    """A good row to be applied: its id goes into whatever it writes."""

    id: UUID
    number: int
    values: Mapping[str, Any]
    batch: Batch


Handler = Callable[[IncomingRow, Actor], Applied]

_kinds: dict[str, tuple[Kind, Handler]] = {}


def register(kind: Kind, handler: Handler) -> None:
    """Make ``kind`` importable: ``handler(row, actor)`` writes one row inside a savepoint."""
    if kind.code in _kinds and _kinds[kind.code][1] is not handler:
        raise ValueError(f"two handlers for {kind.code}")
    _kinds[kind.code] = kind, handler


def kind_of(code: str) -> Kind:
    """Return the kind; raises ``Refused("kind_unknown")``."""
    if code not in _kinds:
        raise Refused("kind_unknown", f"没有“{code}”这种导入文件")
    return _kinds[code][0]


def handler_of(code: str) -> Handler:
    """Return the function that applies a row of this kind."""
    kind_of(code)
    return _kinds[code][1]


def all_kinds() -> list[Kind]:
    """Return the kinds that can be imported."""
    return [kind for kind, _ in _kinds.values()]
