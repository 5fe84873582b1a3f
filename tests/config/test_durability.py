"""Fault 15: a database that may lose what it acknowledged is refused at the start."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

from config.processes import command_of


@pytest.fixture
def lossy(committed_db: dict[str, str]) -> Iterator[dict[str, str]]:
    """The test database with synchronous_commit off for the web and worker roles."""
    with psycopg.connect(committed_db["admin"], autocommit=True) as admin:
        roles = [psycopg.conninfo.conninfo_to_dict(committed_db[r])["user"] for r in _ROLES]
        for role in roles:
            admin.execute(sql.SQL("ALTER ROLE {} SET synchronous_commit = off").format(_id(role)))
        yield committed_db
        for role in roles:
            admin.execute(sql.SQL("ALTER ROLE {} RESET synchronous_commit").format(_id(role)))


_ROLES = ("web", "worker")


def _id(role: object) -> sql.Identifier:
    return sql.Identifier(str(role))


def test_every_process_refuses_to_start_and_says_what_to_set(
    lossy: dict[str, str], tmp_path: Path
) -> None:
    children = {
        name: subprocess.Popen(
            command_of(name, "127.0.0.1:0"),
            cwd=settings.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "BROKER_URL": "filesystem://",
                "DATABASE_URL": lossy["web" if name == "web" else "worker"],
                "DATA_DIR": str(tmp_path),
                "DEMO": "1",
                "PYTHONPATH": f"{settings.ROOT}{os.pathsep}{settings.ROOT / 'platform'}",
            },
        )
        for name in ("web", "worker", "relay")
    }
    try:
        for name, child in children.items():
            said, _ = child.communicate(timeout=120)
            assert child.returncode != 0, name
            assert "synchronous_commit" in said, name
            assert "ALTER ROLE" in said, name
    finally:
        for child in children.values():
            child.kill()


def test_a_connection_that_would_lose_commits_is_closed_again(lossy: dict[str, str]) -> None:
    connection.close()
    for _ in range(2):
        with pytest.raises(ImproperlyConfigured), connection.cursor():
            pass
        assert connection.connection is None


def test_a_database_that_waits_for_the_disk_is_let_in(committed_db: dict[str, str]) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
