"""Which app applies the rows of which kind: apps above register here when Django starts."""

from collections.abc import Callable, Mapping, Sequence
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
#: Reads at once what a chunk of rows needs and returns the handler of these rows.
ChunkHandler = Callable[[Batch, Sequence[IncomingRow]], Handler]

_kinds: dict[str, tuple[Kind, Handler | None, ChunkHandler | None]] = {}


def register(
    kind: Kind, handler: Handler | None = None, *, chunk_handler: ChunkHandler | None = None
) -> None:
    """Make ``kind`` importable: ``handler(row, actor)`` writes one row inside a unit.

    An error has to leave the handler: the unit is its only savepoint (``audit.units``). What a
    ``chunk_handler`` reads ahead must not be used any more once a row has changed it.
    """
    if (handler is None) == (chunk_handler is None):
        raise ValueError("one of handler and chunk_handler")
    if _kinds.setdefault(kind.code, (kind, handler, chunk_handler))[1:] != (handler, chunk_handler):
        raise ValueError(f"two handlers for {kind.code}")


def kind_of(code: str) -> Kind:
    """Return the kind; raises ``Refused("kind_unknown")``."""
    if code not in _kinds:
        raise Refused("kind_unknown", f"没有“{code}”这种导入文件")
    return _kinds[code][0]


def handler_of(batch: Batch, rows: Sequence[IncomingRow]) -> Handler:
    """Return the function that applies each of these rows of a batch."""
    kind_of(batch.kind)
    _, handler, chunk_handler = _kinds[batch.kind]
    if chunk_handler is not None:
        return chunk_handler(batch, rows)
    assert handler is not None  # noqa: S101 - register saw to it
    return handler


def all_kinds() -> list[Kind]:
    """Return the kinds that can be imported."""
    return [kind for kind, *_ in _kinds.values()]
