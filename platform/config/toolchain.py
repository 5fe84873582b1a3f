"""Set-up of what the product is built with: virtual environment, Node, front end.

Runs before anything is installed, so it knows only the standard library. Each part leaves the hash
of what it was made from and does nothing while that stays the same::

    python3 -m config.toolchain             everything
    python3 -m config.toolchain backend     the virtual environment only
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
FRONTEND = ROOT / "frontend"
#: What Vite 7 asks for.
NODE_AT_LEAST = (20, 19)
_NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def backend() -> None:
    """Make ``.venv`` from the hashed lock; a link to another environment is used as it is."""
    python, stamp = VENV / "bin" / "python", VENV / ".lock-sha256"
    wanted = _hash([LOCK])
    if VENV.is_symlink():
        if not stamp.exists() or stamp.read_text() != wanted:
            say(f".venv is a link to {VENV.resolve()}: used as it is, not checked against the lock")
        return
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    if not python.exists() or _try([python, "-c", "import pip"], quiet=True)[0]:
        say("making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        if _try([sys.executable, "-m", "venv", VENV])[0]:
            raise SystemExit(
                "python3 -m venv failed. On Debian and Ubuntu: apt-get install python3-venv"
            )
    say("installing requirements-dev.lock")
    _install(python)
    stamp.write_text(wanted)


def _install(python: Path) -> None:
    """Install the lock with uv, which comes from the lock itself; with pip where that fails."""
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check"]
    environment = dict(os.environ)
    # Who set a mirror for pip means uv as well, which does not read pip's settings.
    mirror = os.environ.get("PIP_INDEX_URL")
    mirror = mirror or _try([*pip, "config", "get", "global.index-url"], quiet=True)[1].strip()
    if mirror:
        environment.setdefault("UV_DEFAULT_INDEX", mirror)
    if found := pinned("uv", LOCK.read_text()):
        own = VENV / "uv.txt"
        own.write_text(found)
        uv: list[str | Path] = [
            VENV / "bin" / "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
        ]
        if all(
            _try(command, environment=environment)[0] == 0
            for command in (
                [*pip, "install", "--quiet", "--require-hashes", "--no-deps", "-r", own],
                [*uv, "--require-hashes", "-r", LOCK],
            )
        ):
            return
        say("uv did not succeed; trying pip")
    _run([*pip, "install", "--quiet", "--require-hashes", "-r", LOCK])


def pinned(package: str, lock: str) -> str:
    """Return the lines of ``lock`` that pin ``package`` with its hashes, or "" if none does."""
    found = re.search(rf"^{package}==.*(?:\n +--hash=.*)*\n", lock, re.MULTILINE)
    return found.group() if found else ""


def node_path() -> str:
    """Return a PATH on which ``node`` and ``npm`` are new enough: the machine's, else .venv's."""
    path = os.environ.get("PATH", os.defpath)
    found = shutil.which("node", path=path)
    if found and shutil.which("npm", path=path):
        answer = _try([found, "--version"], quiet=True)[1]
        numbers = tuple(int(n) for n in re.findall(r"\d+", answer)[:2])
        if numbers >= NODE_AT_LEAST:
            return path
    return f"{VENV / 'bin'}{os.pathsep}{path}"


def frontend() -> None:
    """Install the front end's packages and build it, each only when its inputs changed."""
    if not (FRONTEND / "package.json").exists():
        say("no front end yet")
        return
    environment = {**os.environ, "PATH": node_path()}
    installed = FRONTEND / "node_modules" / ".lock-sha256"
    built = FRONTEND / "node_modules" / ".built-sha256"
    packages = _hash([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if not installed.exists() or installed.read_text() != packages:
        say("installing the front end's packages")
        _run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND, environment)
        installed.write_text(packages)
    sources = _hash([*_sources(FRONTEND), ROOT / "api" / "schema.graphql"])
    if not (FRONTEND / "dist").is_dir() or not built.exists() or built.read_text() != sources:
        say("building the front end")
        built.unlink(missing_ok=True)
        _run(["npm", "run", "build"], FRONTEND, environment)
        # A build that generates sources would otherwise be out of date at once.
        built.write_text(_hash([*_sources(FRONTEND), ROOT / "api" / "schema.graphql"]))


def _sources(folder: Path) -> Iterable[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f not in _NOT_SOURCES and not f.startswith(".")]
        for name in names:
            if not name.endswith(".tsbuildinfo"):
                yield Path(parent) / name


def _hash(files: Iterable[Path]) -> str:
    total = hashlib.sha256(sys.version.encode())
    for file in sorted(files):
        if file.is_file():
            total.update(str(file.relative_to(ROOT)).encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _try(
    command: Sequence[str | Path],
    folder: Path = ROOT,
    environment: dict[str, str] | None = None,
    *,
    quiet: bool = False,
) -> tuple[int, str]:
    """Run ``command``; return its exit code and, if ``quiet``, what it would have printed."""
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout or ""


def _run(
    command: Sequence[str | Path], folder: Path = ROOT, environment: dict[str, str] | None = None
) -> None:
    code, _ = _try(command, folder, environment)
    if code:
        line = " ".join(str(part) for part in command)
        raise SystemExit(f"failed with {code}: {line} (in {folder})")


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  # an older one may well be what runs this
        raise SystemExit("Python 3.11 or newer is needed; name it: make PYTHON=python3.12")
    parts = sys.argv[1:] or ["backend", "frontend"]
    for part in parts:
        {"backend": backend, "frontend": frontend}[part]()
