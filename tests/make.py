"""Factories: one function per noun, each makes the least that its constraints ask for."""

import itertools
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from psycopg.types.range import DateRange

from accounts.models import Membership, User
from audit.acting import acting_as
from households.models import Consent, Household, Member, Need, Person
from kernel.access import SYSTEM, Actor, Grant, Role
from kernel.ids import new_id
from organisations.models import FundraisingCertificate, Organisation
from organisations.reference import organisation_id
from regions.models import Region

_count = itertools.count(1)

#: A village of 芗城区, one of 云霄县, and their counties.
VILLAGE, COUNTY = "350602001001", "350602"
OTHER_VILLAGE, OTHER_COUNTY = "350622100001", "350622"
CITY = "350600"
START, END = date(2026, 1, 1), date(2027, 1, 1)


def region(code: str = VILLAGE) -> Region:
    """A division of the reference data."""
    return Region.objects.get(pk=code)


def actor(
    role: Role, code: str = COUNTY, organisation: Organisation | None = None, name: str = ""
) -> Actor:
    """Somebody with one role, without a user row."""
    grant = Grant(role, region(code).path, organisation.pk if organisation else None)
    return Actor(new_id(), name or f"{role.value}{next(_count)}", (grant,))


def user(
    role: Role, code: str = COUNTY, organisation: Organisation | None = None, password: str = ""
) -> User:
    """A user with one membership."""
    made = User(username=f"user{next(_count)}", display_name=f"用户{next(_count)}")
    made.set_password(password or "test1798")
    made.save()
    Membership.objects.create(
        user=made,
        role=role.value,
        region=region(code),
        organisation=organisation,
        valid_from=date(2020, 1, 1),
    )
    return made


def partner(role: str) -> Organisation:
    """One of the seven partners, or a department, by its role code."""
    return Organisation.objects.get(pk=organisation_id(role))


def charity(*, certificate: bool = True, code: str = CITY) -> Organisation:
    """A charity, with a public-fundraising certificate unless told otherwise."""
    made = Organisation.objects.create(
        name=f"测试慈善会{next(_count)}", kind=Organisation.Kind.CHARITY, region=region(code)
    )
    if certificate:
        FundraisingCertificate.objects.create(
            organisation=made, number=f"测试证{made.id}", valid_from=date(2020, 1, 1)
        )
    return made


def household(code: str = VILLAGE, **values: Any) -> Household:
    """A household without members."""
    with acting_as(SYSTEM):
        return Household.objects.create(
            number=f"H{next(_count)}", region=region(code), opened_on=START, **values
        )


def person(of: Household | None = None, *, name: str = "测试人", **values: Any) -> Person:
    """A member of a household (a new one if none is given), without a resident ID."""
    home = of or household()
    with acting_as(SYSTEM):
        made = Person.objects.create(
            region=home.region,
            name=name,
            pinyin="ce shi ren",
            temporary_key=f"T{next(_count)}",
            **values,
        )
        Member.objects.create(
            household=home,
            person=made,
            relation=Member.Relation.HEAD,
            period=DateRange(START, None),
            region=home.region,
        )
    return made


def need(
    of: Household | None = None,
    *,
    of_person: Person | None = None,
    net_fen: int | None = 100_000,
    purpose: str = "medical",
    cost_item: str = "",
    **values: Any,
) -> Need:
    """An open need of a household or a person, for 2026."""
    home = of or household()
    with acting_as(SYSTEM):
        return Need.objects.create(
            household=home,
            person=of_person,
            scope_id=of_person.id if of_person else home.id,
            region=home.region,
            purpose=purpose,
            cost_item=cost_item or f"item{next(_count)}",
            period=DateRange(START, END),
            net_fen=net_fen,
            state=Need.State.OPEN,
            **values,
        )


def consent(of: Household, organisation: Organisation) -> Consent:
    """A consent in force for a year."""
    from kernel import clock

    with acting_as(SYSTEM):
        return Consent.objects.create(
            household=of,
            region=of.region,
            organisation=organisation,
            scope="慈善帮扶",
            evidence="签字",
            given_on=clock.today(),
            valid_until=clock.today() + timedelta(days=365),
        )


def sealed_id(person_id: UUID, number: str) -> dict[str, bytes]:
    """The stored form of a resident ID."""
    return {
        "id_sealed": settings.KEYRING.encrypt(
            number, context=f"households_person.id_sealed.{person_id}"
        ),
        "id_digest": settings.KEYRING.digest(number),
    }
