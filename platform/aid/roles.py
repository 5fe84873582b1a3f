"""The exchange role of the database, which alone may write reported facts."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from audit.units import atomic

#: OFFSET 0 keeps the planner from asking for the role after changing it.
_ENTER = """
SELECT before, set_config('role', current_database() || '_exchange', true)
  FROM (SELECT current_user::text AS before OFFSET 0) asked
"""


@contextmanager
def as_exchange() -> Iterator[None]:
    """Run the block as ``<database>_exchange``; only worker and owner may (not web).

    Row-level security and the acting person stay as they are. A failing block rolls back to its
    savepoint (inside a unit, to the unit's), which also restores the role.
    """
    with atomic(), connection.cursor() as cursor:
        cursor.execute(_ENTER)
        before, _ = cursor.fetchone()
        yield
        cursor.execute("SELECT set_config('role', %s, true)", [before])
