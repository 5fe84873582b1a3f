"""The guard in PostgreSQL against raw SQL by every application role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.types.range import DateRange

from aid.guard import guard_check
from aid.models import AidEntry, BenefitPeriod, Finding, GuardLimit, Scheme
from aid.selectors import residual_fen, residual_quantities
from audit.acting import acting_as
from households.models import Need
from kernel.access import SYSTEM, Role
from kernel.ids import new_id
from regions.models import Region
from tests import make
from tests.aid.raw import insert, row

#: Every role that may write the ledger.
EVERY_ROLE = pytest.mark.parametrize(
    "role",
    [pytest.param(role, marks=pytest.mark.role(role)) for role in ("web", "worker", "exchange")],
)
ADVANCE_LIMIT, SMALL_GIFT_LIMIT = 2_000_000, 50_000


@pytest.fixture(autouse=True)
def _as_system(db: None) -> Iterator[None]:
    with acting_as(SYSTEM):
        yield


@contextmanager
def refused(code: str, residual_fen: int | None = None) -> Iterator[None]:
    """The block is refused by the guard with this code, and leaves no ledger line behind."""
    before = AidEntry.objects.count()
    with pytest.raises(DatabaseError) as no, transaction.atomic():
        yield
    cause: Any = no.value.__cause__
    assert cause.sqlstate == "P1798", cause
    detail = json.loads(cause.diag.message_detail)
    assert detail["code"] == code
    if residual_fen is not None:
        assert detail["residual_fen"] == residual_fen
    assert AidEntry.objects.count() == before


@EVERY_ROLE
def test_140_on_a_net_of_100_is_refused_and_100_passes(role: str) -> None:
    need, a, b = make.need(net_fen=100), make.charity(), make.charity()
    insert(row(need, a, 40))
    with refused("O-03", 60):
        insert(row(need, b, 100))
    insert(row(need, b, 60))
    with refused("O-03", 0):
        insert(row(need, b, 1))
    assert residual_fen(need.pk) == 0


@EVERY_ROLE
def test_charity_b_is_refused_because_of_charity_a_s_invisible_entry(role: str) -> None:
    need, a, b = make.need(net_fen=100), make.charity(), make.charity()
    with acting_as(SYSTEM):
        insert(row(need, a, 70))
    make.consent(need.household, b)
    officer = make.actor(Role.CHARITY_OFFICER, organisation=b)
    with acting_as(officer):
        assert (AidEntry.objects.count(), Need.objects.count()) == (0, 1)
        with refused("O-03", 30):
            insert(row(need, b, 70, recorded_by=officer.id))
        insert(row(need, b, 30, recorded_by=officer.id))
        assert AidEntry.objects.count() == 1


def test_one_statement_of_several_rows_is_summed_row_by_row() -> None:
    need, giver = make.need(net_fen=100), make.charity()
    with refused("O-03", 40):
        insert(row(need, giver, 60), row(need, giver, 50))


#: Net, net quantity, purpose; layer, fen, quantity, flags; expected code ("" passes), residual.
ASKS: list[tuple[int | None, int | None, str, str, int, int, str, str, int | None]] = [
    (100, None, "living", "charity", 100, 0, "", "", 100),
    (100, None, "living", "charity", 101, 0, "", "O-03", 100),
    (100, None, "living", "group", 101, 0, "advance", "O-03", 100),
    (100, None, "living", "individual", 101, 0, "small", "O-03", 100),
    (100, None, "living", "own", 101, 0, "", "O-03", 100),
    (100, None, "living", "nobody", 101, 0, "", "O-03", 100),
    (0, None, "living", "charity", 1, 0, "", "O-03", 0),
    # The state is never refused because somebody helped.
    (100, None, "living", "government", 101, 0, "", "O-14", 100),
    (None, None, "living", "government", 10**12, 0, "", "", None),
    (100, None, "living", "insurance", 101, 0, "", "O-14", 100),
    (100, None, "living", "reserve", 100, 0, "", "", 100),
    # Nothing assessed: a NULL lets nothing through.
    (None, None, "living", "charity", 1, 0, "", "O-13", 0),
    (None, None, "medical", "charity", 1, 0, "", "O-04", 0),
    (None, None, "rehabilitation", "charity", 1, 0, "", "O-04", 0),
    (None, None, "living", "charity", SMALL_GIFT_LIMIT, 0, "small", "", SMALL_GIFT_LIMIT),
    (None, None, "living", "charity", SMALL_GIFT_LIMIT + 1, 0, "small", "O-13", SMALL_GIFT_LIMIT),
    (None, None, "medical", "charity", ADVANCE_LIMIT, 0, "advance", "", ADVANCE_LIMIT),
    (None, None, "medical", "charity", ADVANCE_LIMIT + 1, 0, "advance", "O-05", ADVANCE_LIMIT),
    (None, None, "living", "charity", 0, 3, "", "O-13", 0),
    (None, None, "living", "charity", 0, 3, "small", "O-13", SMALL_GIFT_LIMIT),
    # In kind, by quantity.
    (None, 2, "education_item", "charity", 0, 2, "", "", None),
    (None, 2, "education_item", "charity", 5000, 2, "", "", None),
    (None, 2, "education_item", "charity", 0, 3, "", "O-03", None),
    (None, 2, "education_item", "charity", 5000, 0, "", "O-13", 0),
    (100, 2, "education_item", "charity", 101, 1, "", "O-03", 100),
    (100, 2, "education_item", "charity", 100, 3, "", "O-03", 100),
    (100, 2, "education_item", "charity", 100, 2, "", "", 100),
    (100, None, "education_item", "charity", 0, 1, "", "O-13", 100),
    (None, 2, "education_item", "government", 0, 3, "", "O-14", None),
]


@pytest.mark.parametrize(
    ("net", "net_quantity", "purpose", "layer", "fen", "quantity", "flag", "code", "left"), ASKS
)
def test_an_ask_is_judged_alike_dry_and_in_earnest(
    net: int | None,
    net_quantity: int | None,
    purpose: str,
    layer: str,
    fen: int,
    quantity: int,
    flag: str,
    code: str,
    left: int | None,
) -> None:
    need = make.need(net_fen=net, net_quantity=net_quantity, purpose=purpose)
    flags = {"is_advance": flag == "advance", "is_small_gift": flag == "small"}
    verdict = guard_check(need.pk, layer, fen, quantity, **flags)
    assert verdict.code == code
    if left is not None:
        assert verdict.residual_fen == left
    giver = make.partner("trade_union")
    line = row(need, giver, fen, layer=layer, quantity=quantity, **flags)
    if code in ("", "O-14"):
        insert(line)
        assert Finding.objects.filter(code="O-14").count() == (code == "O-14")
    else:
        with refused(code, left):
            insert(line)


def test_gifts_before_assessment_share_one_limit() -> None:
    need, a, b = make.need(net_fen=None), make.charity(), make.charity()
    insert(row(need, a, 30_000, is_small_gift=True))
    with refused("O-13", 20_000):
        insert(row(need, b, 30_000, is_small_gift=True))
    insert(row(need, b, 20_000, is_small_gift=True))


def test_without_a_limit_nothing_passes_before_assessment() -> None:
    other_city = "350000000001"
    Region.objects.create(
        code=other_city, name="外地村", level="village", path=f"/{other_city}/", pinyin="wai di"
    )
    need = make.need(make.household(other_city), net_fen=None)
    with refused("O-13", 0):
        insert(row(need, make.charity(), 1, is_small_gift=True))


@pytest.mark.parametrize("kind", ["charity", "branch", "enterprise", "school"])
def test_society_s_money_cannot_pass_for_the_state_s(kind: str) -> None:
    giver = make.charity()
    giver.kind = kind
    giver.save()
    with refused("layer"):
        insert(row(make.need(net_fen=100), giver, 500, layer="government"))


def test_an_entry_agrees_with_its_need() -> None:
    home = make.household()
    patient, other = make.person(home), make.person(make.household())
    need, giver = make.need(home, of_person=patient), make.charity()
    for lie in (
        {"household_id": make.household().pk},
        {"region_id": make.OTHER_VILLAGE},
        {"person_id": other.pk},
        {"person_id": None},
    ):
        with refused("mismatch"):
            insert(row(need, giver, 1, **lie))
    common = make.need(home)
    with refused("mismatch"):
        insert(row(common, giver, 1, person_id=other.pk))
    insert(row(common, giver, 1, person_id=patient.pk))
    with refused("no_reference"):
        insert(row(need, giver, 1, source_reference=" "))
    with refused("no_period"):
        insert(row(need, giver, 1, period=DateRange(empty=True)))


@pytest.mark.parametrize("state", ["withdrawn", "expired"])
@pytest.mark.parametrize("layer", ["charity", "government"])
def test_a_closed_need_takes_no_promise(state: str, layer: str) -> None:
    need = make.need()
    Need.objects.filter(pk=need.pk).update(state=state)
    with refused("need_closed"):
        insert(row(need, make.partner("red_cross"), 1, layer=layer))


def test_a_need_with_aid_cannot_be_moved_or_closed_to_make_room_for_another() -> None:
    need = make.need(net_fen=100)
    promise = row(need, make.charity(), 100)
    insert(promise)
    for change in (
        {"state": "withdrawn"},
        {"state": "expired"},
        {"cost_item": "another"},
        {"purpose": "funeral"},
        {"period": DateRange(date(2030, 1, 1), date(2031, 1, 1))},
    ):
        with refused("need_in_use"):
            Need.objects.filter(pk=need.pk).update(**change)
    insert(release := follow(promise, "release", 100))
    Need.objects.filter(pk=need.pk).update(state="withdrawn")
    assert release["of_entry_id"] == promise["id"]


def follow(of: dict[str, Any], kind: str, amount_fen: int, **values: Any) -> dict[str, Any]:
    """The columns of a line that follows another."""
    extra = {
        "id": new_id(),
        "kind": kind,
        "of_entry_id": of["id"],
        "amount_fen": amount_fen,
        "source_reference": str(new_id()),
        "reason": "更正" if kind == "reversal" else "",
        "batch_row_id": None,
    }
    return {**of, **extra, **values}


@EVERY_ROLE
def test_a_promise_is_paid_released_and_corrected_within_its_amount(role: str) -> None:
    need, giver = make.need(net_fen=100), make.charity()
    promise = row(need, giver, 100)
    insert(promise)
    insert(payment := follow(promise, "payment", 70))
    with refused("over_promise", 30):
        insert(follow(promise, "payment", 31))
    with refused("over_promise", 30):
        insert(follow(promise, "release", 31))
    insert(follow(promise, "release", 10))
    assert residual_fen(need.pk) == 10
    with refused("over_entry", 70):
        insert(follow(payment, "reversal", 71))
    insert(follow(payment, "reversal", 50))
    with refused("over_entry", 20):
        insert(follow(payment, "reversal", 21))
    assert residual_fen(need.pk) == 10, "a payment taken back leaves the promise open"
    insert(follow(promise, "payment", 70))
    with refused("over_promise", 0):
        insert(follow(promise, "payment", 1))


def test_a_follow_up_names_the_right_entry() -> None:
    giver, other = make.charity(), make.charity()
    need = make.need()
    promise = row(need, giver, 100)
    insert(promise)
    insert(payment := follow(promise, "payment", 10))
    elsewhere = row(make.need(), giver, 100)
    insert(elsewhere)
    for line in (
        follow(promise, "payment", 1, of_entry_id=elsewhere["id"]),
        follow(promise, "payment", 1, organisation_id=other.pk),
        follow(promise, "payment", 1, layer="government"),
        follow(promise, "payment", 1, scheme_id=Scheme.objects.get(code="dibao").pk),
        follow(payment, "payment", 1),
        follow(payment, "release", 1),
        follow(promise, "reversal", 1),
        follow(promise, "payment", 1, of_entry_id=new_id()),
    ):
        with refused("mismatch"):
            insert(line)


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=pytest.mark.role(role)) for role in ("web", "worker")]
)
def test_only_the_exchange_writes_reported_facts(role: str) -> None:
    with refused("exchange_only"):
        insert(row(make.need(), make.charity(), 1, kind="reported", batch_row_id=new_id()))


@pytest.mark.role("exchange")
@pytest.mark.parametrize(("layer", "code"), [("charity", "O-03"), ("government", "O-14")])
def test_a_reported_fact_above_the_net_is_kept_and_opens_a_finding(layer: str, code: str) -> None:
    need, giver = make.need(net_fen=100), make.partner("red_cross")
    insert(row(need, giver, 80))
    line = row(need, giver, 50, kind="reported", layer=layer, batch_row_id=new_id())
    insert(line)
    finding = Finding.objects.get()
    assert (finding.code, finding.entry_id, finding.amount_fen) == (code, line["id"], 30)
    assert finding.region_id == need.region_id
    insert(follow(line, "reversal", 50))
    assert residual_fen(need.pk) == 20
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(row(need, giver, 1, kind="reported"))


@pytest.mark.role("exchange")
def test_what_came_after_a_promise_cuts_what_may_still_be_paid() -> None:
    need, a, b = make.need(net_fen=100), make.charity(), make.charity()
    promise = row(need, a, 100)
    insert(promise)
    insert(row(need, b, 40, kind="reported", batch_row_id=new_id()))
    with refused("O-03", 60):
        insert(follow(promise, "payment", 61))
    insert(follow(promise, "release", 40))
    insert(follow(promise, "payment", 60))


def test_the_state_s_promise_above_the_net_opens_o_14_and_its_payment_passes() -> None:
    need = make.need(net_fen=100)
    insert(row(need, make.charity(), 90))
    promise = row(need, make.partner("finance"), 60, layer="government")
    insert(promise)
    finding = Finding.objects.get()
    assert (finding.code, finding.outcome, finding.amount_fen) == ("O-14", "REASON", 50)
    insert(follow(promise, "payment", 60))


def test_lowering_the_net_is_not_refused_and_opens_o_14_once_with_the_amount() -> None:
    """Vector: insurance of 6,000 yuan arrives after total aid equals the net."""
    need = make.need(net_fen=3_000_000)
    insert(row(need, make.charity(), 3_000_000))
    Need.objects.filter(pk=need.pk).update(net_fen=2_400_000)
    assert Finding.objects.get().amount_fen == 600_000
    Finding.objects.update(state="closed", resolution="留作后续治疗")
    Need.objects.filter(pk=need.pk).update(net_fen=2_300_000)
    finding = Finding.objects.get()
    assert (finding.code, finding.amount_fen, finding.state) == ("O-14", 700_000, "open")
    Need.objects.filter(pk=need.pk).update(note="其他改动")
    assert Finding.objects.count() == 1


def test_an_advance_above_the_net_assessed_later_opens_o_14() -> None:
    need = make.need(net_fen=None, purpose="medical")
    promise = row(need, make.charity(), 500_000, is_advance=True)
    insert(promise)
    insert(follow(promise, "payment", 200_000))
    Need.objects.filter(pk=need.pk).update(net_fen=300_000)
    assert Finding.objects.get().amount_fen == 200_000
    with refused("O-03", 100_000):
        insert(follow(promise, "payment", 300_000))


def test_taking_the_assessment_away_stops_payments() -> None:
    need = make.need(net_fen=100)
    promise = row(need, make.charity(), 100)
    insert(promise)
    Need.objects.filter(pk=need.pk).update(net_fen=None)
    with refused("O-13"):
        insert(follow(promise, "payment", 1))


def test_items_are_counted_like_money() -> None:
    need, a, b = make.need(net_fen=None, net_quantity=3), make.charity(), make.charity()
    promise = row(need, a, 0, quantity=2)
    insert(promise)
    with refused("O-03"):
        insert(row(need, b, 0, quantity=2))
    insert(follow(promise, "payment", 0, quantity=1))
    with refused("over_promise"):
        insert(follow(promise, "payment", 0, quantity=2))
    insert(follow(promise, "release", 0, quantity=1))
    insert(row(need, b, 0, quantity=2))
    assert residual_quantities([need.pk]) == {need.pk: 0}


def test_the_same_aid_under_another_reference_is_refused() -> None:
    need, giver = make.need(net_fen=1_000), make.charity()
    promise = row(need, giver, 100)
    insert(promise)
    with refused("O-01"):
        insert(row(need, giver, 100))
    insert(row(need, giver, 101))
    insert(row(need, make.charity(), 100))
    insert(row(need, giver, 100, period=DateRange(date(2026, 2, 1), date(2026, 3, 1))))
    insert(row(need, giver, 100, layer="individual"))
    insert(row(need, giver, 100, layer="individual"))
    insert(follow(promise, "release", 100))
    insert(row(need, giver, 100))


@EVERY_ROLE
def test_exclusive_benefits_of_one_person_do_not_overlap(role: str) -> None:
    home = make.household()
    person = make.person(home)
    living, other = make.need(home, of_person=person), make.need(home, of_person=person)
    office = make.partner("finance")
    dibao, tekun = (Scheme.objects.get(code=code).pk for code in ("dibao", "tekun"))
    promise = row(living, office, 100, layer="government", scheme_id=dibao)
    insert(promise)
    with refused("O-06"):
        insert(row(other, office, 100, layer="government", scheme_id=tekun))
    later = DateRange(make.END, date(2028, 1, 1))
    insert(row(other, office, 100, layer="government", scheme_id=tekun, period=later))
    assert BenefitPeriod.objects.count() == 2
    insert(follow(promise, "release", 100))
    insert(row(other, office, 100, layer="government", scheme_id=tekun))
    with refused("person_required"):
        insert(row(make.need(home), office, 1, layer="government", scheme_id=dibao))


def test_releasing_the_rest_of_a_paid_benefit_ends_it_on_that_day() -> None:
    home = make.household()
    person = make.person(home)
    office = make.partner("finance")
    dibao, tekun = (Scheme.objects.get(code=code).pk for code in ("dibao", "tekun"))
    promise = row(
        make.need(home, of_person=person), office, 1200, layer="government", scheme_id=dibao
    )
    insert(promise)
    insert(follow(promise, "payment", 600))
    insert(follow(promise, "release", 600, effective_on=date(2026, 7, 1)))
    assert BenefitPeriod.objects.get().period == DateRange(make.START, date(2026, 7, 1))
    second = DateRange(date(2026, 7, 1), make.END)
    other = make.need(home, of_person=person)
    insert(row(other, office, 600, layer="government", scheme_id=tekun, period=second))


@pytest.mark.role("exchange")
def test_a_reported_exclusive_benefit_is_kept_with_a_finding() -> None:
    home = make.household()
    person = make.person(home)
    office = make.partner("finance")
    dibao, tekun = (Scheme.objects.get(code=code).pk for code in ("dibao", "tekun"))
    values: dict[str, Any] = {"layer": "government", "kind": "reported"}
    for scheme in (dibao, tekun):
        need = make.need(home, of_person=person)
        insert(row(need, office, 9, scheme_id=scheme, batch_row_id=new_id(), **values))
    assert Finding.objects.get().code == "O-06"
    assert BenefitPeriod.objects.count() == 1


@EVERY_ROLE
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE aid_aidentry SET amount_fen = 1",
        "DELETE FROM aid_aidentry",
        "TRUNCATE aid_aidentry CASCADE",
        "UPDATE aid_benefitperiod SET period = 'empty'",
        "DELETE FROM aid_benefitperiod",
        "UPDATE aid_guardlimit SET value_fen = 9000000000",
        "DELETE FROM aid_guardlimit",
        "ALTER TABLE aid_aidentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SELECT aid_totals(id) FROM households_need",
        "DROP FUNCTION aid_entry_guard() CASCADE",
    ],
)
def test_ledger_and_guard_cannot_be_changed(role: str, attack: str) -> None:
    home = make.household()
    person = make.person(home)
    need = make.need(home, of_person=person)
    line = row(
        need,
        make.partner("finance"),
        10,
        layer="government",
        scheme_id=Scheme.objects.get(code="dibao").pk,
    )
    insert(line)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
            changed = cursor.rowcount
    except DatabaseError:
        changed = 0
    assert changed == 0
    assert AidEntry.objects.get().amount_fen == 10
    assert BenefitPeriod.objects.get().period == DateRange(make.START, make.END)
    assert GuardLimit.objects.filter(value_fen=ADVANCE_LIMIT).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        GuardLimit.objects.create(
            region_id=make.COUNTY, key="aid.small_gift_limit_fen2", value_fen=10**9
        )
