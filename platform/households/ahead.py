"""What the rows of a chunk need to know of families, read in a few statements.

Only read ahead, never written through: a row that changes what was read takes it out with
``forget``, and from then on it is read when asked for. So nothing goes wrong if the row is undone.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.conf import settings

from households.models import Household, Member, Person, Recognition
from households.selectors import household_of, household_of_any_day, recognitions_on
from regions.models import Region


class HoldersAhead:
    """Who holds some full resident IDs, under a region or anywhere; one statement."""

    def __init__(self, id_numbers: Iterable[str], *, under: Region | None = None) -> None:
        ring = settings.KEYRING
        digests = {ring.digest(number): number for number in id_numbers}
        self._held = Person.objects.filter(region__path__startswith=under.path if under else "/")
        self._holders: dict[str, Person | None] = dict.fromkeys(digests.values())
        for person in self._held.filter(id_digest__in=list(digests)):
            self._holders[digests[bytes(person.id_digest or b"")]] = person

    def holder(self, id_number: str) -> Person | None:
        """Return who holds a full ID."""
        if id_number not in self._holders:
            return self._held.filter(id_digest=settings.KEYRING.digest(id_number)).first()
        return self._holders[id_number]

    def forget(self, id_number: str) -> None:
        """Read an ID's holder anew from now on: a row has recorded him."""
        self._holders.pop(id_number, None)

    @property
    def person_ids(self) -> set[UUID]:
        """Everybody found."""
        return {person.pk for person in self._holders.values() if person}


class FamiliesAhead:
    """Memberships and recognitions of persons; of anybody else they are read at the call."""

    def __init__(self, person_ids: Iterable[UUID]) -> None:
        wanted = list(person_ids)
        self._members: dict[UUID, list[Member]] = {key: [] for key in wanted}
        self._recognitions: dict[UUID, list[Recognition]] = {key: [] for key in wanted}
        members = Member.objects.filter(person_id__in=wanted).order_by("-period")
        for member in members.select_related("household__region"):
            self._members[member.person_id].append(member)
        for recognition in Recognition.objects.filter(person_id__in=wanted):
            self._recognitions[recognition.person_id].append(recognition)

    def household_of(self, person: Person, on: date) -> Household | None:
        """Return the household a person belongs to on a day."""
        if person.pk not in self._members:
            return household_of(person, on)
        return next((m.household for m in self._members[person.pk] if on in m.period), None)

    def household_of_any_day(self, person: Person) -> Household | None:
        """Return the household a person belonged to last."""
        if person.pk not in self._members:
            return household_of_any_day(person)
        return next((m.household for m in self._members[person.pk]), None)

    def recognitions_on(self, person: Person, on: date) -> set[str]:
        """Return the categories that a person holds on a day."""
        if person.pk not in self._recognitions:
            return recognitions_on(person, on)
        return {r.category for r in self._recognitions[person.pk] if on in r.period}

    def forget(self, person: Person) -> None:
        """Read a person anew from now on: a row has changed what belongs to him."""
        self._members.pop(person.pk, None)
        self._recognitions.pop(person.pk, None)
