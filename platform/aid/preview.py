"""What a page of needs or proposals shows of the ledger, in one query for all its rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, Sum, Value, When

from aid.guard import GuardResult, refusal
from aid.models import AidEntry, Finding, Layer
from aid.rules import OUTCOMES

_KIND = AidEntry.Kind


@dataclass(frozen=True)
class Ask:
    """A promise somebody thinks of making."""

    need_id: UUID
    layer: str
    amount_fen: int


def guard_checks(asks: Sequence[Ask]) -> list[GuardResult]:
    """Return the guard's verdict on each ask, in order; see ``aid.guard.guard_check``."""
    if not asks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code, c.residual_fen, c.residual_quantity"
            " FROM unnest(%s::uuid[], %s::text[], %s::bigint[])"
            " WITH ORDINALITY AS a(need, layer, fen, n)"
            " CROSS JOIN LATERAL aid_guard_check(a.need, a.layer, a.fen, 0, false, false) AS c"
            " ORDER BY a.n",
            [
                [ask.need_id for ask in asks],
                [ask.layer for ask in asks],
                [ask.amount_fen for ask in asks],
            ],
        )
        rows = cursor.fetchall()
    return [
        GuardResult(code or "", OUTCOMES.get(code or "", "BLOCK"), residual, quantity)
        for code, residual, quantity in rows
    ]


def sentence_of(check: GuardResult, asked_fen: int) -> str:
    """Return a verdict in Chinese; ``""`` where nothing stands against the ask."""
    if not check.code:
        return ""
    if check.code == "W-01":
        return "政府救助之后仍有缺口，由社会力量补充，属于鼓励的衔接"
    said = refusal(
        {
            "code": check.code,
            "asked_fen": asked_fen,
            "residual_fen": check.residual_fen or 0,
            "residual_quantity": check.residual_quantity or 0,
        }
    )
    return said.message


#: What a finding asks of whoever looks at it (domain.md section 5).
FINDINGS = {
    "O-01": "同一笔救助可能重复登记，请核对",
    "O-02": "同一心愿被多方认领，请核对",
    "O-03": "已登记的帮扶超过需求净额，请复核",
    "O-06": "互斥待遇期间重叠，请核对",
    "O-14": "政府救助或核定净额变更后，帮扶超过净额，请复核",
    "O-17": "该户全年受助金额超过关注线，请复核",
    "O-20": "资金用途与需求用途不一致，请核对",
    "G-01": "需求超过等候期限仍无任何帮扶",
    "G-02": "多次求助仍未得到帮扶",
}


def finding_text(finding: Finding) -> str:
    """Return a finding in one Chinese sentence; once closed, what was decided."""
    return finding.resolution or FINDINGS.get(finding.code, "请核对")


#: Active aid: promised - released + reported - reversed reports; a payment adds nothing.
ACTIVE = Q(kind__in=[_KIND.PROMISE, _KIND.REPORTED, _KIND.RELEASE]) | Q(
    kind=_KIND.REVERSAL, of_entry__kind=_KIND.REPORTED
)
SIGNED_FEN = Case(
    When(kind__in=[_KIND.PROMISE, _KIND.REPORTED], then=F("amount_fen")),
    default=Value(0) - F("amount_fen"),
)


def active_by_layer(need_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Return the active fen of each need by layer, in paying order, from the rows one may see."""
    sums: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in (
        AidEntry.objects.filter(ACTIVE, need_id__in=set(need_ids))
        .values("need_id", "layer")
        .annotate(fen=Sum(SIGNED_FEN))
    ):
        if row["fen"]:
            sums[row["need_id"]][row["layer"]] = int(row["fen"])
    order = list(Layer.values)
    return {
        need: dict(sorted(layers.items(), key=lambda item: order.index(item[0])))
        for need, layers in sums.items()
    }
