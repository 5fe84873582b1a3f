"""Schemes and brands, the aid ledger of every source, findings and prevented overlaps."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from households.models import Household, Need, Person, Purpose
from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class Layer(models.TextChoices):
    """Where the money comes from, per amount (domain.md section 5.1)."""

    INSURANCE = "insurance", "保险"
    GOVERNMENT = "government", "财政"
    RESERVE = "reserve", "备用金"
    GROUP = "group", "群团"
    CHARITY = "charity", "慈善"
    INDIVIDUAL = "individual", "个人捐助"
    OWN = "own", "自有与亲属"


#: Layers whose entries are never refused because somebody else helped.
STATE_LAYERS = (Layer.INSURANCE, Layer.GOVERNMENT, Layer.RESERVE)


class Scheme(models.Model):
    """A government scheme. Benefits of one ``exclusive_kind`` exclude each other in time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    purpose = models.CharField("用途", max_length=20, choices=Purpose)
    exclusive_kind = models.CharField("互斥种类", max_length=40, blank=True)

    class Meta:
        verbose_name = "救助项目"
        verbose_name_plural = "救助项目"

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """One of the nine brand projects; lead body and amounts are set-up data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    position = models.PositiveSmallIntegerField("序号", unique=True)
    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    purpose = models.CharField("用途", max_length=20, choices=Purpose)
    target = models.CharField("对象", max_length=100)
    rhythm = models.CharField("周期", max_length=60)
    lead = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="牵头单位"
    )

    class Meta:
        verbose_name = "品牌项目"
        verbose_name_plural = "品牌项目"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class AidEntry(models.Model):
    """One line of the aid ledger: append-only, corrected by linked entries.

    Active aid of a need = promised - released + reported - reversed; a payment draws on a promise
    and adds nothing. Commanded entries (promise) are guarded by the database; a reported payment
    made elsewhere is a fact and is never refused.
    """

    class Kind(models.TextChoices):
        PROMISE = "promise", "承诺"
        PAYMENT = "payment", "支付"
        RELEASE = "release", "释放"
        REVERSAL = "reversal", "冲正"
        REPORTED = "reported", "报告"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    layer = models.CharField("资金层", max_length=12, choices=Layer)
    need = models.ForeignKey(Need, models.PROTECT, related_name="aid")
    household = models.ForeignKey(Household, models.PROTECT, related_name="aid")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="aid")
    payee = models.CharField("收款人", max_length=100, blank=True)
    region = models.ForeignKey(Region, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="aid")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, related_name="aid")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, related_name="aid")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    quantity = models.PositiveIntegerField("数量", default=0)
    period = DateRangeField("期间")
    effective_on = models.DateField("生效日期")
    of_entry = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="followed_by", verbose_name="所指条目"
    )
    source_reference = models.CharField("来源编号", max_length=120)
    batch_row_id = models.UUIDField("批次行", null=True)
    is_advance = models.BooleanField("垫付", default=False)
    is_small_gift = models.BooleanField("小额慰问", default=False)
    reason = models.CharField("说明", max_length=300, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.UUIDField()

    class Meta:
        verbose_name = "救助台账"
        verbose_name_plural = "救助台账"
        indexes = [
            models.Index(fields=["need", "kind"]),
            models.Index(fields=["household", "effective_on"]),
            models.Index(fields=["region", "effective_on"]),
        ]
        constraints = [
            # O-01: the same source reference is recorded once.
            models.UniqueConstraint(
                fields=["organisation", "kind", "source_reference"], name="aid_source_once"
            ),
            models.CheckConstraint(
                name="aid_follow_up_names_an_entry",
                condition=Q(kind__in=["promise", "reported"], of_entry__isnull=True)
                | Q(kind__in=["payment", "release", "reversal"], of_entry__isnull=False),
            ),
            models.CheckConstraint(
                name="aid_amount_or_quantity",
                condition=Q(amount_fen__gt=0) | Q(quantity__gt=0),
            ),
            models.CheckConstraint(
                name="aid_reported_has_batch_row",
                condition=~Q(kind="reported") | Q(batch_row_id__isnull=False),
            ),
            models.CheckConstraint(
                name="aid_correction_has_reason",
                condition=~Q(kind="reversal") | ~Q(reason=""),
            ),
        ]


class GuardLimit(models.Model):
    """A policy parameter that the database's guard needs; written by the set-up command alone."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    value_fen = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "台账限额"
        verbose_name_plural = "台账限额"
        constraints = [models.UniqueConstraint(fields=["region", "key"], name="guard_limit_once")]


class BenefitPeriod(models.Model):
    """An exclusive benefit that a person holds; kept by the ledger's trigger (invariant 2)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.OneToOneField(AidEntry, models.PROTECT, related_name="benefit_period")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    exclusive_kind = models.CharField(max_length=40)
    period = DateRangeField()
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "互斥待遇期间"
        verbose_name_plural = "互斥待遇期间"
        constraints = [
            ExclusionConstraint(
                name="exclusive_benefit_once_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("exclusive_kind", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]


class Outcome(models.TextChoices):
    """Outcome of an overlap code (domain.md section 5)."""

    BLOCK = "BLOCK", "拦截"
    REASON = "REASON", "须说明"
    REPORT = "REPORT", "备查"
    WANTED = "WANTED", "鼓励"


class Finding(models.Model):
    """An overlap or gap that somebody has to look at; never an automatic claw-back."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        CLOSED = "closed", "已处理"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField("代码", max_length=6)
    outcome = models.CharField("处理方式", max_length=10, choices=Outcome)
    need = models.ForeignKey(Need, models.PROTECT, null=True, related_name="findings")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="findings")
    entry = models.ForeignKey(AidEntry, models.PROTECT, null=True, related_name="findings")
    region = models.ForeignKey(Region, models.PROTECT)
    amount_fen = models.BigIntegerField("金额（分）", default=0)
    evidence = models.JSONField("依据", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    due_on = models.DateField("应处理日期", null=True)
    resolution = models.CharField("处理结果", max_length=300, blank=True)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "发现"
        verbose_name_plural = "发现"
        indexes = [models.Index(fields=["region", "code"])]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "need", "entry"], name="finding_once", nulls_distinct=False
            )
        ]


class Prevented(models.Model):
    """Aid that the guard refused or cut, counted once per attempt, for the joint meeting."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField("代码", max_length=6)
    need = models.ForeignKey(Need, models.PROTECT, null=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    asked_fen = models.PositiveBigIntegerField("申请金额（分）", default=0)
    prevented_fen = models.PositiveBigIntegerField("避免重复（分）", default=0)
    attempt = models.CharField("来源编号", max_length=120)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "已避免的重复"
        verbose_name_plural = "已避免的重复"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "organisation", "attempt"], name="prevented_counted_once"
            )
        ]
