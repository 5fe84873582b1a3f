"""What the guard costs on a modest ledger: one dry check, and one insert with its commit.

The unguarded insert is the same statement by the same role in the same run, with the guard's
triggers switched off; blocks of both alternate, and the extra is the median of
five pairs. Ledger: ``ENTRIES`` lines on half as many needs.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

import psycopg

from tests.bench.measure import TIMES, Figure, figure

ENTRIES = 50_000
CHECKS = 2_000
BLOCK = 120
TRIGGERS = ("a_reported_by_exchange", "b_guard", "c_effects")

FILL = """
SET session_replication_role = replica;
INSERT INTO households_household (id, number, region_id, address, case_label, opened_on)
  SELECT gen_random_uuid(), 'B' || n, '350602001001', '', '', '2026-01-01'
    FROM generate_series(1, %(needs)s) n;
INSERT INTO households_need (id, household_id, scope_id, region_id, purpose, cost_item, period,
                             net_fen, tier, state, note)
  SELECT gen_random_uuid(), id, id, region_id, 'medical', 'x', '[2026-01-01,2027-01-01)',
         1000000000, 2, 'open', '' FROM households_household;
INSERT INTO aid_aidentry (id, kind, layer, need_id, household_id, payee, region_id,
                          organisation_id, amount_fen, quantity, period, effective_on,
                          source_reference, is_advance, is_small_gift, reason, recorded_by)
  SELECT gen_random_uuid(), 'promise', 'charity', n.id, n.household_id, '', n.region_id,
         %(organisation)s, 100 + k, 0, n.period, '2026-01-01', n.id || '-' || k, false, false, '',
         gen_random_uuid()
    FROM households_need n CROSS JOIN generate_series(1, 2) k;
SET session_replication_role = origin;
ANALYZE;
"""

INSERT = """
INSERT INTO aid_aidentry (id, kind, layer, need_id, household_id, payee, region_id,
                          organisation_id, amount_fen, quantity, period, effective_on,
                          source_reference, is_advance, is_small_gift, reason, recorded_by)
VALUES (gen_random_uuid(), 'promise', 'charity', %s, %s, '', '350602001001', %s, %s, 0,
        '[2026-01-01,2027-01-01)', '2026-01-01', gen_random_uuid()::text, false, false, '', %s)
"""


@contextmanager
def ledger(database: str = "bench_aid") -> Iterator[tuple[str, str]]:
    """A fresh database with reference data: the administrator's URL and web's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections

    from config import embedded
    from config.database_roles import create_roles, drop_roles, grant_tables, with_database
    from tests.conftest import connect_as

    given = os.environ.get("DATABASE_URL")
    server = None if given else embedded.test_server()
    admin = given or (server.url if server else "")
    maintenance = with_database(admin, "postgres")
    with psycopg.connect(maintenance, autocommit=True) as plain:
        plain.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    urls = create_roles(admin, database)
    try:
        connect_as(urls["owner"])
        call_command("migrate", verbosity=0)
        with open(os.devnull, "w") as nowhere:
            call_command("load_reference", stdout=nowhere)
        grant_tables(connection)
        yield with_database(admin, database), urls["web"]
    finally:
        connections.close_all()
        with psycopg.connect(maintenance, autocommit=True) as plain:
            plain.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        drop_roles(admin, database)
        if server is not None:
            server.stop()


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def figures() -> list[Figure]:
    """Return the rows of ``make bench`` for this app."""
    chance = random.Random(1798)
    with ledger() as (admin_url, web_url), psycopg.connect(admin_url, autocommit=True) as admin:
        found = admin.execute("SELECT id FROM organisations_organisation LIMIT 1").fetchone()
        assert found is not None
        organisation: UUID = found[0]
        with psycopg.ClientCursor(admin) as cursor:
            cursor.execute(FILL, {"needs": ENTRIES // 2, "organisation": organisation})
        needs = admin.execute("SELECT id, household_id FROM households_need").fetchall()
        with psycopg.connect(web_url, autocommit=True) as web:
            check = _checks(web, organisation, [chance.choice(needs)[0] for _ in range(CHECKS)])
            guarded, plain = _inserts(admin, web, organisation, needs, chance)
    size = f"ms, {ENTRIES:,} entries"
    extra = statistics.median(p99(a) - p99(b) for a, b in zip(guarded, plain, strict=True))
    return [
        figure("aid.guard_p50", round(statistics.median(check), 3), size),
        figure(
            "aid.guard_p99",
            round(p99(check), 3),
            size,
            goal="guard check of one commit p99 <= 10 ms",
            limit=10,
        ),
        figure(
            "aid.commit_p50",
            round(statistics.median(chain.from_iterable(guarded)), 3),
            size,
            baseline=round(statistics.median(chain.from_iterable(plain)), 3),
        ),
        figure(
            "aid.commit_extra_p99",
            round(extra, 3),
            size,
            goal="insert + commit p99 at most 5 ms beyond an unguarded insert in the same run",
            limit=5,
        ),
    ]


def _act(web: "psycopg.Connection[Any]", organisation: UUID) -> None:
    web.execute("SELECT set_config('app.organisation_ids', %s, true)", [str(organisation)])


def _checks(web: "psycopg.Connection[Any]", organisation: UUID, needs: list[UUID]) -> list[float]:
    def check(need: UUID) -> None:
        web.execute(
            "SELECT * FROM aid_guard_check(%s, 'charity', 500, 0, false, false)", [need]
        ).fetchone()

    taken = []
    for need in needs:
        with web.transaction():
            _act(web, organisation)
            taken.append(timed(partial(check, need)))
    return taken


def _inserts(
    admin: "psycopg.Connection[Any]",
    web: "psycopg.Connection[Any]",
    organisation: UUID,
    needs: list[Any],
    chance: random.Random,
) -> tuple[list[list[float]], list[list[float]]]:
    """Return, by block, milliseconds of guarded and of unguarded inserts, commit included."""

    def insert(number: int) -> None:
        need, household = chance.choice(needs)
        with web.transaction():
            _act(web, organisation)
            web.execute(INSERT, [need, household, organisation, 10_000 + number, UUID(int=number)])

    taken: dict[bool, list[list[float]]] = {True: [], False: []}
    for block in range(TIMES * 2):
        guarded = block % 2 == 0
        verb = "ENABLE" if guarded else "DISABLE"
        for trigger in TRIGGERS:
            admin.execute(f"ALTER TABLE aid_aidentry {verb} TRIGGER {trigger}")
        numbers = range(block * BLOCK, (block + 1) * BLOCK)
        insert(numbers[0])  # the first after ALTER TABLE plans anew
        taken[guarded].append([timed(partial(insert, number)) for number in numbers[1:]])
    return taken[True], taken[False]
