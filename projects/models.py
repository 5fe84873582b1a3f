"""Projects under the brands, micro-wishes with deliveries and outcomes, exemplars."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from aid.models import Brand
from households.models import Need, Purpose
from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class Project(models.Model):
    """A charity project under a brand: what it pays for, for whom, and within which limits."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        DECIDED = "internal_decision", "已内部决策"
        FILED = "filed", "已备案"
        OPEN = "open", "进行中"
        ENDED = "ended", "已结束"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="projects", verbose_name="品牌")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="projects", verbose_name="实施单位"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="实施范围")
    name = models.CharField("名称", max_length=100)
    purpose = models.CharField("用途", max_length=20, choices=Purpose)
    #: Categories that may be helped; empty means everyone with an open need.
    categories = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    budget_fen = models.PositiveBigIntegerField("预算（分）")
    household_quota = models.PositiveIntegerField("户数上限")
    min_grant_fen = models.PositiveBigIntegerField("单笔下限（分）", default=0)
    max_grant_fen = models.PositiveBigIntegerField("单笔上限（分）")
    is_exclusive = models.BooleanField("独占（不与他人共同资助）", default=False)
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("结束日期")
    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT)
    filing_number = models.CharField("募捐方案备案号", max_length=60, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    platform_link = models.URLField("指定平台链接", blank=True)
    created_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        constraints = [
            models.CheckConstraint(
                name="project_grants_in_order",
                condition=Q(max_grant_fen__gte=F("min_grant_fen")) & Q(max_grant_fen__gt=0),
            ),
            models.CheckConstraint(
                name="project_period_in_order", condition=Q(closes_on__gte=F("opens_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Wish(models.Model):
    """A micro-wish: an item inside a project for one need, shown to donors without identity."""

    class State(models.TextChoices):
        DRAFTED = "drafted", "已登记"
        SCREENED = "screened", "已初审"
        VERIFIED = "verified", "已核实"
        PUBLISHED = "published", "待认领"
        CLAIMED = "claimed", "已认领"
        FUNDED = "funded", "已筹款"
        DELIVERED = "delivered", "已送达"
        OUTCOME = "outcome", "已回访"
        CLOSED = "closed", "已办结"
        WITHDRAWN = "withdrawn", "已撤回"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="wishes")
    need = models.ForeignKey(Need, models.PROTECT, related_name="wishes")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="wishes")
    region = models.ForeignKey(Region, models.PROTECT)
    item = models.CharField("物品或服务", max_length=60)
    quantity = models.PositiveIntegerField("数量", default=1)
    #: Held or paid by claims; written by the database alone (invariant 3, donors' triggers).
    held_quantity = models.PositiveIntegerField("已认领数量", default=0, editable=False)
    unit_price_fen = models.PositiveBigIntegerField("单价（分）")
    public_title = models.CharField("公开标题", max_length=60)
    public_story = models.CharField("公开说明", max_length=300)
    #: Age band and county only; never a name, photo, school or village.
    public_region = models.CharField("公开区域", max_length=60)
    age_band = models.CharField("年龄段", max_length=20, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFTED)
    drafted_by = models.UUIDField()
    screened_by = models.UUIDField(null=True)
    verified_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "微心愿"
        verbose_name_plural = "微心愿"
        indexes = [models.Index(fields=["state", "published_at"])]
        constraints = [
            models.CheckConstraint(name="wish_wants_something", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="wish_held_within_quantity", condition=Q(held_quantity__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="wish_verified_by_another_person",
                condition=Q(verified_by=None) | ~Q(verified_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="wish_published_after_verification",
                condition=Q(published_at=None) | Q(verified_by__isnull=False),
            ),
        ]

    @property
    def price_fen(self) -> int:
        """What the whole wish costs."""
        return self.quantity * self.unit_price_fen

    @property
    def open_quantity(self) -> int:
        """How many are still to be claimed."""
        return self.quantity - self.held_quantity


class Delivery(models.Model):
    """The handover of a wish, signed for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wish = models.OneToOneField(Wish, models.PROTECT, related_name="delivery")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    delivered_on = models.DateField("送达日期")
    quantity = models.PositiveIntegerField("数量")
    actual_cost_fen = models.PositiveBigIntegerField("实际费用（分）")
    receipt = models.CharField("签收凭证", max_length=200)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "送达"
        verbose_name_plural = "送达"


class WishOutcome(models.Model):
    """What became of it, in words that identify nobody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wish = models.OneToOneField(Wish, models.PROTECT, related_name="outcome")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    observed_on = models.DateField("回访日期")
    public_text = models.CharField("反馈", max_length=300)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "回访"
        verbose_name_plural = "回访"


class Exemplar(models.Model):
    """One of eight exemplar slots; no source names any, so they start empty."""

    slot = models.PositiveSmallIntegerField("序号", primary_key=True)
    title = models.CharField("名称", max_length=100, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="单位"
    )
    text = models.TextField("事迹", blank=True)

    class Meta:
        verbose_name = "工作典型"
        verbose_name_plural = "工作典型"
        constraints = [
            models.CheckConstraint(
                name="exemplar_slots_are_eight", condition=Q(slot__gte=1, slot__lte=8)
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.title or '（空）'}"
