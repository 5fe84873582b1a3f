"""The transactional outbox, long jobs, and replies kept for repeated requests."""

from django.db import models
from django.db.models.functions import Now

from kernel.ids import new_id


class Outbox(models.Model):
    """A task to run after commit. Closed only in the transaction of its effect."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    task = models.CharField("任务", max_length=80)
    arguments = models.JSONField(default=dict)
    actor = models.JSONField(default=dict)
    not_before = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "发件箱"
        verbose_name_plural = "发件箱"
        indexes = [
            models.Index(
                fields=["not_before"],
                name="jobs_outbox_open",
                condition=models.Q(done_at=None),
            )
        ]


class Job(models.Model):
    """Long work that a person watches and may cancel."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("种类", max_length=60)
    title = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    done_count = models.PositiveIntegerField("已处理", default=0)
    total_count = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=500, blank=True)
    result = models.JSONField("结果", default=dict)
    created_by = models.UUIDField()
    region_id = models.CharField(max_length=12, blank=True)
    organisation_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "任务"
        verbose_name_plural = "任务"


class IdempotentReply(models.Model):
    """The reply to a request with an Idempotency-Key, sent again when the key comes again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor_id = models.UUIDField()
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "幂等回执"
        verbose_name_plural = "幂等回执"
        constraints = [
            models.UniqueConstraint(fields=["actor_id", "key"], name="idempotent_reply_once")
        ]
