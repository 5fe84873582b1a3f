"""Reading organisations. They are public."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from organisations.models import FundraisingCertificate, Organisation


def certificate_of(organisation: Organisation, on: date) -> FundraisingCertificate | None:
    """Return the public-fundraising certificate in force on a date; a branch has its parent's."""
    return (
        FundraisingCertificate.objects.filter(organisation=organisation.legal_body)
        .filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)
        .first()
    )


def organisation_by_id(organisation_id: UUID) -> Organisation | None:
    """Return an organisation with its region."""
    return Organisation.objects.select_related("region").filter(pk=organisation_id).first()


def organisations_found(*, kind: str = "", search: str = "") -> QuerySet[Organisation]:
    """Organisations of a kind (all) whose name holds a text or whose pinyin begins with it."""
    found = Organisation.objects.select_related("region", "parent").order_by("pinyin", "name", "id")
    if kind:
        found = found.filter(kind=kind)
    if text := search.strip():
        found = found.filter(Q(name__icontains=text) | Q(pinyin__istartswith=text))
    return found


def certificate_numbers(bodies: Iterable[Organisation], on: date) -> dict[UUID, str]:
    """Return the number of the certificate in force by organisation; a branch has its parent's."""
    legal = {body.pk: body.legal_body.pk for body in bodies}
    numbers = dict(
        FundraisingCertificate.objects.filter(organisation_id__in=set(legal.values()))
        .filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)
        .values_list("organisation_id", "number")
    )
    return {body: numbers[parent] for body, parent in legal.items() if parent in numbers}
