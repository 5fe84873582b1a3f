"""Reading families: by region for the state's roles, by consent in force for organisations."""

from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from households.models import Consent, Household, Member, Need, Person, Recognition
from kernel import clock
from kernel.access import Actor
from kernel.resident_id import check_resident_id


def in_regions(actor: Actor, field: str = "region__path") -> Q:
    """The condition that a row's region lies in one of the actor's subtrees."""
    if "/" in actor.region_paths:
        return Q(pk__isnull=False)  # not Q(): "Q() | x" is x
    found = Q(pk__in=[])
    for path in actor.region_paths:
        found |= Q(**{f"{field}__startswith": path})
    return found


def consented_households(actor: Actor) -> QuerySet[Consent, object]:
    """Ids of households that agreed that one of the actor's organisations knows them."""
    today = clock.today()
    return Consent.objects.filter(
        organisation_id__in=actor.organisation_ids,
        withdrawn_on=None,
        given_on__lte=today,
        valid_until__gte=today,
    ).values_list("household_id", flat=True)


def households_visible_to(actor: Actor) -> QuerySet[Household]:
    """Households the actor may see, oldest first."""
    return (
        Household.objects.filter(in_regions(actor) | Q(pk__in=consented_households(actor)))
        .select_related("region")
        .order_by("pk")
    )


def persons_visible_to(actor: Actor) -> QuerySet[Person]:
    """Persons of the actor's region, and members of households that agreed."""
    members = Member.objects.filter(household_id__in=consented_households(actor))
    return (
        Person.objects.filter(in_regions(actor) | Q(pk__in=members.values("person_id")))
        .select_related("region")
        .order_by("pinyin", "pk")
    )


def needs_visible_to(actor: Actor) -> QuerySet[Need]:
    """Needs the actor may see, most urgent first, with what a list row needs."""
    return (
        Need.objects.filter(in_regions(actor) | Q(household_id__in=consented_households(actor)))
        .select_related("household", "person", "region")
        .order_by("tier", "pk")
    )


def person_by_id_number(id_number: str) -> Person | None:
    """Return the person with this resident ID, looked up by its keyed digest.

    Finds only whom the present actor may see; a number that is not valid finds nobody.
    """
    checked = check_resident_id(id_number, today=clock.today())
    if not checked.ok:
        return None
    return Person.objects.filter(id_digest=settings.KEYRING.digest(checked.number)).first()


def household_of(person: Person, on: date) -> Household | None:
    """Return the household a person belongs to on a day."""
    member = (
        Member.objects.select_related("household__region")
        .filter(person=person, period__contains=on)
        .first()
    )
    return member.household if member else None


def household_of_any_day(person: Person) -> Household | None:
    """Return the household a person belonged to last: aid may be older or younger than the list."""
    member = (
        Member.objects.select_related("household__region")
        .filter(person=person)
        .order_by("-period")
        .first()
    )
    return member.household if member else None


def recognitions_on(person: Person, on: date) -> set[str]:
    """Return the categories that a person holds on a day."""
    held = Recognition.objects.filter(person=person, period__contains=on)
    return set(held.values_list("category", flat=True))
