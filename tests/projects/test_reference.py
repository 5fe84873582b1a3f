"""Reference data of projects: eight exemplar slots, empty, and edits outlive a second load."""

import pytest

from projects.models import Exemplar
from projects.reference import load_exemplars

pytestmark = pytest.mark.django_db


def test_eight_slots_start_empty() -> None:
    slots = list(Exemplar.objects.order_by("slot"))
    assert [slot.slot for slot in slots] == list(range(1, 9))
    assert not any(slot.title or slot.text or slot.organisation_id for slot in slots)


def test_loading_again_keeps_what_was_written() -> None:
    Exemplar.objects.filter(slot=3).update(title="某乡镇经验")
    assert load_exemplars() == 8
    assert Exemplar.objects.get(slot=3).title == "某乡镇经验"
