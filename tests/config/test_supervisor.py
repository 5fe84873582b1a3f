"""A table of real processes, real signals: whatever ends it, nothing is left running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.embedded import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
STUBBORN = "trap '' TERM INT; sleep 303; sleep 304"
SUPERVISED = """
import sys
from pathlib import Path
from config import supervisor
from config.supervisor import Process, supervise
supervisor.STOP_SECONDS = 1
table = [Process(f"p{n}", ["bash", "-c", line]) for n, line in enumerate(sys.argv[1:])]
sys.exit(supervise(table, folder=Path("."), on_ready=lambda: print("ready", flush=True)))
"""


def started(*lines: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, *lines],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def descendants(pid: int, at_least: int) -> list[psutil.Process]:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
        if len(found) >= at_least:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{at_least} processes expected, {len(found)} found")


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    alive: list[psutil.Process] = psutil.wait_procs(processes, timeout=5)[1]
    return alive


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_no_process(number: signal.Signals) -> None:
    boss = started(
        "sleep 300", "sleep 301 & sleep 302; true", "trap '' TERM INT; sleep 303; sleep 304"
    )
    family = descendants(boss.pid, 6)

    boss.send_signal(number)

    assert boss.wait(20) == 0
    assert left(family) == []


def test_a_second_ctrl_c_does_not_cut_the_clean_up_short() -> None:
    boss = started(STUBBORN)
    family = descendants(boss.pid, 2)
    boss.send_signal(signal.SIGINT)
    time.sleep(0.3)
    boss.send_signal(signal.SIGINT)
    assert boss.wait(20) == 0
    assert left(family) == []


def test_the_death_of_one_is_reported_and_ends_all() -> None:
    boss = started("sleep 300", "echo 到此为止; sleep 1; exit 3")
    family = descendants(boss.pid, 2)
    output, _ = boss.communicate(timeout=20)
    assert boss.returncode == 1
    assert "p1 已退出 / ended: exit code 3" in output
    assert "p1 | 到此为止" in output
    assert left(family) == []


def test_a_killed_child_is_reported_with_its_signal_and_its_own_children_go_too() -> None:
    boss = started(f"({STUBBORN}) & sleep 301; true")
    family = descendants(boss.pid, 4)
    boss_child = psutil.Process(boss.pid).children()[0]
    boss_child.kill()
    output, _ = boss.communicate(timeout=20)
    assert boss.returncode == 1
    assert "p0 已退出 / ended: signal 9" in output
    assert left(family) == []


def test_ready_is_announced_once() -> None:
    boss = started("sleep 1")
    output, _ = boss.communicate(timeout=20)
    assert output.count("ready") == 1


def test_a_taken_port_is_named_in_two_languages_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "config.run", "run"],
            cwd=ROOT,
            env={**ENVIRONMENT, "PORT": str(port), "DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"端口 {port} 已被占用" in done.stderr
    assert f"Port {port} is taken; choose another: make run PORT=" in done.stderr
    assert not (tmp_path / "data").exists()
