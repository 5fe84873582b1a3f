"""Reading organisations. They are public."""

from datetime import date

from django.db.models import Q

from organisations.models import FundraisingCertificate, Organisation


def certificate_of(organisation: Organisation, on: date) -> FundraisingCertificate | None:
    """Return the public-fundraising certificate in force on a date; a branch has its parent's."""
    return (
        FundraisingCertificate.objects.filter(organisation=organisation.legal_body)
        .filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)
        .first()
    )
