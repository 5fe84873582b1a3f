"""Load the eight exemplar slots. No source names any exemplar, so they start empty."""

from projects.models import Exemplar

SLOTS = range(1, 9)


def load_exemplars() -> int:
    """Insert the slots that are not there and return how many there are; edits are kept."""
    Exemplar.objects.bulk_create([Exemplar(slot=slot) for slot in SLOTS], ignore_conflicts=True)
    return Exemplar.objects.count()
