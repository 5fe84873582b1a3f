"""The embedded server against real processes: killed clients, killed servers, stale files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import embedded

ROOT = Path(embedded.ROOT)
CLIENT = """
import sys, time
from pathlib import Path
from config import embedded
server = embedded.start(Path(sys.argv[1]), settings=embedded.TEST_SETTINGS)
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def own_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "postgres"
    yield folder
    if (folder / "pgdata").exists():
        embedded.start(folder).stop()
    embedded.delete(folder)


def client_of(folder: Path) -> tuple["subprocess.Popen[str]", int]:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )
    assert client.stdout
    return client, int(client.stdout.readline())


def value(server: embedded.Server, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def ends(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_names_in_chinese_are_found_by_similarity(server: embedded.Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert value(server, "SELECT similarity('张三丰', '张三峰') > 0") is True
    assert value(server, "SHOW server_encoding") == "UTF8"


def test_the_contributed_modules_the_product_uses_are_there(server: embedded.Server) -> None:
    names = "SELECT count(*) FROM pg_available_extensions WHERE name IN "
    assert value(server, names + "('btree_gist', 'pg_trgm', 'ltree')") == 3


def test_it_listens_on_loopback_only_and_wants_the_password(server: embedded.Server) -> None:
    assert {
        connection.laddr.ip
        for connection in psutil.Process(server.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    } == {"127.0.0.1"}
    assert (server.data_dir / "password").stat().st_mode & 0o777 == 0o600
    stranger = server.url.replace(":" + server.url.split(":")[2].split("@")[0], ":wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)


def test_a_second_start_finds_the_same_server_and_the_last_user_stops_it(own_dir: Path) -> None:
    first = embedded.start(own_dir)
    second = embedded.start(own_dir)
    assert (second.pid, second.url) == (first.pid, first.url)

    assert first.stop() is False
    assert value(second, "SELECT 1") == 1
    assert second.stop() is True
    assert ends(second.pid)
    assert second.stop() is False


def test_a_killed_client_leaves_a_server_that_the_next_start_takes_over(own_dir: Path) -> None:
    client, pid = client_of(own_dir)
    client.kill()
    client.wait()
    assert psutil.pid_exists(pid)

    server = embedded.start(own_dir)

    assert server.pid == pid
    assert server.stop() is True
    assert ends(pid)


def test_a_killed_server_starts_again_with_what_was_committed(own_dir: Path) -> None:
    server = embedded.start(own_dir)
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    os.kill(server.pid, signal.SIGKILL)
    assert ends(server.pid)

    again = embedded.start(own_dir)

    assert again.pid != server.pid
    assert value(again, "SELECT n FROM kept") == 42
    assert server.stop() is False  # the new server has a user of its own
    assert again.stop() is True


def test_a_stale_pid_file_naming_another_living_process_is_cleared(own_dir: Path) -> None:
    embedded.start(own_dir).stop()
    stale = own_dir / "pgdata" / "postmaster.pid"
    account = stale.parent.stat()
    # After a reboot the old number may be anybody's, also a process of the same account.
    stranger = subprocess.Popen(["sleep", "60"], user=account.st_uid, cwd="/")
    try:
        stale.write_text(
            f"{stranger.pid}\n{stale.parent.resolve()}\n1\n5432\n\n127.0.0.1\n1 1\nready\n"
        )
        os.chown(stale, account.st_uid, account.st_gid)

        server = embedded.start(own_dir)

        assert server.pid != stranger.pid
        assert value(server, "SELECT 1") == 1
        server.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_initdb_that_was_cut_short_is_done_again(own_dir: Path) -> None:
    (own_dir / "pgdata.new").mkdir(parents=True)
    (own_dir / "pgdata.new" / "PG_VERSION").write_text("18\n")
    server = embedded.start(own_dir)
    assert value(server, "SELECT 1") == 1
    server.stop()
