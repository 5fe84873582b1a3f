"""Donors, claims and donations. The money ledger's tables are in donors/ledger/models.py."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from aid.models import AidEntry
from donors.ledger.models import Fund, JournalEntry, Posting
from kernel.ids import new_id
from organisations.models import Organisation
from projects.models import Wish

__all__ = [
    "CharityAccount",
    "Claim",
    "Donation",
    "Donor",
    "Fund",
    "JournalEntry",
    "Posting",
    "ProviderEvent",
]


class Donor(models.Model):
    """A giver; name shown only as he chose. Members may be solicited by their organisation."""

    class Display(models.TextChoices):
        ANONYMOUS = "anonymous", "匿名"
        NAMED = "named", "署名"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="donor"
    )
    display = models.CharField(
        "署名方式", max_length=10, choices=Display, default=Display.ANONYMOUS
    )
    member_of = models.ManyToManyField(Organisation, related_name="+", blank=True)

    class Meta:
        verbose_name = "捐赠人"
        verbose_name_plural = "捐赠人"


class Claim(models.Model):
    """A donor's hold on a wish until a time; at most the wished quantity is held or paid."""

    class State(models.TextChoices):
        HELD = "held", "已预留"
        PAID = "paid", "已支付"
        EXPIRED = "expired", "已过期"
        CANCELLED = "cancelled", "已取消"

    class Mode(models.TextChoices):
        PAY = "pay", "在线支付"
        TRANSFER = "transfer", "银行转账"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wish = models.ForeignKey(Wish, models.PROTECT, related_name="claims")
    donor_id = models.UUIDField("捐赠人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField("数量")
    mode = models.CharField("方式", max_length=10, choices=Mode, default=Mode.PAY)
    state = models.CharField("状态", max_length=10, choices=State, default=State.HELD)
    held_until = models.DateTimeField("预留至")
    promise = models.ForeignKey(AidEntry, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "认领"
        verbose_name_plural = "认领"
        constraints = [
            models.CheckConstraint(name="claim_of_something", condition=Q(quantity__gt=0))
        ]


class Donation(models.Model):
    """Money from a donor to one charity. Its state only moves forward."""

    class State(models.TextChoices):
        PLEDGED = "pledged", "待支付"
        RECEIVED = "received", "已到账"
        ALLOCATED = "allocated", "已安排"
        DISBURSED = "disbursed", "已支出"
        REFUNDED = "refunded", "已退款"
        FAILED = "failed", "支付失败"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="donations")
    wish = models.ForeignKey(Wish, models.PROTECT, null=True, related_name="donations")
    donor_id = models.UUIDField("捐赠人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="donations")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    state = models.CharField("状态", max_length=12, choices=State, default=State.PLEDGED)
    provider = models.CharField("支付渠道", max_length=20)
    provider_reference = models.CharField("渠道单号", max_length=120, blank=True)
    checkout_url = models.URLField(max_length=500, blank=True)
    #: What the donor agreed to at checkout: where late or surplus money goes.
    terms = models.JSONField("约定", default=dict)
    #: Whether the money stayed with the wish or went to the charity's pool, as the terms say.
    went_to = models.CharField("归属", max_length=10, blank=True)
    #: Why a person must look before this moves on; empty while nothing is wrong.
    held_reason = models.CharField("待人工处理", max_length=200, blank=True)
    #: This gift's share of the actual purchase; the rest went to the charity's pool.
    spent_fen = models.PositiveBigIntegerField("实际支出（分）", null=True)
    created_at = models.DateTimeField(db_default=Now())
    received_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "捐赠"
        verbose_name_plural = "捐赠"
        constraints = [
            models.CheckConstraint(name="donation_of_something", condition=Q(amount_fen__gt=0)),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                name="donation_provider_reference_once",
                condition=~Q(provider_reference=""),
            ),
        ]


class ProviderEvent(models.Model):
    """A webhook, stored under its unique id before anything else; a worker acts on it once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    account = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=120)
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    held_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "支付事件"
        verbose_name_plural = "支付事件"
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")
        ]


class CharityAccount(models.Model):
    """A charity's own account at a payment provider; the platform never pools money."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="accounts")
    provider = models.CharField("支付渠道", max_length=20)
    account = models.CharField("账户", max_length=120)

    class Meta:
        verbose_name = "收款账户"
        verbose_name_plural = "收款账户"
        constraints = [
            models.UniqueConstraint(fields=["provider", "account"], name="charity_account_once"),
            models.UniqueConstraint(
                fields=["organisation", "provider"], name="charity_one_account_per_provider"
            ),
        ]
