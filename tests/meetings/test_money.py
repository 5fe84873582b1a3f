"""The money of a pack: what took effect by its day, as far as it was known at its time."""

from datetime import date

import pytest

from aid.models import Brand
from tests import make
from tests.meetings.facts import at, entry, numbers

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.role("worker")]


def money(**when: object) -> tuple[int, int, int]:
    """Paid, promised and unpaid fen."""
    found = numbers(**when)["money"]  # type: ignore[arg-type]
    return found["total_fen"], found["promised_fen"], found["unpaid_fen"]


def test_a_promise_counts_until_it_is_paid_or_released_and_is_no_spending() -> None:
    promise = entry(make.need(), "promise", 1_000)
    assert money() == (0, 1_000, 1_000)
    payment = entry(promise.need, "payment", 600, of=promise, on=date(2026, 5, 1))
    assert money() == (600, 1_000, 400)
    entry(promise.need, "release", 300, of=promise, on=date(2026, 5, 2))
    assert money() == (600, 700, 100)
    entry(promise.need, "reversal", 200, of=payment, on=date(2026, 5, 3))
    assert money() == (400, 700, 300)


def test_a_reported_fact_is_spending_and_its_reversal_takes_it_back() -> None:
    fact = entry(make.need(), "reported", 900, layer="group")
    assert money() == (900, 0, 0)
    entry(fact.need, "reversal", 100, of=fact)
    assert money() == (800, 0, 0)


@pytest.mark.parametrize(
    ("on", "recorded", "counts"),
    [
        (date(2026, 6, 30), at(6, 30), True),
        (date(2026, 6, 30), at(7, 1, 12), True),  # late, but known at noon of the first
        (date(2026, 6, 30), at(7, 1, 13), False),
        (date(2026, 7, 1), at(7, 1, 9), False),
        (date(2026, 1, 1), at(1, 1), True),
        (date(2025, 12, 31), at(1, 2), False),
    ],
)
def test_aid_counts_when_in_effect_by_the_day_and_known_by_the_time(
    on: date, recorded: object, counts: bool
) -> None:
    entry(make.need(), "reported", 500, on=on, recorded=recorded)  # type: ignore[arg-type]
    assert money()[0] == (500 if counts else 0)


def test_a_later_reversal_changes_the_later_pack_alone() -> None:
    fact = entry(make.need(), "reported", 500)
    before = numbers()["money"]
    entry(fact.need, "reversal", 500, of=fact, on=date(2026, 7, 2))
    assert numbers()["money"] == before
    assert money(as_of=date(2026, 7, 2), known_at=at(7, 3)) == (0, 0, 0)


def test_last_years_promise_is_unpaid_but_not_promised_this_year() -> None:
    promise = entry(make.need(), "promise", 1_000, on=date(2025, 12, 1), recorded=at(1, 1))
    entry(promise.need, "payment", 300, of=promise)
    entry(promise.need, "release", 100, of=promise)
    assert money() == (300, 0, 600)


def test_layers_sources_and_brands_add_up_to_the_same_money() -> None:
    brand = Brand.objects.order_by("position")[0]
    red, blue = make.charity(), make.charity()
    need = make.need()
    promise = entry(need, "promise", 1_000, brand=brand, organisation=red)
    payment = entry(need, "payment", 1_000, of=promise)
    entry(need, "reversal", 400, of=payment)
    entry(need, "promise", 50, brand=brand, organisation=blue)
    entry(make.need(), "reported", 70, layer="group", organisation=blue)
    bureau = make.partner("civil_affairs")
    entry(make.need(), "reported", 30, layer="government", organisation=bureau)

    found = numbers()
    layers = {row["code"]: (row["fen"], row["events"]) for row in found["money"]["layers"]}
    assert layers == {"charity": (600, 1), "group": (70, 1), "government": (30, 1)}
    assert found["money"]["sources"] == [
        {"label": brand.name, "fen": 600},
        {"label": blue.name, "fen": 70},
        {"label": bureau.name, "fen": 30},
    ]
    first = found["brands"][0]
    assert (first["promised_fen"], first["paid_fen"]) == (1_050, 600)
    assert sum(row["paid_fen"] for row in found["brands"][1:]) == 0
    assert found["money"]["total_fen"] == 700


def test_a_county_counts_its_own_and_the_city_counts_all() -> None:
    entry(make.need(), "reported", 10)
    entry(make.need(make.household(make.OTHER_VILLAGE)), "reported", 200)
    assert [money(code=c)[0] for c in (make.COUNTY, make.OTHER_COUNTY, make.CITY)] == [10, 200, 210]
