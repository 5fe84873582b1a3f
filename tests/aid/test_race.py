"""The guard under real concurrency: committed transactions on connections of their own."""

import threading
from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest

from households.models import Need
from kernel.access import SYSTEM
from tests import make
from tests.aid import raw


def active(url: str, need_id: UUID) -> int:
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            "SELECT sum(CASE kind WHEN 'promise' THEN amount_fen WHEN 'release' THEN -amount_fen"
            " ELSE 0 END) FROM aid_aidentry WHERE need_id = %s",
            [need_id],
        ).fetchone()
    assert rows is not None
    return int(rows[0] or 0)


def run_all(workers: list[Any]) -> list[BaseException]:
    failures: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=[work]) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return failures


def test_eight_connections_promise_exactly_the_net(committed_db: dict[str, str]) -> None:
    need = make.need(net_fen=1_000)
    charities = [make.charity() for _ in range(8)]
    seen: Counter[str] = Counter()
    barrier = threading.Barrier(8)

    def promise(number: int) -> Any:
        def work() -> None:
            with psycopg.connect(committed_db["web"], autocommit=True) as mine:
                barrier.wait()
                for turn in range(20):
                    # Individuals' gifts: equal sums of one charity would be duplicates (O-01).
                    line = raw.row(need, charities[number], 10, layer="individual")
                    line["source_reference"] = f"{number}-{turn}"
                    try:
                        with mine.transaction():
                            raw.become(mine, SYSTEM)
                            mine.execute(*raw.insert_sql(line))
                        seen["accepted"] += 1
                    except psycopg.Error as error:
                        seen["refused" if error.sqlstate == "P1798" else repr(error)] += 1

        return work

    assert run_all([promise(number) for number in range(8)]) == []
    assert seen == {"accepted": 100, "refused": 60}
    assert active(committed_db["admin"], need.pk) == 1_000


def test_two_needs_in_opposite_order_do_not_deadlock(committed_db: dict[str, str]) -> None:
    """Both name their needs to ``aid_lock_needs`` first, which locks in key order."""
    one, two = make.need(net_fen=100_000), make.need(net_fen=100_000)
    giver = make.charity()
    barrier = threading.Barrier(2)

    def promise(name: str, needs: list[Need]) -> Any:
        def work() -> None:
            with psycopg.connect(committed_db["web"], autocommit=True) as mine:
                barrier.wait()
                for turn in range(40):
                    with mine.transaction():
                        raw.become(mine, SYSTEM)
                        mine.execute("SELECT aid_lock_needs(%s)", [[need.pk for need in needs]])
                        for need in needs:
                            line = raw.row(
                                need,
                                giver,
                                100,
                                layer="individual",
                                source_reference=f"{name}{turn}{need.pk}",
                            )
                            mine.execute(*raw.insert_sql(line))

        return work

    assert run_all([promise("a", [one, two]), promise("b", [two, one])]) == []
    assert active(committed_db["admin"], one.pk) == active(committed_db["admin"], two.pk) == 8_000


def test_adding_a_need_does_not_wait_for_the_guard(committed_db: dict[str, str]) -> None:
    """Foreign-key checks at commit share the household's key; crossing guards let them by."""
    one, two = make.need(net_fen=100_000), make.need(net_fen=100_000)
    giver = make.charity()
    barrier = threading.Barrier(2)

    def work(promised: Need, named: Need) -> Any:
        def run() -> None:
            with psycopg.connect(committed_db["web"], autocommit=True) as mine, mine.transaction():
                raw.become(mine, SYSTEM)
                mine.execute(*raw.insert_sql(raw.row(promised, giver, 500)))
                barrier.wait()
                mine.execute(
                    "INSERT INTO households_need (id, household_id, scope_id, region_id,"
                    " purpose, cost_item, period, tier, state, note) VALUES (gen_random_uuid(),"
                    " %s, %s, %s, 'living', 'x', '[2026-01-01,2027-01-01)', 2, 'open', '')",
                    [named.household_id, named.household_id, named.region_id],
                )

        return run

    assert run_all([work(one, two), work(two, one)]) == []


def test_an_old_snapshot_cannot_promise(committed_db: dict[str, str]) -> None:
    """Under repeatable read the sum would come from before the other's commit."""
    need = make.need(net_fen=100)
    a, b = make.charity(), make.charity()
    with psycopg.connect(committed_db["web"]) as late, psycopg.connect(committed_db["web"]) as mine:
        late.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        raw.become(late, SYSTEM)
        raw.become(mine, SYSTEM)
        mine.execute(*raw.insert_sql(raw.row(need, a, 100)))
        mine.commit()
        with pytest.raises(psycopg.Error) as no:
            late.execute(*raw.insert_sql(raw.row(need, b, 100)))
    assert no.value.sqlstate == "P1798"
    assert active(committed_db["admin"], need.pk) == 100
