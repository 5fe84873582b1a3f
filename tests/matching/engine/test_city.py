"""The synthetic county: its size, its tensions, and how good an answer to it must be."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from matching.engine import instances
from matching.engine.solve import greedy, solve
from tests.matching.engine import exact

ROOT = Path(__file__).parents[3]


def test_instances_are_determined_by_seed_and_have_the_size_asked_for() -> None:
    one, two = instances.make(instances.COUNTY, 3), instances.make(instances.COUNTY, 3)
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(two, name)), name
    one.validate()
    assert (one.needs, one.projects) == (instances.COUNTY.needs, instances.COUNTY.projects)
    assert abs(one.pairs / instances.COUNTY.pairs - 1) < 0.02


def test_a_county_is_solved_close_to_its_bound_and_better_than_greedy() -> None:
    county = replace(instances.make(instances.COUNTY, 3), need_tier=np.zeros(11_000, np.int64))
    answer, base = solve(county, iterations=60), greedy(county)
    assert answer.certificate.violations.total == 0
    assert answer.certificate.ratio > 0.97
    assert base.certificate.value < 0.93 * answer.certificate.value


def test_the_bound_agrees_with_the_linear_programme_of_highs() -> None:
    size = instances.Size(300, 600, 12, 4_000, counties=1, tiers=1)
    district = instances.make(size, 5)
    bound = solve(district, iterations=200).certificate.bound
    # Exact per need, ours may be the tighter one; 200 iterations come within half a percent.
    assert bound <= exact.optimum(district, relaxed=True) * 1.005


def test_the_engine_imports_no_django() -> None:
    code = (
        "import sys, matching.engine.solve, matching.engine.explain, matching.engine.instances;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('django', 'rest_framework')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
