"""Funds, journal entries and postings. One currency: yuan, in fen."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kernel.ids import new_id
from organisations.models import Organisation
from projects.models import Project, Wish


class Fund(models.Model):
    """Where a charity's money stands. Restricted funds have a balance that is never below zero.

    Clearing and spent funds are touched by every gift and payment of a charity: they have no
    balance to queue for, their sum is that of their postings.
    """

    class Kind(models.TextChoices):
        CLEARING = "clearing", "渠道往来"
        PROJECT = "project", "项目资金"
        WISH = "wish", "心愿资金"
        POOL = "charity_pool", "同类帮扶资金"
        SPENT = "spent", "已支出"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="funds")
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="funds")
    wish = models.ForeignKey(Wish, models.PROTECT, null=True, related_name="funds")
    #: Written by the database alone; null where no balance is kept.
    balance_fen = models.BigIntegerField("余额（分）", null=True, editable=False)

    class Meta:
        app_label = "donors"
        verbose_name = "资金"
        verbose_name_plural = "资金"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organisation", "project", "wish"],
                name="fund_once",
                nulls_distinct=False,
            ),
            # NOT NULL is spelled out: a NULL comparison would let anything through.
            models.CheckConstraint(
                name="fund_restricted_never_below_zero",
                condition=Q(kind__in=["clearing", "spent"], balance_fen__isnull=True)
                | Q(
                    kind__in=["project", "wish", "charity_pool"],
                    balance_fen__isnull=False,
                    balance_fen__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="fund_names_what_it_is_for",
                condition=Q(kind="project", project__isnull=False, wish__isnull=True)
                | Q(kind="wish", project__isnull=True, wish__isnull=False)
                | Q(
                    kind__in=["clearing", "charity_pool", "spent"],
                    project__isnull=True,
                    wish__isnull=True,
                ),
            ),
        ]


class JournalEntry(models.Model):
    """One event in a charity's money; its postings sum to zero and come in its transaction."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "收款"
        DISBURSEMENT = "disbursement", "支出"
        TRANSFER = "transfer", "结转"
        REFUND = "refund", "退款"
        CORRECTION = "correction", "更正"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    #: What happened outside (a payment, a delivery): counted once.
    external_id = models.CharField("外部编号", max_length=160, unique=True)
    memo = models.CharField("摘要", max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    #: The database's transaction of this entry, set by a trigger: later postings are refused.
    transaction_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        app_label = "donors"
        verbose_name = "记账凭证"
        verbose_name_plural = "记账凭证"
        indexes = [models.Index(fields=["organisation", "created_at"])]


class Posting(models.Model):
    """A signed amount on a fund: what a restricted fund holds is the sum of its postings."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="postings")
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        app_label = "donors"
        verbose_name = "分录"
        verbose_name_plural = "分录"
        constraints = [
            models.CheckConstraint(name="posting_of_something", condition=~Q(amount_fen=0))
        ]
