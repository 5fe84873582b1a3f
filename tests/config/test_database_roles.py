"""The five roles on a real server: what each is, may and may not."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from config import embedded
from config.database_roles import create_roles, drop_roles, grant_tables, role_name, with_database

DATABASE = "roles_test"
TABLES = """
CREATE TABLE django_migrations (id int);
CREATE TABLE wish (id bigserial PRIMARY KEY, title text);
CREATE TABLE entry (id int PRIMARY KEY, fen bigint);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON entry USING (fen < 0) WITH CHECK (true);
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog AS 'SELECT coalesce(sum(fen), 0)::bigint FROM public.entry';
ALTER FUNCTION total() OWNER TO roles_test_guard;
CREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog AS 'SELECT coalesce(sum(fen), 0)::bigint FROM public.entry';
"""


@pytest.fixture(scope="module")
def urls(server: embedded.Server) -> Iterator[dict[str, str]]:
    made = create_roles(server.url, DATABASE)
    with psycopg.connect(made["owner"]) as owner:
        owner.execute(TABLES)
        grant_tables(owner)
    yield made
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {DATABASE}")
    drop_roles(server.url, DATABASE)


def test_each_role_is_what_it_should_be(server: embedded.Server, urls: dict[str, str]) -> None:
    with psycopg.connect(server.url) as admin:
        rows = admin.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb,"
            " rolinherit FROM pg_roles WHERE starts_with(rolname, 'roles_test_') ORDER BY 1"
        ).fetchall()
    assert rows == [
        ("roles_test_exchange", True, False, False, False, False, True),
        ("roles_test_guard", False, True, False, False, False, True),
        ("roles_test_owner", True, False, False, False, False, True),
        ("roles_test_web", True, False, False, False, False, True),
        ("roles_test_worker", True, False, False, False, False, False),
    ]


def test_the_owner_alone_owns_the_tables(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["web"]) as web:
        owners = web.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        )
        assert owners.fetchall() == [("roles_test_owner",)]


@pytest.mark.parametrize(
    ("role", "statement", "allowed"),
    [
        ("web", "INSERT INTO wish (title) VALUES ('轮椅')", True),
        ("web", "UPDATE wish SET title = '助听器'", True),
        ("web", "DELETE FROM wish", True),
        ("web", "SELECT count(*) FROM django_migrations", True),
        ("web", "INSERT INTO entry VALUES (7, 1)", True),
        ("web", "TRUNCATE wish", False),
        ("web", "ALTER TABLE wish ADD x int", False),
        ("web", "DROP TABLE wish", False),
        ("web", "CREATE TABLE mine (id int)", False),
        ("web", "CREATE TEMPORARY TABLE mine (id int)", False),
        ("web", "UPDATE entry SET fen = 0", False),
        ("web", "DELETE FROM entry", False),
        ("web", "INSERT INTO django_migrations VALUES (1)", False),
        ("web", "SET LOCAL ROLE roles_test_exchange", False),
        ("web", "SET LOCAL ROLE roles_test_guard", False),
        ("web", "SET LOCAL ROLE roles_test_owner", False),
        ("worker", "SET LOCAL ROLE roles_test_exchange", True),
        ("worker", "SET LOCAL ROLE roles_test_guard", False),
        ("worker", "CREATE TEMPORARY TABLE mine (id int)", True),
        ("worker", "TRUNCATE wish", False),
        ("exchange", "TRUNCATE wish", False),
        ("exchange", "UPDATE entry SET fen = 0", False),
        ("owner", "SET LOCAL ROLE roles_test_guard", True),
    ],
)
def test_a_role_may(urls: dict[str, str], role: str, statement: str, allowed: bool) -> None:
    with psycopg.connect(urls[role]) as connection:
        if allowed:
            connection.execute(statement)
        else:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.rollback()


def test_the_worker_has_nothing_of_exchange_before_it_says_so(
    server: embedded.Server, urls: dict[str, str]
) -> None:
    with psycopg.connect(urls["owner"]) as owner:
        owner.execute(
            "CREATE TABLE reported (id int); GRANT SELECT ON reported TO roles_test_exchange"
        )
    with psycopg.connect(urls["worker"]) as worker:
        with pytest.raises(errors.InsufficientPrivilege):
            worker.execute("SELECT * FROM reported")
        worker.rollback()
        worker.execute("SET LOCAL ROLE roles_test_exchange")
        assert worker.execute("SELECT * FROM reported").fetchall() == []
        assert worker.execute("SELECT current_user").fetchone() == ("roles_test_exchange",)
        worker.rollback()
        assert worker.execute("SELECT current_user").fetchone() == ("roles_test_worker",)


def test_the_guard_sums_rows_that_its_caller_cannot_see(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["web"]) as web:
        web.execute("INSERT INTO entry VALUES (1, 100), (2, 40)")
        assert web.execute("SELECT count(*) FROM entry").fetchone() == (0,)
        assert web.execute("SELECT total()").fetchone() == (140,)
        web.rollback()


def test_a_misspelled_append_only_table_is_refused(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["owner"]) as owner, pytest.raises(ValueError, match="entrys"):
        grant_tables(owner, append_only=["entry", "entrys"])


def test_running_it_again_keeps_passwords_from_the_file(
    server: embedded.Server, urls: dict[str, str], tmp_path: Path
) -> None:
    kept = tmp_path / "roles.json"
    first = create_roles(server.url, DATABASE, passwords=kept)
    assert create_roles(server.url, DATABASE, passwords=kept) == first
    assert kept.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(first["web"]) as web:
        assert web.execute("SELECT session_user").fetchone() == ("roles_test_web",)
    urls.update(first)


def test_a_stranger_cannot_connect(server: embedded.Server, urls: dict[str, str]) -> None:
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
        place = server.url.split("@")[1]
        try:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(with_database(f"postgresql://stranger:stranger@{place}", DATABASE))
        finally:
            admin.execute("DROP ROLE stranger")


@pytest.mark.parametrize("name", ["", "City", 'a"b', "a b", "x" * 55])
def test_a_database_name_that_cannot_prefix_roles_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="database name"):
        role_name(name, "web")
