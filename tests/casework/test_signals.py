"""Signals: both measures of SM-01, one open signal a person, closing with a result."""

from datetime import date, timedelta

import pytest
from psycopg.types.range import DateRange

from audit.acting import acting_as
from casework.models import Signal
from casework.selectors import gaps, signals_visible_to
from casework.services import medical_signals_sweep, signal_close
from households.models import MedicalBill, Need, Person, Recognition
from kernel import clock
from kernel.access import SYSTEM, Role
from kernel.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db


def _bill(person: Person, gross_fen: int, insurance_fen: int, reference: str) -> None:
    with acting_as(SYSTEM):
        home = person.memberships.get().household
        MedicalBill.objects.create(
            person=person,
            household=home,
            region=home.region,
            sender=make.partner("medical_insurance"),
            reference=reference,
            settled_on=date(2026, 3, 1),
            gross_fen=gross_fen,
            insurance_fen=insurance_fen,
        )


def _listed(person: Person) -> None:
    with acting_as(SYSTEM):
        home = person.memberships.get().household
        Recognition.objects.create(
            person=person,
            household=home,
            region=home.region,
            category="dibao",
            period=DateRange(date(2026, 1, 1), None),
        )


@pytest.mark.parametrize(
    ("listed", "gross_fen", "insurance_fen", "opened"),
    [
        (True, 2_000_000, 0, 0),
        (True, 2_000_001, 2_000_001, 1),
        (False, 9_000_000, 5_000_000, 0),
        (False, 9_000_000, 4_999_999, 1),
    ],
)
def test_the_line_must_be_passed_in_the_measure_of_the_person(
    listed: bool, gross_fen: int, insurance_fen: int, opened: int
) -> None:
    person = make.person()
    if listed:
        _listed(person)
    _bill(person, gross_fen, insurance_fen, "1")
    with acting_as(SYSTEM):
        region = make.region(make.CITY)
        assert medical_signals_sweep(region=region, year=2026, actor=SYSTEM) == opened
        assert medical_signals_sweep(region=region, year=2026, actor=SYSTEM) == 0
        assert medical_signals_sweep(region=region, year=2025, actor=SYSTEM) == 0
        assert Signal.objects.count() == opened


def _signal() -> Signal:
    person = make.person()
    with acting_as(SYSTEM):
        home = person.memberships.get().household
        return Signal.objects.create(
            person=person,
            household=home,
            region=home.region,
            rule="SM-01",
            opened_on=clock.today() - timedelta(days=40),
        )


def test_a_signal_is_closed_once_with_a_known_result() -> None:
    signal, officer = _signal(), make.actor(Role.TOWNSHIP_OFFICER, "350602001000")
    with acting_as(officer):
        with pytest.raises(Refused, match="result_unknown"):
            signal_close(signal=signal, result="whatever", actor=officer)
        assert signal_close(signal=signal, result="helped_dibao", actor=officer).state == "closed"
        with pytest.raises(Refused, match="wrong_state"):
            signal_close(signal=signal, result="refused", actor=officer)


def test_another_county_sees_no_signal_and_closes_none() -> None:
    signal, other = _signal(), make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)
    with acting_as(other):
        assert not signals_visible_to(other).exists()
        assert not Signal.objects.exists()
        with pytest.raises(Signal.DoesNotExist):
            signal_close(signal=signal, result="refused", actor=other)


def test_gaps_are_needs_and_signals_that_nobody_answered_in_time() -> None:
    from aid.services import aid_promise

    today = clock.today()
    waiting, helped, fresh, unassessed = (
        make.need(net_fen=1000, tier=tier) for tier in (2, 2, 2, 0)
    )
    _signal()
    with acting_as(SYSTEM):
        Need.objects.filter(pk__in=[waiting.pk, helped.pk]).update(
            assessed_at=clock.now() - timedelta(days=31)
        )
        Need.objects.filter(pk=fresh.pk).update(assessed_at=clock.now() - timedelta(days=29))
        Need.objects.filter(pk=unassessed.pk).update(net_fen=None, state="recorded")
        aid_promise(
            need=Need.objects.get(pk=helped.pk),
            layer="charity",
            organisation=make.charity(),
            amount_fen=100,
            source_reference="1",
            actor=SYSTEM,
        )
        found = gaps(make.region(make.CITY), today)
        assert found.days == 30
        assert list(found.needs) == [unassessed, waiting]
        assert (found.count, found.signals.count()) == (3, 1)
        assert gaps(make.region(make.OTHER_COUNTY), today).count == 0
        long_ago = clock.now() - timedelta(days=1)
        assert gaps(make.region(make.CITY), today, known_at=long_ago).count == 0
    other = make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)
    with acting_as(other):
        assert gaps(make.region(make.CITY), today).count == 0
