"""The test database: real roles, real row-level security, reference data loaded once.

Tests connect as the web role. ``@pytest.mark.role("worker")`` connects one as another role;
``committed_db`` gives real commits and several connections, and cleans up after them.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from config import embedded
from config.database_roles import (
    create_roles,
    database_of,
    drop_roles,
    grant_tables,
    with_database,
)

#: Tables that hold reference data; everything else is emptied after a test that commits.
REFERENCE_TABLES = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "regions_region",
    "organisations_organisation",
    "aid_scheme",
    "aid_brand",
    "aid_guardlimit",
    "projects_exemplar",
}


def connect_as(url: str) -> None:
    """Point Django's connection at ``url``."""
    parts = urlsplit(url)
    connection.close()
    connection.settings_dict.update(
        NAME=parts.path.lstrip("/"),
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=parts.hostname or "",
        PORT=str(parts.port or ""),
    )


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """A superuser's URL: the server named by DATABASE_URL, or an embedded one of the tests' own."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    server = embedded.test_server()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def role_urls(admin_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """URLs of the roles of a fresh, migrated test database; ``admin`` is the superuser's."""
    database = f"test_{database_of(admin_url)}"
    with psycopg.connect(with_database(admin_url, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    urls = create_roles(admin_url, database)
    with django_db_blocker.unblock():
        connect_as(urls["owner"])
        call_command("migrate", verbosity=0)
        call_command("load_reference", stdout=open(os.devnull, "w"))  # noqa: SIM115
        grant_tables(connection)
        connections.close_all()
    yield {**urls, "admin": with_database(admin_url, database)}
    connections.close_all()
    with psycopg.connect(with_database(admin_url, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    drop_roles(admin_url, database)


@pytest.fixture(scope="session")
def django_db_setup(role_urls: dict[str, str]) -> None:
    """Replace Django's own test database."""
    connect_as(role_urls["web"])


@pytest.fixture(autouse=True)
def _database_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Connect as the role that the test names, else as web."""
    marker = request.node.get_closest_marker("role")
    if marker is None:
        yield
        return
    urls = request.getfixturevalue("role_urls")
    connect_as(urls[marker.args[0]])
    yield
    connect_as(urls["web"])


@pytest.fixture
def committed_db(
    django_db_setup: None, role_urls: dict[str, str], django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, str]]:
    """Real commits on real connections; yields the role URLs; empties the tables afterwards."""
    with django_db_blocker.unblock():
        with psycopg.connect(role_urls["admin"]) as admin:
            kept = [i for (i,) in admin.execute("SELECT id FROM organisations_organisation")]
        yield role_urls
        connections.close_all()
        with psycopg.connect(role_urls["admin"]) as admin:
            _empty(admin, kept)


def _empty(admin: "psycopg.Connection[Any]", organisations: list[Any]) -> None:
    # Append-only triggers would refuse; only a superuser may switch them off.
    admin.execute("SET session_replication_role = replica")
    rows = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = sorted({name for (name,) in rows} - REFERENCE_TABLES)
    admin.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables))
    admin.execute("DELETE FROM organisations_organisation WHERE id <> ALL (%s)", [organisations])
