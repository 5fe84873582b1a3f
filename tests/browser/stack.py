"""The real product on a database of its own: web, worker, relay and the payment simulator."""

import random
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from config.database_roles import database_of, drop_roles, with_database
from config.run import ROOT, Stack, prepared, process_table
from config.supervisor import Supervisor, port_answers, port_is_free

HOUSEHOLDS = 1_500
SEED = 1
START_SECONDS = 60


@dataclass
class Served:
    """A running product: its address, its files, and a superuser's look at its rows."""

    url: str
    paysim_url: str
    data_dir: Path
    admin_url: str
    stack: Stack

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read from the database as it is: no Django, whose ORM refuses a browser's thread."""
        with psycopg.connect(self.admin_url) as connection:
            return connection.execute(statement.encode(), values).fetchall()


@contextmanager
def served(server_url: str, data_dir: Path) -> Iterator[Served]:
    """Prepare a demo city after one round and serve it; nothing of it is left afterwards."""
    database = f"test_{database_of(server_url)}_browser"
    admin_url = with_database(server_url, database)
    port = _two_free_ports()
    try:
        with pytest.MonkeyPatch.context() as environment:
            for name in ("PUBLIC_URL", "PAYSIM_URL", "BROKER_URL"):
                environment.delenv(name, raising=False)
            environment.setenv("DATABASE_URL", admin_url)
            with prepared(data_dir, port=port, fresh=True) as stack:
                stack.manage("demo_city", f"--households={HOUSEHOLDS}", f"--seed={SEED}")
                stack.manage("demo_round")
                supervisor = Supervisor(ROOT)
                try:
                    for process in process_table(stack, port):
                        supervisor.start(process)
                    _wait(supervisor, port, port + 1)
                    yield Served(
                        f"http://127.0.0.1:{port}",
                        f"http://127.0.0.1:{port + 1}",
                        data_dir,
                        admin_url,
                        stack,
                    )
                finally:
                    supervisor.stop()
    finally:
        with psycopg.connect(with_database(server_url, "postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )
        drop_roles(server_url, database)


def _two_free_ports() -> int:
    """Return a port that is free, as is the next one, which the payment simulator takes."""
    for _ in range(100):
        port = random.randrange(20_000, 30_000, 2)
        if port_is_free(port) and port_is_free(port + 1):
            return port
    raise RuntimeError("no two neighbouring ports are free between 20000 and 30000")


def _wait(supervisor: Supervisor, *ports: int) -> None:
    until = time.monotonic() + START_SECONDS
    while not (all(port_answers(port) for port in ports) and _is_healthy(ports[0])):
        if dead := supervisor.first_dead():
            raise RuntimeError(f"{dead}; its output is in the captured stdout")
        if time.monotonic() > until:
            raise RuntimeError(f"nobody answers on {ports} after {START_SECONDS} s")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    """A server listens before its workers have loaded the product: ask for a page."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
