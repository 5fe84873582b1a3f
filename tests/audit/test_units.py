"""Units: one savepoint each, nothing kept of one that is undone, nothing lost of the others."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from audit.acting import acting_as
from audit.models import Event
from audit.services import record
from audit.units import atomic, units
from households.models import Household
from kernel.access import SYSTEM
from kernel.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db


@atomic()
def _service(number: str) -> None:
    """Open a household with its event; "no" is refused after both are written."""
    household = Household.objects.create(
        number=number, region_id=make.VILLAGE, opened_on=make.START
    )
    record("test.opened", household, SYSTEM, number=number)
    if number == "no":
        raise Refused("no", "不行")


def _two(first: str, second: str) -> None:
    _service(first)
    _service(second)


def _two_units(unit: Callable[[], AbstractContextManager[None]], first: str, second: str) -> None:
    for number in (first, second):
        with unit():
            _service(number)


def _numbers() -> tuple[list[str], list[str]]:
    events = Event.objects.filter(verb="test.opened").order_by("id")
    return (
        list(Household.objects.order_by("number").values_list("number", flat=True)),
        sorted(event.data["number"] for event in events),
    )


def test_a_refused_unit_leaves_neither_rows_nor_events() -> None:
    with acting_as(SYSTEM), units() as unit:
        for number in ("a", "no", "b", "a"):
            with contextlib.suppress(Refused, IntegrityError), unit():
                _service(number)
    with acting_as(SYSTEM):
        assert _numbers() == (["a", "b"], ["a", "b"])


def test_a_unit_has_one_savepoint_and_all_events_one_insert() -> None:
    with acting_as(SYSTEM), CaptureQueriesContext(connection) as queries, units() as unit:
        for number in "abc":
            with unit():
                _service(number)
    statements = [query["sql"] for query in queries]
    assert sum(sql.startswith("SAVEPOINT") for sql in statements) == 1 + 3
    assert sum('INTO "audit_event"' in sql for sql in statements) == 1


def test_an_error_passed_over_inside_a_unit_is_not_taken_for_success() -> None:
    with acting_as(SYSTEM):
        passed_over = contextlib.suppress(Refused)
        with pytest.raises(TransactionManagementError), units() as unit, unit(), passed_over:
            _service("no")
        assert _numbers() == ([], [])


def test_a_savepoint_undone_inside_a_unit_takes_its_events_with_it() -> None:
    with acting_as(SYSTEM):
        with units() as unit, unit():
            _service("a")
            with pytest.raises(Refused), transaction.atomic():
                _two("b", "no")
        assert _numbers() == (["a"], ["a"])


def test_outside_of_units_a_service_keeps_its_own_savepoint() -> None:
    with acting_as(SYSTEM):
        with pytest.raises(Refused):
            _service("no")
        _service("a")
        assert _numbers() == (["a"], ["a"])


def test_an_error_that_leaves_the_block_undoes_all_of_them() -> None:
    with acting_as(SYSTEM):
        with pytest.raises(Refused), units() as unit:
            _two_units(unit, "a", "no")
        assert _numbers() == ([], [])
