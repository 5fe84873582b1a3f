"""The five database roles of one database (architecture.md, section 6).

==========  ====================================================================================
owner       logs in; owns database and tables; runs migrations
web         logs in; serves requests; row-level security applies to it
worker      logs in; runs tasks; may ``SET LOCAL ROLE`` to exchange, and has none of it before
exchange    logs in; writes reported facts with their batch row
guard       no log-in, BYPASSRLS: owns the functions that must see every row to sum them
==========  ====================================================================================

Roles belong to the whole cluster, so their names start with the database's. Order of use:
``create_roles`` (an administrator), migrations (owner), ``grant_tables`` (owner).
"""

import json
import os
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROLES = ("owner", "web", "worker", "exchange", "guard")
LOGIN_ROLES = ("owner", "web", "worker", "exchange")
#: What changes rows under row-level security.
DATA_ROLES = ("web", "worker", "exchange")
EXTENSIONS = ("btree_gist", "pg_trgm")
#: Migrations wait no longer than this for a lock, or everything queues behind them.
OWNER_LOCK_TIMEOUT = "3s"
#: Columns of append-only tables that the worker fills in once (the sealer of audit events).
FILLED_IN_LATER = {"audit_event": ("position", "chain_hash")}

_ATTRIBUTES = {
    "owner": "LOGIN NOBYPASSRLS INHERIT",
    "web": "LOGIN NOBYPASSRLS INHERIT",
    # PostgreSQL 15 knows inheritance as the member's attribute; from 16 the grant copies it.
    "worker": "LOGIN NOBYPASSRLS NOINHERIT",
    "exchange": "LOGIN NOBYPASSRLS INHERIT",
    "guard": "NOLOGIN BYPASSRLS INHERIT",
}
_MEMBERS = (
    ("exchange", "worker"),
    ("guard", "owner"),  # ALTER FUNCTION ... OWNER TO guard, and replacing it later
    ("web", "owner"),
    ("worker", "owner"),
    ("exchange", "owner"),
)


class Connection(Protocol):
    """A connection of Django or of psycopg."""

    def cursor(self) -> Any: ...


def role_name(database: str, role: str) -> str:
    """Return the cluster's name of ``role`` in ``database``.

    >>> role_name("1798", "web")
    '1798_web'
    """
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r}; one of {', '.join(ROLES)}")
    if not re.fullmatch(r"[a-z0-9_]{1,54}", database):
        raise ValueError(
            f"database name {database!r}: 1 to 54 lower-case letters, digits and _ are needed"
        )
    return f"{database}_{role}"


def database_of(url: str, default: str = "1798") -> str:
    """Return the database that ``url`` names.

    >>> database_of("postgresql://127.0.0.1/city")
    'city'
    """
    return unquote(urlsplit(url).path.lstrip("/")) or default


def with_database(url: str, database: str) -> str:
    """Return ``url`` for another database of the same server.

    >>> with_database("postgresql://me:x@127.0.0.1:5432/postgres", "city")
    'postgresql://me:x@127.0.0.1:5432/city'
    """
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


