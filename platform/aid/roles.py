"""The exchange role of the database, which alone may write reported facts."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def as_exchange() -> Iterator[None]:
    """Run the block as ``<database>_exchange``; only worker and owner may (not web).

    Row-level security and the acting person stay as they are. A failing block rolls back to its
    savepoint, which also restores the role.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        before, database = cursor.fetchone()
        quoted = connection.ops.quote_name
        cursor.execute(f"SET LOCAL ROLE {quoted(f'{database}_exchange')}")
        yield
        cursor.execute(f"SET LOCAL ROLE {quoted(before)}")
