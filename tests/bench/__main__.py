"""``make bench``: every module here, or the one named; a table and ``build/bench.json``."""

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import tests.bench
from tests.bench.measure import Figure

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = ("name", "figure", "unit", "baseline", "ratio", "goal", "met")


def modules(only: str = "") -> dict[str, Callable[[], list[Figure]]]:
    """Return ``figures`` of each module here that has it, or of the one named ``only``."""
    found = {}
    for info in pkgutil.iter_modules(tests.bench.__path__):
        if info.name.startswith("__") or (only and info.name != only):
            continue
        module = importlib.import_module(f"tests.bench.{info.name}")
        if hasattr(module, "figures"):
            found[info.name] = module.figures
    return found


def table(lines: list[Figure]) -> str:
    """Return the figures as aligned text."""
    cells = [COLUMNS, *(tuple(_shown(line.get(column)) for column in COLUMNS) for line in lines)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def main(only: str = "", *, target: Path = ROOT / "build" / "bench.json") -> int:
    """Run the benchmarks; return 1 when one misses its goal or ``only`` names none."""
    chosen = modules(only)
    if only and not chosen:
        print(f"no benchmark {only!r}; there are: {', '.join(modules()) or 'none yet'}")
        return 1
    lines: list[Figure] = []
    for name, figures in chosen.items():
        print(f"measuring {name} ...", flush=True)
        lines += figures()
    complete = [{column: line.get(column) for column in COLUMNS} for line in lines]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(complete, ensure_ascii=False, indent=1) + "\n")
    print(table(lines))
    print(f"written to {target}")
    return 1 if any(line.get("met") is False for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
