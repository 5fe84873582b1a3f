"""What a benchmark module measures with: the median of five beside the quiet machine's floor."""

import statistics
import time
from collections.abc import Callable
from typing import Literal, NotRequired, TypedDict

TIMES = 5


class Figure(TypedDict):
    """One line of the table. ``name`` is app.what; ``goal`` is the issue's wording."""

    name: str
    figure: float
    unit: str
    baseline: NotRequired[float | None]
    ratio: NotRequired[float | None]
    goal: NotRequired[str]
    met: NotRequired[bool | None]


def median_seconds(work: Callable[[], object], *, times: int = TIMES) -> float:
    """Return the median wall-clock seconds of ``times`` calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    goal: str = "",
    limit: float | None = None,
    better: Literal["lower", "higher"] = "lower",
    baseline: float | None = None,
) -> Figure:
    """Return one line: ``met`` compares with ``limit``, ``ratio`` with ``baseline``.

    >>> figure("matching.city", 90.0, "s", goal="in at most 120 s", limit=120, baseline=60)["ratio"]
    1.5
    """
    met = None
    if limit is not None:
        met = value <= limit if better == "lower" else value >= limit
    return {
        "name": name,
        "figure": value,
        "unit": unit,
        "baseline": baseline,
        "ratio": round(value / baseline, 3) if baseline else None,
        "goal": goal,
        "met": met,
    }
