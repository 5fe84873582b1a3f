"""Reading organisations. They are public."""

from datetime import date
from uuid import UUID

from django.db.models import Q

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
