"""Matching runs, proposals with their explanation, and the approval steps that decide them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from aid.models import AidEntry
from households.models import Household, Need
from kernel.ids import new_id
from organisations.models import Organisation
from projects.models import Project
from regions.models import Region


class Run(models.Model):
    """One run of the engine over a region: input hash, options, prices and certificate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region = models.ForeignKey(Region, models.PROTECT)
    input_hash = models.CharField("输入摘要", max_length=64)
    engine_version = models.CharField("引擎版本", max_length=20)
    options = models.JSONField("参数", default=dict)
    certificate = models.JSONField("证书", default=dict)
    prices = models.JSONField("价格", default=dict)
    created_by = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "匹配运行"
        verbose_name_plural = "匹配运行"


class Proposal(models.Model):
    """A project's grant for a need: advice until officers decide. Ends are final."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        IN_REVIEW = "in_review", "待复核"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已退回"
        HELD = "held", "重叠待处理"
        REPLACED = "replaced", "已被新方案替代"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="proposals")
    need = models.ForeignKey(Need, models.PROTECT, related_name="proposals")
    household = models.ForeignKey(Household, models.PROTECT, related_name="proposals")
    project = models.ForeignKey(Project, models.PROTECT, related_name="proposals")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT)
    granted_fen = models.PositiveBigIntegerField("金额（分）")
    explanation = models.JSONField("说明", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    step = models.PositiveSmallIntegerField("当前步骤", default=0)
    proposed_by = models.UUIDField()
    promise = models.OneToOneField(
        AidEntry, models.PROTECT, null=True, related_name="proposal", verbose_name="承诺"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "匹配建议"
        verbose_name_plural = "匹配建议"
        indexes = [models.Index(fields=["region", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["need", "project"],
                name="proposal_open_once",
                condition=Q(state__in=["proposed", "in_review", "held"]),
            ),
            models.CheckConstraint(
                name="proposal_approved_has_promise",
                condition=~Q(state="approved") | Q(promise__isnull=False),
            ),
            models.CheckConstraint(name="proposal_of_money", condition=Q(granted_fen__gt=0)),
        ]


class ApprovalStep(models.Model):
    """One decision about a proposal, append-only: who, when, which parameters, which outcomes."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "同意"
        REJECT = "reject", "退回"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("步骤")
    post = models.CharField("岗位", max_length=30)
    decision = models.CharField("决定", max_length=10, choices=Decision)
    reason = models.CharField("理由", max_length=300, blank=True)
    decided_by = models.UUIDField()
    proposed_by = models.UUIDField()
    decided_at = models.DateTimeField(db_default=Now())
    parameters = models.JSONField("参数", default=list)
    overlaps = models.JSONField("重叠检查", default=list)

    class Meta:
        verbose_name = "审批步骤"
        verbose_name_plural = "审批步骤"
        constraints = [
            models.UniqueConstraint(fields=["proposal", "position"], name="approval_step_once"),
            # Decisions need two people (invariant 5).
            models.UniqueConstraint(
                fields=["proposal", "decided_by"], name="approval_step_by_another_person"
            ),
            models.CheckConstraint(
                name="approval_not_by_the_proposer", condition=~Q(decided_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="rejection_has_reason", condition=~Q(decision="reject") | ~Q(reason="")
            ),
        ]
