"""Persons, households over time, recognitions, bills, needs and consents."""

from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class Purpose(models.TextChoices):
    """What aid is for: the closed list of domain.md section 5.1."""

    LIVING = "living", "生活"
    MEDICAL = "medical", "医疗"
    EDUCATION_FEE = "education_fee", "学费"
    EDUCATION_ITEM = "education_item", "学习用品"
    HOUSING_BUILD = "housing_build", "建房"
    HOUSING_RENT = "housing_rent", "租房"
    DISASTER = "disaster", "受灾"
    EMPLOYMENT = "employment", "就业"
    REHABILITATION = "rehabilitation", "康复辅具"
    CARE_SERVICE = "care_service", "照料服务"
    COMPANIONSHIP = "companionship", "陪伴辅导"
    FESTIVAL = "festival", "节日慰问"
    FUNERAL = "funeral", "殡葬"
    OTHER = "other", "其他"


class Category(models.TextChoices):
    """Recognitions (domain.md section 8)."""

    DIBAO = "dibao", "最低生活保障"
    DIBAO_EDGE = "dibao_edge", "低保边缘家庭"
    TEKUN = "tekun", "特困人员"
    RIGID_EXPENDITURE = "rigid_expenditure", "刚性支出困难家庭"
    REGISTERED_POOR = "registered_poor", "脱贫户"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED_CHILD = "de_facto_unattended_child", "事实无人抚养儿童"
    WORKER_IN_DIFFICULTY = "worker_in_difficulty", "困难职工"
    DISABLED = "disabled", "残疾人"


