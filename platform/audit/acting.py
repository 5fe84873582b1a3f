"""Who acts in the present transaction: tells PostgreSQL, whose row policies read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from kernel.access import Actor

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def _tell_database(actor: Actor | None) -> None:
    with connection.cursor() as cursor:
        # true: for this transaction only. With false the setting leaked to later requests.
        cursor.execute(
            "SELECT set_config('app.actor_id', %s, true), set_config('app.region_paths', %s, true),"
            " set_config('app.organisation_ids', %s, true)",
            [
                str(actor.id) if actor else "",
                ",".join(actor.region_paths) if actor else "",
                ",".join(map(str, actor.organisation_ids)) if actor else "",
            ],
        )


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Run the block in one transaction as ``actor``; the scope before it is restored after it.

    A setting outlives its savepoint, so every request and task enters through here.
    """
    outer = _acting.get()
    with transaction.atomic():
        _tell_database(actor)
        token = _acting.set(actor)
        try:
            yield actor
        finally:
            _acting.reset(token)
        # After an exception the savepoint's rollback brings the scope before it back; asking a
        # failed transaction for it would hide the first error.
        if not connection.needs_rollback and not connection.closed_in_transaction:
            _tell_database(outer)
