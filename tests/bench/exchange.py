"""How fast a file of medical bills is imported, from the sheet to links, bills and signals.

``BILLS`` bills on a demo city of ``HOUSEHOLDS`` households, one in five of somebody on no list, by
one process as web. There is no kind for employment rows yet: the goal's time is extrapolated, with
every one of its rows as slow as a bill.
"""

import time
from random import Random
from typing import Any

from tests.bench.aid import ledger
from tests.bench.measure import Figure, figure

HOUSEHOLDS, BILLS, WARM_UP = 600, 500, 100
GOAL_ROWS, GOAL_SECONDS = 33_449 + 74_981, 180
GOAL = "Import of 33,449 bills and 74,981 employment rows end to end <= 3 minutes"
HEADINGS = [
    *("姓名", "身份证号", "村社区", "结算单号"),
    *("结算日期", "总费用", "医保支付", "第三方支付"),
]


def figures() -> list[Figure]:
    """Return the rows of ``make bench`` for this app."""
    with ledger("bench_exchange") as (admin_url, web_url):
        from django.test.utils import override_settings

        from config.demo.load import city_load
        from kernel import clock
        from tests.conftest import connect_as

        connect_as(admin_url)
        with override_settings(DEMO=True):
            city_load(households=HOUSEHOLDS, seed=1798, today=clock.today())
        connect_as(web_url)
        rows, persons = _bills()
        _import("warm-up", rows[:WARM_UP])
        began = time.perf_counter()
        _import("timed", rows[WARM_UP : WARM_UP + BILLS])
        seconds = time.perf_counter() - began
        statements = _import("counted", rows[WARM_UP + BILLS :], count=True)
    size = f"bills only, registry of {persons:,}"
    return [
        figure("exchange.import_rows", round(BILLS / seconds, 1), f"rows/s, {size}"),
        figure("exchange.import_statements", round(statements, 2), f"SQL a row applied, {size}"),
        figure(
            "exchange.import",
            round(GOAL_ROWS * seconds / BILLS, 1),
            f"s, extrapolated: every row as slow as a bill; {size}",
            goal=GOAL,
            limit=GOAL_SECONDS,
        ),
    ]


def _bills() -> tuple[list[list[Any]], int]:
    """Return rows of bills and the number of registered persons."""
    from django.conf import settings

    from audit.acting import acting_as
    from config.demo.identity import IdNumbers, draw_name
    from households.models import Person
    from kernel import clock
    from kernel.access import SYSTEM

    random = Random(1798)
    numbers = IdNumbers(800, 999)
    people = []
    with acting_as(SYSTEM):
        registered = list(Person.objects.exclude(id_digest=None).order_by("id"))
    for person in registered:
        sealed, context = bytes(person.id_sealed or b""), f"households_person.id_sealed.{person.pk}"
        people.append((person.name, settings.KEYRING.decrypt(sealed, context=context)))
    rows: list[list[Any]] = []
    for number in range(WARM_UP + 2 * BILLS):
        name, identity = random.choice(people)
        if number % 5 == 0:
            born = clock.today().replace(year=1950 + number % 40, day=1)
            name, identity = draw_name(random), numbers.draw(born, "m")
        gross = random.choice((4_000, 12_000, 60_000))
        rows.append([name, identity, None, f"B{number}", clock.today(), gross, gross // 3, 0])
    return rows, len(registered)


def _import(number: str, rows: list[list[Any]], *, count: bool = False) -> float:
    """Import the rows as one batch; return the statements a row that applying takes, if counted."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    from audit.acting import acting_as
    from exchange.services import batch_apply, batch_receive
    from kernel.access import SYSTEM
    from regions.models import Region
    from tests import make
    from tests.exchange.books import book

    content = book([HEADINGS, *rows])
    with acting_as(SYSTEM):
        batch = batch_receive(
            sender=make.partner("medical_insurance"),
            region=Region.objects.get(pk=make.CITY),
            kind="medical_bills",
            number=number,
            file_name="bills.xlsx",
            content=content,
            actor=SYSTEM,
        )
        if not count:
            applied = batch_apply(batch=batch, actor=SYSTEM)
            assert applied.applied_count == len(rows)
            return 0.0
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            batch_apply(batch=batch, actor=SYSTEM)
        assert len(queries) < connection.queries_limit
        return len(queries) / len(rows)