class Household(models.Model):
    """A family over time; splits and merges keep the root that caps are counted on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("户编号", max_length=40, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在村（社区）")
    lineage_root = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="lineage", verbose_name="源户"
    )
    address = models.CharField("住址", max_length=200, blank=True)
    case_label = models.CharField("示例标签", max_length=10, blank=True)
    opened_on = models.DateField("建档日期")
    closed_on = models.DateField("销户日期", null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "家庭"
        verbose_name_plural = "家庭"

    @property
    def root_id(self) -> UUID:
        """The household that caps and locks go by."""
        return self.lineage_root_id or self.id


class Person(models.Model):
    """A natural person. The resident ID is encrypted and looked up by its keyed digest."""

    class Sex(models.TextChoices):
        MALE = "m", "男"
        FEMALE = "f", "女"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在村（社区）")
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField("拼音", max_length=200)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    died_on = models.DateField("死亡日期", null=True, blank=True)
    id_sealed = models.BinaryField("身份证号（密文）", null=True)
    id_digest = models.BinaryField("身份证号摘要", null=True, unique=True, max_length=32)
    id_masked = models.CharField("身份证号（遮盖）", max_length=18, blank=True)
    temporary_key = models.CharField("临时编号", max_length=40, blank=True)
    phone_sealed = models.BinaryField("电话（密文）", null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        indexes = [models.Index(fields=["region", "pinyin"])]
        constraints = [
            models.CheckConstraint(
                name="person_has_id_or_temporary_key",
                condition=Q(id_digest__isnull=False) | ~Q(temporary_key=""),
            )
        ]


class Member(models.Model):
    """A person in a household for a time; in one household at a time."""

    class Relation(models.TextChoices):
        HEAD = "head", "户主"
        SPOUSE = "spouse", "配偶"
        CHILD = "child", "子女"
        PARENT = "parent", "父母"
        GRANDCHILD = "grandchild", "孙子女"
        OTHER = "other", "其他"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    relation = models.CharField("与户主关系", max_length=12, choices=Relation)
    period = DateRangeField("期间")
    region = models.ForeignKey(Region, models.PROTECT)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "家庭成员"
        verbose_name_plural = "家庭成员"
        constraints = [
            ExclusionConstraint(
                name="person_in_one_household_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]


class Recognition(models.Model):
    """A category that a person holds for a time, and the monthly money it brings."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="recognitions")
    household = models.ForeignKey(Household, models.PROTECT, related_name="recognitions")
    region = models.ForeignKey(Region, models.PROTECT)
    category = models.CharField("类别", max_length=30, choices=Category)
    period = DateRangeField("期间")
    monthly_fen = models.PositiveBigIntegerField("月标准（分）", default=0)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "认定"
        verbose_name_plural = "认定"
        constraints = [
            ExclusionConstraint(
                name="recognition_once_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]


class MedicalBill(models.Model):
    """A settled bill: total cost, and what each insurance layer and a liable third party paid."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="bills")
    household = models.ForeignKey(Household, models.PROTECT, related_name="bills")
    region = models.ForeignKey(Region, models.PROTECT)
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reference = models.CharField("结算单号", max_length=60)
    settled_on = models.DateField("结算日期")
    gross_fen = models.PositiveBigIntegerField("总费用（分）")
    insurance_fen = models.PositiveBigIntegerField("各类保险支付（分）", default=0)
    third_party_fen = models.PositiveBigIntegerField("责任第三方支付（分）", default=0)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "医疗费用"
        verbose_name_plural = "医疗费用"
        constraints = [
            models.UniqueConstraint(fields=["sender", "reference"], name="bill_once"),
            models.CheckConstraint(
                name="bill_paid_at_most_its_cost",
                condition=Q(gross_fen__gte=F("insurance_fen") + F("third_party_fen")),
            ),
        ]

    @property
    def net_fen(self) -> int:
        """What the person paid himself."""
        return self.gross_fen - self.insurance_fen - self.third_party_fen


class Need(models.Model):
    """What a person or household lacks, for one purpose, cost item and period.

    ``net_fen`` is the assessed net cost: gross less insurance and a liable third party; ``None``
    until assessed. Needs in kind carry ``net_quantity`` instead.
    """

    class State(models.TextChoices):
        RECORDED = "recorded", "已登记"
        OPEN = "open", "待帮扶"
        PARTLY_MET = "partly_met", "部分满足"
        MET = "met", "已满足"
        WITHDRAWN = "withdrawn", "已撤回"
        EXPIRED = "expired", "已到期"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="needs")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name="受益人"
    )
    #: The person, or the household when the need is common: what "the same need" compares.
    scope_id = models.UUIDField(editable=False)
    region = models.ForeignKey(Region, models.PROTECT)
    purpose = models.CharField("用途", max_length=20, choices=Purpose)
    cost_item = models.CharField("费用项目", max_length=40)
    period = DateRangeField("期间")
    gross_fen = models.PositiveBigIntegerField("总额（分）", null=True, blank=True)
    net_fen = models.PositiveBigIntegerField("核定净额（分）", null=True, blank=True)
    net_quantity = models.PositiveIntegerField("核定数量", null=True, blank=True)
    tier = models.PositiveSmallIntegerField("紧急程度（0 最急）", default=2)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RECORDED)
    note = models.CharField("说明", max_length=300, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    assessed_at = models.DateTimeField("核定时间", null=True)

    class Meta:
        verbose_name = "需求"
        verbose_name_plural = "需求"
        indexes = [models.Index(fields=["region", "state"])]
        constraints = [
            # Duplicate needs would evade the guard (invariant 1).
            ExclusionConstraint(
                name="need_open_once",
                expressions=[
                    ("scope_id", RangeOperators.EQUAL),
                    ("purpose", RangeOperators.EQUAL),
                    ("cost_item", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=~Q(state__in=["withdrawn", "expired"]),
            ),
            models.CheckConstraint(
                name="need_scope_is_person_or_household",
                condition=Q(person__isnull=False, scope_id=F("person_id"))
                | Q(person__isnull=True, scope_id=F("household_id")),
            ),
            models.CheckConstraint(
                name="need_net_within_gross",
                condition=Q(gross_fen=None) | Q(net_fen=None) | Q(net_fen__lte=F("gross_fen")),
            ),
            models.CheckConstraint(
                name="need_period_is_bounded",
                condition=~Q(period__isempty=True)
                & Q(period__startswith__isnull=False)
                & Q(period__endswith__isnull=False),
            ),
        ]


class Consent(models.Model):
    """Agreement of a household that an organisation learns who it is (PIPL art. 23, 31)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="consents")
    region = models.ForeignKey(Region, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    scope = models.CharField("范围", max_length=100)
    by_guardian = models.BooleanField("监护人同意", default=False)
    evidence = models.CharField("凭证", max_length=200)
    given_on = models.DateField("同意日期")
    valid_until = models.DateField("有效期至")
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "知情同意"
        verbose_name_plural = "知情同意"
        constraints = [
            models.CheckConstraint(
                name="consent_period_in_order", condition=Q(valid_until__gte=F("given_on"))
            )
        ]
