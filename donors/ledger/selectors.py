"""Reading the books: sums by kind of fund, and funds whose balance is not their postings' sum."""

from uuid import UUID

from django.db.models import Sum

from donors.ledger.models import Fund, Posting


def sums_by_kind(organisation_id: UUID | None = None) -> dict[str, int]:
    """Fen by kind of fund, of one charity or of all that the actor sees; together zero.

    Given = -clearing = wish + project + charity_pool + spent.
    """
    postings = Posting.objects.all()
    if organisation_id is not None:
        postings = postings.filter(fund__organisation_id=organisation_id)
    found = postings.values_list("fund__kind").annotate(sum_fen=Sum("amount_fen"))
    return dict.fromkeys(Fund.Kind.values, 0) | {kind: int(fen) for kind, fen in found}


def balance_differences() -> list[tuple[UUID, int, int]]:
    """Funds whose kept balance is not the sum of their postings: (fund, balance, sum)."""
    funds = Fund.objects.exclude(balance_fen=None).annotate(sum_fen=Sum("postings__amount_fen"))
    return [
        (fund.pk, fund.balance_fen or 0, fund.sum_fen or 0)
        for fund in funds.order_by("id")
        if fund.balance_fen != (fund.sum_fen or 0)
    ]
