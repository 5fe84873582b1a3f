"""The money ledger refuses in the database what must never be."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest

from audit.acting import acting_as
from donors.ledger.models import Fund, JournalEntry, Posting
from donors.ledger.selectors import balance_differences, sums_by_kind
from donors.ledger.services import entry_post, fund_of
from kernel.access import SYSTEM, Role
from kernel.errors import Refused
from kernel.ids import new_id
from organisations.models import Organisation
from tests import make
from tests.donors.cast import at_once


def receive(charity: Organisation, fen: int, external_id: str) -> JournalEntry:
    with acting_as(SYSTEM):
        return entry_post(
            kind="receipt",
            external_id=external_id,
            memo="收到捐款",
            amounts_fen={fund_of("clearing", charity): -fen, fund_of("charity_pool", charity): fen},
        )


def spend(charity: Organisation, fen: int, external_id: str) -> JournalEntry:
    with acting_as(SYSTEM):
        return entry_post(
            kind="disbursement",
            external_id=external_id,
            memo="支出",
            amounts_fen={fund_of("charity_pool", charity): -fen, fund_of("spent", charity): fen},
        )


@pytest.mark.django_db
def test_balances_follow_the_postings_and_the_books_sum_to_zero() -> None:
    charity = make.charity()
    receive(charity, 1_001, "a")
    spend(charity, 400, "b")
    with acting_as(SYSTEM):
        assert fund_of("charity_pool", charity).balance_fen == 601
        assert fund_of("clearing", charity).balance_fen is None
        sums = sums_by_kind(charity.pk)
        assert balance_differences() == []
    assert sums == {"clearing": -1_001, "project": 0, "wish": 0, "charity_pool": 601, "spent": 400}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([("clearing", -5)], "one_legged"),
        ([("clearing", -5), ("charity_pool", 4)], "unbalanced"),
        ([("clearing", 0), ("charity_pool", 0)], "amount_zero"),
        ([("charity_pool", -5), ("spent", 5)], "fund_too_low"),
    ],
)
def test_the_service_refuses_in_chinese(legs: list[tuple[str, int]], code: str) -> None:
    charity = make.charity()
    with acting_as(SYSTEM):
        with pytest.raises(Refused) as no:
            entry_post(
                kind="receipt",
                external_id="x",
                memo="x",
                amounts_fen={fund_of(kind, charity): fen for kind, fen in legs},
            )
        assert no.value.code == code
        assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_an_external_event_is_posted_once_and_money_of_two_charities_never_mixes() -> None:
    charity, other = make.charity(), make.charity()
    receive(charity, 100, "once")
    with pytest.raises(Refused) as no:
        receive(other, 100, "once")
    assert no.value.code == "posted_before"
    with acting_as(SYSTEM), pytest.raises(Refused) as no:
        entry_post(
            kind="transfer",
            external_id="mixed",
            memo="x",
            amounts_fen={fund_of("charity_pool", charity): -1, fund_of("charity_pool", other): 1},
        )
    assert no.value.code == "funds_of_two_charities"


@pytest.mark.django_db
def test_a_charity_sees_its_own_books_alone_even_with_selectors_off() -> None:
    charity, other = make.charity(), make.charity()
    receive(charity, 100, "a")
    for stranger in (
        make.actor(Role.CHARITY_FINANCE, organisation=other),
        make.actor(Role.DONOR, make.CITY),
        make.actor(Role.CITY_OFFICER, make.CITY),
    ):
        with acting_as(stranger):
            assert not Fund.objects.exists()
            assert not JournalEntry.objects.exists()
            assert not Posting.objects.exists()
    with acting_as(make.actor(Role.CHARITY_FINANCE, organisation=charity)):
        assert (Fund.objects.count(), Posting.objects.count()) == (2, 2)


# ---- attacks in raw SQL, each in a transaction of its own that is really committed ----


class Books:
    """A charity with 1,000 fen in its pool, and psycopg connections to attack it with."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls = urls
        self.charity, self.other = make.charity(), make.charity()
        self.entry = receive(self.charity, 1_000, "given")
        receive(self.other, 1_000, "given elsewhere")
        with acting_as(SYSTEM):
            self.clearing = fund_of("clearing", self.charity)
            self.pool = fund_of("charity_pool", self.charity)
            self.spent = fund_of("spent", self.charity)
            self.foreign = fund_of("spent", self.other)

    def connect(self, role: str = "web") -> "psycopg.Connection[Any]":
        made = psycopg.connect(self.urls[role])
        made.execute("SELECT set_config('app.region_paths', '/', true)")
        return made

    def entry_row(self, on: "psycopg.Connection[Any]", external_id: str = "attack") -> object:
        key = new_id()
        on.execute(
            "INSERT INTO donors_journalentry (id, kind, organisation_id, external_id, memo,"
            " transaction_id) VALUES (%s, 'correction', %s, %s, '攻击', 0)",
            [key, self.charity.pk, external_id],
        )
        return key

    def leg(self, on: "psycopg.Connection[Any]", entry: object, fund: Fund, fen: int) -> None:
        on.execute(
            "INSERT INTO donors_posting (id, entry_id, fund_id, amount_fen)"
            " VALUES (%s, %s, %s, %s)",
            [new_id(), entry, fund.pk, fen],
        )

    def state(self) -> list[Any]:
        with psycopg.connect(self.urls["admin"]) as admin:
            rows = admin.execute(
                "SELECT to_jsonb(p) FROM donors_posting p UNION ALL"
                " SELECT to_jsonb(f) FROM donors_fund f UNION ALL"
                " SELECT to_jsonb(e) FROM donors_journalentry e"
            ).fetchall()
        return sorted(json.dumps(row, sort_keys=True) for (row,) in rows)


