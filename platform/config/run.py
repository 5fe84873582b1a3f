"""``make run``, ``make demo`` and ``make city``: from nothing to a product that serves.

Without ``DATABASE_URL`` the data lie in a PostgreSQL of our own under the data folder; with it, it
must be a superuser's URL and names the database to use.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from config import embedded
from config.database_roles import (
    create_roles,
    database_of,
    grant_tables,
    role_name,
    with_database,
)
from config.processes import COMMANDS, DEMO_COMMANDS, ENVIRONMENT, ROLE_OF, command_of
from config.supervisor import (
    Process,
    Stopped,
    ignore_stop_signals,
    port_answers,
    port_is_free,
    raise_on_stop_signals,
    stop_signals_deferred,
    supervise,
)

ROOT = embedded.ROOT
DATABASE = "1798"
DEMO_HOUSEHOLDS = 5_000
CITY_HOUSEHOLDS = 94_000
SEED = 1


def process_table(stack: "Stack", port: int) -> list[Process]:
    """Everything that serves, started from top to bottom and stopped from bottom to top."""
    return [
        Process(
            name,
            command_of(name, f"127.0.0.1:{port}"),
            {**stack.environment(ROLE_OF[name]), **ENVIRONMENT.get(name, {})},
        )
        for name in (*DEMO_COMMANDS, *COMMANDS)
    ]


@dataclass
class Stack:
    """A prepared database: the URL of each role, and where the files lie."""

    data_dir: Path
    database: str
    urls: Mapping[str, str]
    port: int

    def environment(self, role: str) -> dict[str, str]:
        """Return what a process of ``role`` needs to know."""
        return {
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PAYSIM_URL": f"http://127.0.0.1:{self.port + 1}",
            **os.environ,
            "DATABASE_URL": self.urls[role],
            "DATA_DIR": str(self.data_dir),
            "DEMO": "1",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }

    def manage(self, *arguments: str, role: str = "worker") -> None:
        """Run one management command as ``role``; its failure ends us."""
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(role),
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"manage.py {' '.join(arguments)}: exit code {done.returncode}")
        say(f"[{time.monotonic() - began:5.1f} s] {' '.join(arguments)}")

    def last_line_of(self, *arguments: str) -> str:
        """Run a command, show its output but the last line, and return that."""
        command = [sys.executable, "manage.py", *arguments]
        held = ""
        with subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env=self.environment("worker"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            try:
                for line in child.stdout or ():
                    if held:
                        say(held)
                    held = line.rstrip("\n") or held
            except BaseException:
                child.terminate()
                raise
        if child.returncode:
            say(held)
            raise SystemExit(f"manage.py {' '.join(arguments)}: exit code {child.returncode}")
        return held

    def has_households(self) -> bool:
        """Look as guard, who sees every row: an empty view of a full city must not look empty."""
        with psycopg.connect(self.urls["owner"]) as connection:
            guard = sql.Identifier(role_name(self.database, "guard"))
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(guard))
            row = connection.execute("SELECT EXISTS (SELECT FROM households_household)").fetchone()
            return bool(row and row[0])


@contextmanager
def prepared(
    data_dir: Path, *, port: int, suffix: str = "", fresh: bool = False
) -> Iterator[Stack]:
    """A stack with roles, tables and reference data; its own server is stopped at the end.

    ``suffix`` keeps a database of its own on a server that was named; ``fresh`` drops it first.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    own = None
    try:
        if named := os.environ.get("DATABASE_URL"):
            admin_url, database = named, database_of(named) + suffix
        else:
            with stop_signals_deferred():
                own = embedded.start(data_dir / "postgres")
            admin_url, database = own.url, DATABASE
            say(f"PostgreSQL {own.pid} in {data_dir / 'postgres'}")
        if fresh:
            with psycopg.connect(with_database(admin_url, "postgres"), autocommit=True) as admin:
                admin.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                        sql.Identifier(database)
                    )
                )
        urls = create_roles(admin_url, database, passwords=data_dir / "database_roles.json")
        stack = Stack(data_dir, database, urls, port)
        stack.manage("migrate", "--verbosity=0", role="owner")
        with psycopg.connect(urls["owner"]) as owner:
            grant_tables(owner)
        stack.manage("load_reference", role="owner")
        yield stack
    finally:
        if own:
            ignore_stop_signals()
            own.stop()


def seed(stack: Stack, households: int) -> None:
    """Fill an empty database with a demo city; leave one that holds households as it is."""
    if stack.has_households():
        say("数据已在，不覆盖 / data found, left as it is")
    else:
        stack.manage("demo_city", f"--households={households}", f"--seed={SEED}")


def run() -> int:
    """Serve ``var/run``; an empty database gets the demo city and one full round first."""
    port = _port()
    data_dir = Path(os.environ.get("DATA_DIR", ROOT / "var" / "run")).resolve()
    with prepared(data_dir, port=port) as stack:
        # Kept until the round is through: who stops us in between gets it the next time.
        pending = data_dir / "first_round_pending"
        if not stack.has_households():
            pending.touch()
        seed(stack, int(os.environ.get("HOUSEHOLDS", DEMO_HOUSEHOLDS)))
        if pending.exists():
            stack.manage("demo_round")
            pending.unlink()

        def announce() -> None:
            say(f"\n1798 一起救吧: http://127.0.0.1:{port}/    (ctrl-C 停止 / stops)\n")
            stack.manage("demo_logins")

        return supervise(
            process_table(stack, port),
            folder=ROOT,
            ready=lambda: port_answers(port),
            on_ready=announce,
        )


def demo() -> int:
    """One full round on a new database in ``var/demo``; the last line is its JSON."""
    data_dir = Path(os.environ.get("DATA_DIR", ROOT / "var" / "demo")).resolve()
    with prepared(data_dir, port=_port(), suffix="_demo", fresh=True) as stack:
        seed(stack, int(os.environ.get("HOUSEHOLDS", DEMO_HOUSEHOLDS)))
        last = stack.last_line_of("demo_round", "--json")
    if not isinstance(json.loads(last), dict):
        raise SystemExit(f"demo_round --json ended with something else: {last}")
    say(last)
    return 0


def city() -> int:
    """Generate and load the whole city into a new database in ``var/city``, and time it."""
    data_dir = Path(os.environ.get("DATA_DIR", ROOT / "var" / "city")).resolve()
    with prepared(data_dir, port=_port(), suffix="_city", fresh=True) as stack:
        began = time.monotonic()
        seed(stack, int(os.environ.get("HOUSEHOLDS", CITY_HOUSEHOLDS)))
        say(f"city generated and loaded in {time.monotonic() - began:.0f} s")
    return 0


def _port() -> int:
    return int(os.environ.get("PORT", "8000"))


def _refuse_a_taken_port() -> None:
    port = _port()
    if not port_is_free(port):
        raise SystemExit(
            f"端口 {port} 已被占用，请换一个端口: make run PORT={port + 80}\n"
            f"Port {port} is taken; choose another: make run PORT={port + 80}"
        )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(command: str) -> int:
    raise_on_stop_signals()
    try:
        if command == "run":
            _refuse_a_taken_port()
        return {"run": run, "demo": demo, "city": city}[command]()
    except Stopped:
        return 130
    except (embedded.ServerError, psycopg.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
