"""Arithmetic of residual and coverage: the overlap vectors of domain.md section 11."""

import doctest

import pytest

from aid import rules
from aid.rules import Line, active_fen, classify, coverage_percent, prevented_fen, residual_fen
from households import rules as household_rules
from households.rules import BillPart, net_fen
from kernel.errors import Refused


@pytest.mark.parametrize("module", [rules, household_rules])
def test_examples_run(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert (result.failed, result.attempted > 0) == (0, True)


def test_net_130_000_less_government_and_charity_leaves_100_100() -> None:
    lines = [Line("promise", "government", 2_490_000), Line("promise", "charity", 500_000)]
    active = active_fen(lines)
    assert residual_fen(13_000_000, active) == 10_010_000
    assert coverage_percent(13_000_000, active) == "23.0"
    code = classify(
        layer="charity",
        asked_fen=500_000,
        net_fen=13_000_000,
        active=2_490_000,
        state_active=2_490_000,
    )
    assert (code, rules.OUTCOMES[code]) == ("W-01", "WANTED")


def test_gross_50_000_insurance_32_000_government_9_000_leaves_9_000() -> None:
    net = net_fen([BillPart(5_000_000, insurance_fen=3_200_000)])
    assert residual_fen(net, 900_000) == 900_000
    assert residual_fen(net, 900_000 + 800_000) == 100_000
    assert prevented_fen(950_000, 900_000) == 50_000
    assert (
        classify(
            layer="charity", asked_fen=950_000, net_fen=net, active=900_000, state_active=900_000
        )
        == "O-03"
    )


#: kind, amount, kind of the entry it names; active fen afterwards.
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 0),
        ([("promise", 5, "")], 5),
        ([("promise", 5, ""), ("payment", 5, "promise")], 5),
        ([("promise", 5, ""), ("release", 2, "promise")], 3),
        ([("promise", 5, ""), ("payment", 5, "promise"), ("reversal", 5, "payment")], 5),
        ([("reported", 7, ""), ("reversal", 3, "reported")], 4),
    ],
)
def test_active_aid(lines: list[tuple[str, int, str]], expected: int) -> None:
    assert active_fen([Line(kind, "charity", fen, of) for kind, fen, of in lines]) == expected


@pytest.mark.parametrize(
    ("net", "active", "percent"),
    [(0, 0, "100.0"), (3, 1, "33.3"), (3, 2, "66.7"), (2000, 1, "0.1"), (100, 150, "150.0")],
)
def test_coverage_is_rounded_half_up_once(net: int, active: int, percent: str) -> None:
    assert coverage_percent(net, active) == percent


@pytest.mark.parametrize("part", [BillPart(5, 4, 2), BillPart(-1), BillPart(5, -1)])
def test_a_bill_paid_above_its_cost_is_refused(part: BillPart) -> None:
    with pytest.raises(Refused, match="bad_bill"):
        net_fen([part])
