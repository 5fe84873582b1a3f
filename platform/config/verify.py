"""``make test`` and ``make lint``: named, timed steps, the first failure ends it.

With ``DATABASE_URL`` (a superuser's) the tests make their databases there, else on an embedded
PostgreSQL of their own.
"""

import difflib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config import embedded
from config.database_roles import with_database
from config.supervisor import Stopped, raise_on_stop_signals, stop_signals_deferred
from config.toolchain import FRONTEND, ROOT, VENV, node_path, say

BUILD = ROOT / "build"
OPENAPI = ROOT / "api" / "openapi.yaml"
GRAPHQL = ROOT / "api" / "schema.graphql"
TYPED = ["manage.py", "platform", "projects", "donors", "matching", "api", "tests"]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_CHROMIUM = "apt-get install chromium fonts-noto-cjk"

Step = tuple[str, Callable[[], None]]


class Failed(Exception):
    """A step did not pass; the message names it."""


def command(*line: str | Path, folder: Path = ROOT) -> None:
    """Run one tool; ``Failed`` if it does not end with 0."""
    done = subprocess.run(  # noqa: S603
        [str(part) for part in line],
        cwd=folder,
        env={**os.environ, "PATH": node_path()},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise Failed(f"exit code {done.returncode}: {' '.join(str(part) for part in line)}")


def tool(name: str, *arguments: str | Path) -> Callable[[], None]:
    return lambda: command(VENV / "bin" / name, *arguments)


def manage(*arguments: str | Path) -> Callable[[], None]:
    return lambda: command(sys.executable, "manage.py", *arguments)


def write_openapi(target: Path) -> None:
    check = ("--validate", "--fail-on-warn")
    command(sys.executable, "manage.py", "spectacular", *check, "--file", target)


def write_graphql(target: Path) -> None:
    command(sys.executable, "manage.py", "graphql_schema", "--out", target)


def unchanged(committed: Path, write: Callable[[Path], None]) -> None:
    """Write a schema anew and compare it with the committed one; ``make schemas`` mends it."""
    if not committed.exists():
        say(f"{committed.relative_to(ROOT)} is not committed yet: nothing to compare")
        return
    BUILD.mkdir(exist_ok=True)
    fresh = BUILD / committed.name
    write(fresh)
    old, new = committed.read_text().splitlines(), fresh.read_text().splitlines()
    difference = list(difflib.unified_diff(old, new, "committed", "code", lineterm=""))
    if difference:
        say("\n".join(difference[:80]))
        raise Failed(f"{committed.relative_to(ROOT)} is out of date: make schemas")


def vitest() -> None:
    if not (FRONTEND / "package.json").exists():
        say("no front end yet")
        return
    for script in ("lint", "typecheck"):
        command("npm", "run", "--silent", "--if-present", script, folder=FRONTEND)
    command("npm", "test", folder=FRONTEND)


def chromium() -> None:
    """Find a Chromium for the browser tests; as root on Debian install it, else say how."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found and not named and os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        command("apt-get", "update", "-qq")
        command("apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk")
        found = shutil.which("chromium")
    if not found:
        raise Failed(
            f"浏览器测试需要 Chromium / the browser tests need Chromium: {INSTALL_CHROMIUM}\n"
            "(or CHROMIUM=/path/to/chromium)"
        )
    os.environ["CHROMIUM"] = found
    say(found)


STATIC: list[Step] = [
    ("ruff check", tool("ruff", "check", ".")),
    ("ruff format", tool("ruff", "format", "--check", ".")),
    ("mypy", tool("mypy", *TYPED)),
    ("layers", tool("lint-imports")),
    ("migrations", manage("makemigrations", "--check", "--dry-run")),
    ("OpenAPI", lambda: unchanged(OPENAPI, write_openapi)),
    ("GraphQL", lambda: unchanged(GRAPHQL, write_graphql)),
]
TESTS: list[Step] = [
    ("chromium", chromium),
    ("front end", vitest),
    # Last, browser tests included: its closing line is the sum of everything in Python.
    ("pytest", lambda: command(sys.executable, "-m", "pytest", *_pytest_arguments())),
]
SCHEMAS: list[Step] = [
    ("OpenAPI", lambda: write_openapi(OPENAPI)),
    ("GraphQL", lambda: write_graphql(GRAPHQL)),
]


def _pytest_arguments() -> list[str]:
    return os.environ.get("PYTEST_ARGUMENTS", "").split()


def run_steps(steps: list[Step]) -> int:
    """Run the steps in order and print what each took; return 1 at the first that fails."""
    taken: list[str] = []
    for name, step in steps:
        say(f"\n== {name}")
        began = time.monotonic()
        try:
            step()
        except Failed as failure:
            say(f"\nFAILED 未通过: {name} after {time.monotonic() - began:.1f} s: {failure}")
            return 1
        taken.append(f"{name} {time.monotonic() - began:.1f} s")
    say("\nall passed 全部通过: " + ", ".join(taken))
    return 0


def main(what: str) -> int:
    raise_on_stop_signals()
    server = None
    try:
        if not os.environ.get("DATABASE_URL") and what != "schemas":
            with stop_signals_deferred():
                server = embedded.test_server()
            # The database that exists: the tests' own is named after it.
            os.environ["DATABASE_URL"] = with_database(server.url, "postgres")
        os.environ.setdefault("DATA_DIR", str(ROOT / "var" / "test"))
        os.environ["DEMO"] = "1"
        return run_steps({"test": [*STATIC, *TESTS], "lint": STATIC, "schemas": SCHEMAS}[what])
    except Stopped:
        return 130
    except embedded.ServerError as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        if server:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