def with_user(url: str, user: str, password: str) -> str:
    """Return ``url`` for another role of the same database.

    >>> with_user("postgresql://me:x@127.0.0.1:5432/city", "city_web", "y")
    'postgresql://city_web:y@127.0.0.1:5432/city'
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password, safe='')}@{place}"))


def create_roles(admin_url: str, database: str, *, passwords: Path | None = None) -> dict[str, str]:
    """Create or repair the roles and the database; return the URL of each role that logs in.

    ``admin_url`` connects a superuser to any database of the server. ``passwords`` is a JSON file
    (made with mode 0600) that keeps the roles' passwords; without it every call sets new ones.
    Running it again changes nothing else.
    """
    names = {role: role_name(database, role) for role in ROLES}
    known = _load(passwords)
    for role in LOGIN_ROLES:
        known.setdefault(names[role], secrets.token_urlsafe(24))
    with psycopg.connect(_maintenance(admin_url), autocommit=True) as connection:
        # The cluster's catalogue is shared: two runs at once would fail on each other's tuples.
        connection.execute("SELECT pg_advisory_lock(1798)")
        existing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, name in names.items():
            verb = "ALTER" if name in existing else "CREATE"
            statement = sql.SQL(f"{verb} ROLE {{}} {_ATTRIBUTES[role]}").format(
                sql.Identifier(name)
            )
            if role in LOGIN_ROLES:
                statement += sql.SQL(" PASSWORD {}").format(sql.Literal(known[name]))
            connection.execute(statement)
        _save(passwords, known)
        for granted, member in _MEMBERS:
            connection.execute(
                sql.SQL("GRANT {} TO {}").format(
                    sql.Identifier(names[granted]), sql.Identifier(names[member])
                )
            )
        owner, place = sql.Identifier(names["owner"]), sql.Identifier(database)
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone():
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(place, owner))
        else:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(place, owner))
        connection.execute(
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET lock_timeout = {}").format(
                owner, place, sql.Literal(OWNER_LOCK_TIMEOUT)
            )
        )
        connection.execute("SELECT pg_advisory_unlock(1798)")
    with psycopg.connect(with_database(admin_url, database)) as connection:
        _open_database(connection, names, database)
    return {
        role: with_user(with_database(admin_url, database), names[role], known[names[role]])
        for role in LOGIN_ROLES
    }


def _open_database(
    connection: "psycopg.Connection[Any]", names: dict[str, str], database: str
) -> None:
    """Let the roles, and nobody else, into the database and its schema; one transaction."""
    idents = {role: sql.Identifier(name) for role, name in names.items()}
    for extension in EXTENSIONS:
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
        )
    place = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(place))
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for role in DATA_ROLES:
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(place, idents[role])
        )
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(idents[role]))
    # Bulk loads go through temporary tables; requests have no need of them.
    for role in ("worker", "exchange"):
        connection.execute(
            sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(place, idents[role])
        )
    # guard: a function's new owner needs CREATE on its schema; nobody can log in as guard.
    for role in ("owner", "guard"):
        connection.execute(
            sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(idents[role])
        )


def grant_tables(connection: Connection, *, append_only: Collection[str] | None = None) -> None:
    """Give the roles their rights on every table of schema ``public``, after migrations.

    ``connection`` is the owner's (or a superuser's), of Django or psycopg. Tables in
    ``append_only`` can be read and added to only; None takes every table that has a trigger of
    that name. An unknown name raises ``ValueError``: a misspelled one would stay open. Rights that
    a migration gave to guard (to insert a finding, UPDATE on a key column to lock rows) stay; those
    of web, worker and exchange are set anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        database = cursor.fetchall()[0][0]
        roles = ", ".join(f'"{role_name(database, role)}"' for role in DATA_ROLES)
        worker, guard = (f'"{role_name(database, role)}"' for role in ("worker", "guard"))
        tables = _tables(cursor)
        if append_only is None:
            append_only = _tables(cursor, trigger="append_only")
        if unknown := set(append_only) - tables:
            raise ValueError(f"no such table: {', '.join(sorted(unknown))}")
        rights = {
            **dict.fromkeys(tables, "SELECT, INSERT, UPDATE, DELETE"),
            **dict.fromkeys(append_only, "SELECT, INSERT"),
            **dict.fromkeys(tables & {"django_migrations"}, "SELECT"),
        }
        statements = [
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {roles}",
            *(f"GRANT {right} ON {_quoted(table)} TO {roles}" for table, right in rights.items()),
            *(
                f"GRANT UPDATE ({', '.join(columns)}) ON {_quoted(table)} TO {worker}"
                for table, columns in FILLED_IN_LATER.items()
                if table in tables
            ),
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {roles}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {guard}",
        ]
        # One statement is one transaction, also in autocommit: nobody meets a table half granted.
        cursor.execute("DO $grants$ BEGIN\n" + ";\n".join(statements) + ";\nEND $grants$")


def _tables(cursor: Any, trigger: str | None = None) -> set[str]:
    """Return our tables and views, or those with a trigger of this name; none of an extension."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        " AND (%s::text IS NULL OR EXISTS"
        " (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = %s))",
        [trigger, trigger],
    )
    return {name for (name,) in cursor.fetchall()}


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def drop_roles(admin_url: str, database: str) -> None:
    """Remove the roles of a database that is gone (tests, a deployment taken down)."""
    with psycopg.connect(_maintenance(admin_url), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1798)")
        for role in reversed(ROLES):
            connection.execute(
                sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role_name(database, role)))
            )
        connection.execute("SELECT pg_advisory_unlock(1798)")


def _maintenance(admin_url: str) -> str:
    """The database in the URL may not be there yet, and none can be dropped while we are in it."""
    return with_database(admin_url, "postgres")


def _load(passwords: Path | None) -> dict[str, str]:
    if passwords is None or not passwords.exists():
        return {}
    stored: dict[str, str] = json.loads(passwords.read_text())
    return stored


def _save(passwords: Path | None, known: dict[str, str]) -> None:
    if passwords is None or _load(passwords) == known:
        return
    passwords.parent.mkdir(parents=True, exist_ok=True)
    new = passwords.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file, indent=1)
    new.rename(passwords)
