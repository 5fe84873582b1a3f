"""Many small units of work in one transaction: one savepoint each, plain inserts gathered.

An import applies thousands of rows and undoes a refused one as a whole. The services inside need
no savepoints of their own then, and rows that nothing waits for are inserted for all units at once.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError


@dataclass
class _Unit:
    depth: int
    waiting: list[Model] = field(default_factory=list)


_unit: ContextVar[_Unit | None] = ContextVar("unit", default=None)


@contextmanager
def units() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Yield a function that opens a unit; what the units gathered is inserted at the end.

    An error leaves its unit, which is undone with all it gathered; caught inside and passed over
    it raises ``TransactionManagementError``, as nothing of the unit could be kept.
    """
    gathered: list[Model] = []

    @contextmanager
    def unit() -> Iterator[None]:
        with transaction.atomic():
            opened = _Unit(_savepoints())
            token = _unit.set(opened)
            try:
                yield
            finally:
                _unit.reset(token)
            if connection.needs_rollback:
                raise TransactionManagementError("an error inside a unit was passed over")
        gathered.extend(opened.waiting)

    with transaction.atomic():
        yield unit
        for model in dict.fromkeys(type(row) for row in gathered):
            model._default_manager.bulk_create([row for row in gathered if type(row) is model])


@contextmanager
def atomic() -> Iterator[None]:
    """``transaction.atomic``, without a savepoint of its own inside a unit."""
    with transaction.atomic(savepoint=_unit.get() is None):
        yield


def insert(row: Model) -> None:
    """Insert a new row: at once, or inside a unit together with those of the other units.

    For rows that no constraint refuses and nothing in the same transaction reads. Under a savepoint
    of its own inside the unit it is inserted at once, to be undone with it.
    """
    unit = _unit.get()
    if unit is None or unit.depth != _savepoints():
        row.save(force_insert=True)
    else:
        unit.waiting.append(row)


def _savepoints() -> int:
    return sum(savepoint is not None for savepoint in connection.savepoint_ids)
