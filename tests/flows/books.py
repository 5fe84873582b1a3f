"""The database read past the product: plain SQL as a superuser, whom no row policy binds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

Row = tuple[Any, ...]


class Books:
    """What is really in the tables, whoever may see it."""

    def __init__(self, connection: "psycopg.Connection[Row]") -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return the rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        """Return the only value of the only row."""
        ((value,),) = self.rows(query, *values)
        return value

    def sizes(self) -> dict[str, int]:
        """Return the number of rows of every table."""
        names = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name: self.one(f'SELECT count(*) FROM "{name}"') for (name,) in sorted(names)}


@contextmanager
def opened(admin_url: str) -> Iterator[Books]:
    """Open the books; every query sees what is committed by then."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        yield Books(connection)
