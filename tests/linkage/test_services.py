"""Links are made once, inside the batch's region, and reviewed by people of the right county."""

from datetime import date

import pytest

from audit.acting import acting_as
from households.models import Person
from kernel.access import SYSTEM, Role
from kernel.errors import Refused
from kernel.ids import new_id
from linkage.models import Link
from linkage.selectors import review_queue
from linkage.services import link_decide, link_row
from tests import make

pytestmark = pytest.mark.django_db

ID = "350699194506120011"
BORN = date(1945, 6, 12)


def _person(name: str = "林榕", number: str = ID, code: str = make.VILLAGE) -> Person:
    person = make.person(make.household(code), name=name, born_on=BORN)
    with acting_as(SYSTEM):
        Person.objects.filter(pk=person.pk).update(**make.sealed_id(person.pk, number))
    return person


def _review_link() -> tuple[Link, Person]:
    father = _person()
    with acting_as(SYSTEM):
        link = link_row(
            row_id=new_id(), region=make.region(), name="林荔", id_number=ID, actor=SYSTEM
        )
    assert link.outcome == "review"
    return link, father


def test_a_row_is_linked_once_by_full_or_masked_id_and_name() -> None:
    person = _person()
    with acting_as(SYSTEM):
        for number in (ID, "350699********0011"):
            row = new_id()
            first = link_row(
                row_id=row, region=make.region(), name="林榕", id_number=number, actor=SYSTEM
            )
            assert (first.outcome, first.person_id) == ("linked", person.pk)
            assert link_row(row_id=row, region=make.region(), name="x", actor=SYSTEM) == first
        assert ID not in str(Link.objects.values())


def test_persons_outside_the_batch_region_are_not_looked_at() -> None:
    _person(code=make.OTHER_VILLAGE)
    with acting_as(SYSTEM):
        link = link_row(
            row_id=new_id(),
            region=make.region(make.COUNTY),
            name="林榕",
            id_number=ID,
            actor=SYSTEM,
        )
    assert (link.outcome, link.person_id) == ("new", None)


def test_a_reviewer_decides_among_the_candidates_once() -> None:
    link, father = _review_link()
    stranger = _person("陈兰", "350699198802201025")
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        assert list(review_queue(officer)) == [link]
        with pytest.raises(Refused, match="not_a_candidate"):
            link_decide(link=link, person=stranger, actor=officer)
        decided = link_decide(link=link, person=father, actor=officer)
        assert (decided.outcome, decided.person_id) == ("linked", father.pk)
        with pytest.raises(Refused, match="wrong_state"):
            link_decide(link=link, person=None, actor=officer)
        assert not review_queue(officer).exists()


def test_an_officer_of_another_county_neither_sees_nor_decides() -> None:
    link, father = _review_link()
    other = make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)
    with acting_as(other):
        assert not review_queue(other).exists()
        assert not Link.objects.exists()
        with pytest.raises(Link.DoesNotExist):
            link_decide(link=link, person=father, actor=other)
    with acting_as(SYSTEM):
        assert Link.objects.get().outcome == "review"


def test_a_reviewer_without_the_permission_is_denied() -> None:
    link, father = _review_link()
    auditor = make.actor(Role.AUDITOR)
    with acting_as(auditor), pytest.raises(Refused, match="denied"):
        link_decide(link=link, person=father, actor=auditor)
