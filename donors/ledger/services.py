"""Opening funds and posting entries."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from donors.ledger import rules
from donors.ledger.models import Fund, JournalEntry, Posting
from kernel.errors import Refused
from organisations.models import Organisation
from projects.models import Project, Wish


def fund_of(
    kind: str,
    organisation: Organisation,
    *,
    project: Project | None = None,
    wish: Wish | None = None,
) -> Fund:
    """Return the fund, opened on first use; two at once open one."""
    restricted = kind not in (Fund.Kind.CLEARING, Fund.Kind.SPENT)
    found = Fund.objects.filter(kind=kind, organisation=organisation, project=project, wish=wish)
    if fund := found.first():
        return fund
    Fund.objects.bulk_create(
        [
            Fund(
                kind=kind,
                organisation=organisation,
                project=project,
                wish=wish,
                balance_fen=0 if restricted else None,
            )
        ],
        ignore_conflicts=True,
    )
    return found.get()


@transaction.atomic
def entry_post(
    *, kind: str, external_id: str, memo: str, amounts_fen: Mapping[Fund, int]
) -> JournalEntry:
    """Post one balanced entry over the funds of one charity.

    Raises ``Refused``: ``one_legged``, ``unbalanced``, ``amount_zero``, ``posted_before`` (the
    external event is in the books), ``fund_too_low`` (a restricted fund would fall below zero).
    Locks the restricted funds in key order.
    """
    rules.require_balanced(amounts_fen)
    funds = sorted(amounts_fen, key=lambda fund: fund.pk)
    if len({fund.organisation_id for fund in funds}) > 1:
        raise Refused("funds_of_two_charities", "不同慈善组织的资金不能记入同一凭证")
    try:
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                kind=kind,
                organisation_id=funds[0].organisation_id,
                external_id=external_id,
                memo=memo,
            )
    except IntegrityError as again:
        raise Refused("posted_before", "该笔款项已经入账", external_id=external_id) from again
    try:
        with transaction.atomic():
            # One statement a posting: the balances' row locks follow the funds' order.
            for fund in funds:
                Posting.objects.create(entry=entry, fund=fund, amount_fen=amounts_fen[fund])
    except IntegrityError as low:
        if "fund_restricted_never_below_zero" not in str(low):
            raise
        raise Refused("fund_too_low", "该项资金余额不足") from low
    return entry
