"""The demo city: reproducible, in the published proportions, and of nobody real."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Sum

from aid.models import AidEntry
from audit.acting import acting_as
from casework.models import Signal
from config.demo.bodies import CHARITY, CHARITY_WITHOUT_CERTIFICATE, LOGINS
from config.demo.cases import CASES
from config.demo.load import city_digest, city_load, families
from config.demo.shape import household_shapes
from households.models import Category, Household, Need, Person, Recognition
from kernel.access import SYSTEM, Role
from kernel.errors import Refused
from kernel.resident_id import check_resident_id
from organisations.models import Organisation
from organisations.selectors import certificate_of
from tests import make

TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.django_db


def test_same_seed_gives_the_same_rows_and_another_seed_gives_others() -> None:
    assert city_digest(families(200, 7, TODAY)) == city_digest(families(200, 7, TODAY))
    assert city_digest(families(200, 7, TODAY)) != city_digest(families(200, 8, TODAY))


def test_the_whole_city_has_the_published_persons_and_households() -> None:
    shapes = household_shapes(94_000, Random(1), made=[3, 4])
    persons: Counter[str] = Counter()
    for category, size in shapes:
        persons[category] += size

    assert len(shapes) + 2 == 94_000
    assert persons == {"dibao": 103_200 - 7, "tekun": 12_300, "dibao_edge": 25_500}


def test_every_id_is_valid_used_once_and_of_a_county_that_does_not_exist() -> None:
    numbers = [n for family in families(2_000, 3, TODAY) for n in family.id_numbers if n]

    assert len(numbers) > 2_900
    assert len(set(numbers)) == len(numbers)
    assert {number[:6] for number in numbers} == {"350699"}
    assert all(check_resident_id(number, today=TODAY).ok for number in numbers)


def test_nobody_is_destitute_and_on_another_allowance_at_once() -> None:
    for family in families(2_000, 3, TODAY):
        held: dict[object, set[str]] = {}
        for recognition in family.recognitions:
            held.setdefault(recognition.person_id, set()).add(recognition.category)
        for categories in held.values():
            assert len(categories & {"dibao", "dibao_edge", "tekun", "rigid_expenditure"}) == 1
            assert not categories >= {"tekun", "orphan"}


def _given(label: str) -> dict[str, int]:
    """Paid fen of a case by layer."""
    paid = AidEntry.objects.filter(household__case_label=label, kind="payment")
    return dict(paid.values_list("layer").annotate(Sum("amount_fen")).order_by())


def test_a_loaded_city_has_cases_log_ins_charities_and_readable_ids() -> None:
    counts = city_load(households=100, seed=5, today=TODAY)

    assert counts["households"] == 100
    assert counts["persons"] == 150
    with acting_as(SYSTEM):
        labels = Household.objects.exclude(case_label="").values_list("case_label", flat=True)
        assert sorted(labels) == list("ABCDEFGHI")
        assert Household.objects.get(case_label="E").region_id == "350526"
        four = Household.objects.get(case_label="H")
        assert Recognition.objects.filter(household=four, category=Category.DIBAO).count() == 4
        built = Need.objects.get(household__case_label="B", cost_item="安居兜底建房装修")
        assert built.net_fen == 12_000_000
        assert _given("B") == {"government": 11_000_000, "charity": 2_000_000}
        assert _given("E") == {"government": 2_490_000, "charity": 500_000, "group": 250_000}
        assert sum(_given("F").values()) == 9_900_000
        assert counts["aid"] == AidEntry.objects.count()
        assert Signal.objects.filter(household__case_label="").count() <= counts["signals"]
        person = Person.objects.exclude(id_sealed=None).first()
        assert person is not None
        assert person.id_sealed is not None
        assert person.id_digest is not None

        number = settings.KEYRING.decrypt(
            bytes(person.id_sealed), context=f"households_person.id_sealed.{person.id}"
        )
        assert bytes(person.id_digest) == settings.KEYRING.digest(number)
    holder = Organisation.objects.get(pk=CHARITY)
    assert certificate_of(holder, TODAY) is not None
    without = Organisation.objects.get(pk=CHARITY_WITHOUT_CERTIFICATE)
    assert certificate_of(without, TODAY) is None
    assert {login.role for login in LOGINS} == set(Role) - {Role.SYSTEM}


def test_case_b_splits_fiscal_and_charity_money_by_rule() -> None:
    case = next(case for case in CASES if case.label == "B")
    by_layer: Counter[str] = Counter()
    for need in case.needs:
        for aid in need.aid:
            by_layer[aid.layer] += aid.yuan

    assert by_layer == {"government": 110_000, "charity": 20_000}


def test_a_second_city_is_refused_and_nothing_changes() -> None:
    make.household()
    with pytest.raises(Refused) as no:
        city_load(households=100, seed=5, today=TODAY)

    assert no.value.code == "not_empty"
    with acting_as(SYSTEM):
        assert Household.objects.count() == 1
    with pytest.raises(CommandError, match="已有 1 户"):
        call_command("demo_city", households=100, seed=5)
