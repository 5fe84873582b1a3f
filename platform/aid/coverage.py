"""How far aid covers what families need, summed by the database in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from kernel.access import Actor

# Grouped, never joined: under row policies the planner expects one row and would join by loops.
_COVERAGE = """
WITH n AS (
    SELECT need.id, need.net_fen, need.purpose, split_part(r.path, '/', %(depth)s) AS place
      FROM households_need need JOIN regions_region r ON r.code = need.region_id
     WHERE need.state IN ('open', 'partly_met') AND r.path ^@ ANY (%(paths)s)
), line AS (
    SELECT id, net_fen, purpose, place, 0 AS fen FROM n
    UNION ALL
    SELECT e.need_id, NULL, NULL, NULL,
           CASE WHEN e.kind IN ('promise', 'reported') THEN e.amount_fen ELSE -e.amount_fen END
      FROM aid_aidentry e
      LEFT JOIN aid_aidentry o ON e.kind = 'reversal' AND o.id = e.of_entry_id
     WHERE e.need_id IN (SELECT id FROM n WHERE net_fen IS NOT NULL)
       AND (e.kind IN ('promise', 'reported', 'release')
            OR (e.kind = 'reversal' AND o.kind = 'reported'))
), met AS (
    SELECT max(net_fen) AS net_fen, max(purpose) AS purpose, max(place) AS place,
           least(max(net_fen), sum(fen)) AS fen
      FROM line GROUP BY id
)
SELECT place, purpose, count(*), coalesce(sum(net_fen), 0),
       coalesce(sum(fen) FILTER (WHERE net_fen IS NOT NULL), 0),
       coalesce(sum(net_fen - fen), 0)
  FROM met
 GROUP BY place, purpose
"""


@dataclass(frozen=True)
class Covered:
    """Open needs of a place and purpose: how many, assessed net, aid that meets it, what is left.

    Aid beyond a need's net meets nobody else's, so that ``aid_fen + residual_fen == net_fen``.
    """

    place_code: str
    purpose: str
    need_count: int
    net_fen: int
    aid_fen: int
    residual_fen: int


def coverage_of(actor: Actor) -> list[Covered]:
    """Return the coverage in the actor's regions, one level below the widest of them.

    Money counts assessed needs only; a need of the widest region itself has no place code.
    """
    paths = list(actor.region_paths)
    if not paths:
        return []
    depth = min(path.count("/") for path in paths) + 1
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE, {"depth": depth, "paths": paths})
        rows = cursor.fetchall()
    return [
        Covered(place, purpose, count, int(net), int(aid), int(left))
        for place, purpose, count, net, aid, left in rows
    ]


def summed(rows: Iterable[Covered], key: str) -> dict[str, Covered]:
    """Return coverage summed by ``place_code`` or ``purpose``, in order of the code.

    >>> rows = [Covered("1", "living", 1, 10, 4, 6), Covered("2", "living", 2, 20, 0, 20)]
    >>> summed(rows, "purpose")["living"].net_fen
    30
    """
    sums: dict[str, Covered] = {}
    for row in rows:
        code = str(getattr(row, key))
        old = sums.get(code, Covered(row.place_code, row.purpose, 0, 0, 0, 0))
        sums[code] = Covered(
            row.place_code,
            row.purpose,
            old.need_count + row.need_count,
            old.net_fen + row.net_fen,
            old.aid_fen + row.aid_fen,
            old.residual_fen + row.residual_fen,
        )
    return dict(sorted(sums.items()))
