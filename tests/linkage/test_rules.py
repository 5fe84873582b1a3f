"""Identity rules as a table, and what must hold for any input."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.rules import (
    Candidate,
    Decision,
    Incoming,
    Outcome,
    decide,
    names_agree,
    visible_agree,
)

FATHER, SON, OTHER, BARE = (UUID(int=n) for n in range(1, 5))
ID, SON_ID = "350699194506120011", "350699201509012035"
BORN, SON_BORN = date(1945, 6, 12), date(2015, 9, 1)
V = "350602001001"

father = Candidate(FATHER, "林榕", ID, BORN, V)
son = Candidate(SON, "林荔", SON_ID, SON_BORN, V)
namesake = Candidate(OTHER, "林榕", "350699198802201025", date(1988, 2, 20), V)
bare = Candidate(BARE, "林榕", "", BORN, V)


def _linked(rule: str, person: UUID) -> Decision:
    return Decision(Outcome.LINKED, rule, person)


def _review(rule: str, *people: UUID) -> Decision:
    return Decision(Outcome.REVIEW, rule, None, people)


CASES = [
    (Incoming("林榕", ID), father, [father], _linked("id_and_name", FATHER)),
    # A child's row with the father's number: never automatic.
    (Incoming("林荔", ID), father, [son], _review("id_of_another_name", FATHER, SON)),
    (
        Incoming("林榕", ID, SON_BORN),
        father,
        [father],
        _review("id_of_another_birth", FATHER),
    ),
    (Incoming("林榕", ID), None, [], Decision(Outcome.NEW, "id_not_registered")),
    (Incoming("林榕", ID), None, [bare], _review("same_name_and_birth_without_id", BARE)),
    (
        Incoming("林榕", "350699********0011"),
        None,
        [father, namesake],
        _linked("masked_id_and_name", FATHER),
    ),
    (
        Incoming("林榕", "350699************"),
        None,
        [father, namesake],
        _review("masked_id_not_unique", FATHER, OTHER),
    ),
    (
        Incoming("林榕", "350***************"),
        None,
        [father],
        _review("masked_id_not_unique", FATHER),
    ),
    (
        Incoming("林*", "350699********0011", BORN),
        None,
        [father],
        _review("masked_id_not_unique", FATHER),
    ),
    (
        Incoming("林榕", "350699********9999"),
        None,
        [father, bare],
        _review("same_name_without_id", BARE),
    ),
    (Incoming("林榕", "", BORN, V), None, [father], _linked("name_birth_village", FATHER)),
    (
        Incoming("林榕", "", BORN, V),
        None,
        [father, bare],
        _review("name_and_birth", FATHER, BARE),
    ),
    (Incoming("林榕", "", BORN), None, [father], _review("name_and_birth", FATHER)),
    (Incoming("林榕", "", BORN, V), None, [], Decision(Outcome.NEW, "name_not_registered")),
    (
        Incoming("林榕", "", date(1999, 1, 1), V),
        None,
        [father],
        Decision(Outcome.NEW, "name_not_registered"),
    ),
    (Incoming("林榕", "", None, V), None, [father, namesake], _review("name_only", FATHER, OTHER)),
]


@pytest.mark.parametrize(("row", "by_id", "by_name", "expected"), CASES)
def test_each_kind_of_row_ends_as_the_rules_say(
    row: Incoming, by_id: Candidate | None, by_name: list[Candidate], expected: Decision
) -> None:
    assert decide(row, by_id, by_name) == expected


@pytest.mark.parametrize("name", ["不详", "", " 未 知 ", "***", "无名氏", "？"])
def test_an_unknown_person_is_joined_to_nobody(name: str) -> None:
    unknown = Candidate(OTHER, name, ID, BORN, V)

    decision = decide(Incoming(name, ID, BORN, V), unknown, [unknown])

    assert decision == Decision(Outcome.NEW, "unknown_person")


@given(
    st.text("0123456789X*", min_size=18, max_size=18),
    st.text("0123456789X", min_size=18, max_size=18),
)
def test_a_mask_never_agrees_across_different_visible_digits(masked: str, number: str) -> None:
    differs = any(a not in ("*", b) for a, b in zip(masked, number, strict=True))
    assert visible_agree(masked, number) is not differs


@given(st.text(max_size=4), st.text(max_size=4))
def test_names_that_differ_in_a_visible_character_never_agree(sent: str, registered: str) -> None:
    if "*" not in sent:
        assert names_agree(sent, registered) == (sent == registered)
