"""Reference data of projects: eight exemplar slots, empty, and edits outlive a second load."""

import pytest

from projects.models import Exemplar
from projects.reference import load_exemplars

pytestmark = pytest.mark.django_db


def test_eight_slots_start_empty() -> None:
    rows = Exemplar.objects.order_by("slot").values_list("slot", "title", "organisation", "text")
    assert list(rows) == [(slot, "", None, "") for slot in range(1, 9)]


def test_loading_again_keeps_what_was_written() -> None:
    Exemplar.objects.filter(slot=3).update(title="某乡镇经验")
    assert load_exemplars() == 8
    assert Exemplar.objects.get(slot=3).title == "某乡镇经验"
