"""The benchmark runner's file and table."""

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.measure import figure, median_seconds


def test_every_line_of_the_file_has_the_seven_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        figure("matching.city", 90.0, "s", goal="at most 120 s", limit=120, baseline=60.0),
        figure("matching.bound", 98.0, "%", goal="at least 99 %", limit=99, better="higher"),
    ]
    monkeypatch.setattr(bench, "modules", lambda only="": {"matching": lambda: lines})
    target = tmp_path / "build" / "bench.json"

    assert bench.main("matching", target=target) == 1

    assert json.loads(target.read_text()) == [
        {
            "name": "matching.city",
            "figure": 90.0,
            "unit": "s",
            "baseline": 60.0,
            "ratio": 1.5,
            "goal": "at most 120 s",
            "met": True,
        },
        {
            "name": "matching.bound",
            "figure": 98.0,
            "unit": "%",
            "baseline": None,
            "ratio": None,
            "goal": "at least 99 %",
            "met": False,
        },
    ]
    assert "matching.bound" in capsys.readouterr().out


def test_an_unknown_app_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main("nothing") == 1
    assert "no benchmark 'nothing'" in capsys.readouterr().out


def test_the_median_calls_five_times() -> None:
    called: list[int] = []
    median_seconds(lambda: called.append(1))
    assert len(called) == 5