def unbalanced(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.clearing, -5)
    books.leg(on, entry, books.pool, 6)


def one_legged(books: Books, on: Any) -> None:
    books.leg(on, books.entry_row(on), books.pool, 5)


def legless(books: Books, on: Any) -> None:
    books.entry_row(on)


def zero(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.clearing, 0)
    books.leg(on, entry, books.pool, 0)


def edit_posting(books: Books, on: Any) -> None:
    on.execute("UPDATE donors_posting SET amount_fen = amount_fen * 2")


def edit_entry(books: Books, on: Any) -> None:
    on.execute("UPDATE donors_journalentry SET memo = '改'")


def delete_posting(books: Books, on: Any) -> None:
    on.execute("DELETE FROM donors_posting")


def delete_entry(books: Books, on: Any) -> None:
    on.execute("DELETE FROM donors_journalentry")


def delete_fund(books: Books, on: Any) -> None:
    on.execute("DELETE FROM donors_fund")


def truncate(books: Books, on: Any) -> None:
    on.execute("TRUNCATE donors_posting, donors_journalentry, donors_fund CASCADE")


def late(books: Books, on: Any) -> None:
    books.leg(on, books.entry.pk, books.clearing, -5)
    books.leg(on, books.entry.pk, books.pool, 5)


def stamped_by_hand(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.clearing, -5)
    books.leg(on, entry, books.pool, 5)
    on.execute("UPDATE donors_journalentry SET transaction_id = 0 WHERE id = %s", [entry])


def checked_too_early(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.clearing, -5)
    books.leg(on, entry, books.pool, 5)
    on.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    books.leg(on, entry, books.pool, 5)


def overdraft(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.pool, -1_001)
    books.leg(on, entry, books.spent, 1_001)


def duplicate(books: Books, on: Any) -> None:
    entry = books.entry_row(on, "given")
    books.leg(on, entry, books.clearing, -5)
    books.leg(on, entry, books.pool, 5)


def to_another_charity(books: Books, on: Any) -> None:
    entry = books.entry_row(on)
    books.leg(on, entry, books.pool, -5)
    books.leg(on, entry, books.foreign, 5)


def balance_by_hand(books: Books, on: Any) -> None:
    on.execute("UPDATE donors_fund SET balance_fen = 5000 WHERE balance_fen IS NOT NULL")


def unrestrict(books: Books, on: Any) -> None:
    on.execute("UPDATE donors_fund SET kind = 'spent', balance_fen = NULL")


def born_rich(books: Books, on: Any) -> None:
    on.execute(
        "INSERT INTO donors_fund (id, kind, organisation_id, balance_fen)"
        " VALUES (%s, 'charity_pool', %s, 500)",
        [new_id(), make.charity().pk],
    )


@pytest.mark.parametrize("role", ["web", "worker", "owner"])
@pytest.mark.parametrize(
    "attack",
    [
        unbalanced,
        one_legged,
        legless,
        zero,
        edit_posting,
        edit_entry,
        delete_posting,
        delete_entry,
        delete_fund,
        truncate,
        late,
        stamped_by_hand,
        checked_too_early,
        overdraft,
        duplicate,
        to_another_charity,
        balance_by_hand,
        unrestrict,
        born_rich,
    ],
    ids=lambda attack: attack.__name__,
)
def test_raw_sql_is_refused_and_the_books_stay_as_they_were(
    committed_db: dict[str, str], attack: Callable[[Books, Any], None], role: str
) -> None:
    books = Books(committed_db)
    before = books.state()

    def commit_it() -> None:
        with books.connect(role) as on:
            attack(books, on)

    with pytest.raises(psycopg.Error):
        commit_it()

    assert books.state() == before


def test_an_honest_entry_in_raw_sql_is_taken(committed_db: dict[str, str]) -> None:
    """The attacks above fail for what they attack, not for how they connect."""
    books = Books(committed_db)
    with books.connect() as on:
        entry = books.entry_row(on)
        books.leg(on, entry, books.pool, -400)
        books.leg(on, entry, books.spent, 400)
    with acting_as(SYSTEM):
        books.pool.refresh_from_db()
    assert books.pool.balance_fen == 600


def test_ten_withdrawals_at_once_take_only_what_is_there(committed_db: dict[str, str]) -> None:
    charity = make.charity()
    receive(charity, 1_000, "given")
    with acting_as(SYSTEM):
        fund_of("spent", charity)

    results = at_once(*(partial(spend, charity, 300, f"out{i}") for i in range(10)))

    refused = [no.code for no in results if isinstance(no, Refused)]
    assert refused == ["fund_too_low"] * 7
    with acting_as(SYSTEM):
        assert fund_of("charity_pool", charity).balance_fen == 100
        assert balance_differences() == []
