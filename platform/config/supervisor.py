"""Runs a table of processes as one: all start, any death ends all, none is left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STOP_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Process:
    """One line of the table: ``name`` prefixes its output, ``environment`` is added to ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Stopped(BaseException):
    """Somebody asked us to stop (ctrl-C, SIGTERM); not an ``Exception``, so nothing swallows it."""


class Supervisor:
    """Starts processes in sessions of their own, so that only we decide when they stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[tuple[Process, subprocess.Popen[str], threading.Thread]] = []
        self._write = threading.Lock()

    def start(self, process: Process) -> None:
        child = subprocess.Popen(  # noqa: S603
            list(process.command),
            cwd=self._folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **process.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        printer = threading.Thread(target=self._print, args=(process.name, child), daemon=True)
        printer.start()
        self._children.append((process, child, printer))

    def first_dead(self) -> str | None:
        """Return what there is to say of a process that ended, or None while all live."""
        for process, child, _ in self._children:
            if (code := child.poll()) is not None:
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                return f"{process.name} 已退出 / ended: {how}"
        return None

    def stop(self) -> None:
        """Stop what was started, the last first; kill what does not end in ``STOP_SECONDS``."""
        for _, child, _ in reversed(self._children):
            _signal_group(child, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for _, child, printer in reversed(self._children):
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            finally:
                # Also after a quiet end: a process that was killed left its children behind.
                _signal_group(child, signal.SIGKILL)
                child.wait()
            printer.join(2)
        self._children.clear()

    def _print(self, name: str, child: "subprocess.Popen[str]") -> None:
        for line in child.stdout or ():
            with self._write:
                sys.stdout.write(f"{name:>8} | {line.rstrip()}\n")
                sys.stdout.flush()


def supervise(
    processes: Sequence[Process],
    *,
    folder: Path,
    ready: Callable[[], bool] = lambda: True,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """Run ``processes`` until one ends (returns 1) or a stop signal comes (returns 0).

    ``on_ready`` is called once, when ``ready`` says yes for the first time.
    """
    supervisor = Supervisor(folder)
    announced = False
    # A flag, not an exception: that could strike between a start and the note we take of it.
    with _stop_signals_noted() as stop:
        try:
            for process in processes:
                supervisor.start(process)
            while not stop.is_set():
                if dead := supervisor.first_dead():
                    sys.stderr.write(f"{dead}\n")
                    return 1
                if not announced and ready():
                    announced = True
                    on_ready()
                stop.wait(0.2)
            return 0
        finally:
            supervisor.stop()


def raise_on_stop_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into ``Stopped`` in the main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(number)

    for number in STOP_SIGNALS:
        signal.signal(number, stop)


@contextmanager
def stop_signals_deferred() -> Iterator[None]:
    """Raise ``Stopped`` only at the end of the block, for what must not be cut short."""
    with _stop_signals_noted() as stop:
        yield
    if stop.is_set():
        raise Stopped


@contextmanager
def _stop_signals_noted() -> Iterator[threading.Event]:
    noted = threading.Event()
    before = {n: signal.signal(n, lambda *_: noted.set()) for n in STOP_SIGNALS}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_stop_signals() -> None:
    """From here on only the clean-up is left, and a second ctrl-C must not cut it short."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def port_is_free(port: int) -> bool:
    """Return whether we could listen on 127.0.0.1 at ``port``."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def port_answers(port: int) -> bool:
    """Return whether somebody listens on 127.0.0.1 at ``port``."""
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _signal_group(child: "subprocess.Popen[str]", number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return
