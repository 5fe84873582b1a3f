"""One report gives one file, whenever and wherever it is rendered."""

import dataclasses
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.documents.reports import RENDERERS, a_report

ROOT = Path(__file__).resolve().parents[2]


def rendered_elsewhere(folder: Path, hash_seed: str, zone: str) -> dict[str, bytes]:
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.documents.reports", str(folder)],
        cwd=ROOT,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            "PYTHONHASHSEED": hash_seed,
            "TZ": zone,
        },
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_processes_at_two_times_write_the_same_bytes(tmp_path: Path) -> None:
    first = rendered_elsewhere(tmp_path / "first", "1", "Asia/Shanghai")
    time.sleep(2.1)  # zip entries count time in steps of two seconds
    second = rendered_elsewhere(tmp_path / "second", "2", "America/New_York")

    assert sorted(first) == ["report.docx", "report.pdf", "report.xlsx"]
    for name, content in first.items():
        assert content == second[name], name


@pytest.mark.parametrize("ending", sorted(RENDERERS))
def test_another_date_gives_other_bytes(ending: str) -> None:
    report = a_report()
    later = dataclasses.replace(report, dated=date(2026, 11, 23))

    assert RENDERERS[ending](report) != RENDERERS[ending](later)
