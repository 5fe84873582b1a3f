"""Data batches in and out: one row in, one result out."""

from django.db import models
from django.db.models.functions import Now

from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class Batch(models.Model):
    """A delivery of rows by a sender. The same rows delivered again change nothing."""

    class State(models.TextChoices):
        RECEIVED = "received", "已接收"
        VALIDATED = "validated", "已校验"
        APPLIED = "distributed", "已入库"
        RETURNED = "returned", "已反馈"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="batches")
    region = models.ForeignKey(Region, models.PROTECT)
    kind = models.CharField("种类", max_length=30)
    number = models.CharField("批次号", max_length=60)
    file_name = models.CharField("文件名", max_length=200)
    file_digest = models.CharField("文件摘要", max_length=64)
    state = models.CharField("状态", max_length=15, choices=State, default=State.RECEIVED)
    total_count = models.PositiveIntegerField("总行数", default=0)
    good_count = models.PositiveIntegerField("可导入", default=0)
    bad_count = models.PositiveIntegerField("有误", default=0)
    applied_count = models.PositiveIntegerField("已导入", default=0)
    seen_count = models.PositiveIntegerField("此前已导入", default=0)
    created_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "数据批次"
        verbose_name_plural = "数据批次"
        constraints = [
            models.UniqueConstraint(fields=["sender", "kind", "number"], name="batch_once")
        ]


class BatchRow(models.Model):
    """One row: its values encrypted, its errors in words, and the result it ended in.

    ``fingerprint`` is a keyed digest of the values: a plain one would give the IDs away.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    row_number = models.PositiveIntegerField("行号")
    sealed = models.BinaryField("内容（密文）")
    fingerprint = models.CharField(max_length=64)
    errors = models.JSONField("问题", default=list)
    notes = models.JSONField("说明", default=list)
    result = models.CharField("结果代码", max_length=30, blank=True)
    person_id = models.UUIDField(null=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "批次行"
        verbose_name_plural = "批次行"
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_number"], name="batch_row_once")
        ]
        indexes = [models.Index(fields=["fingerprint"], name="batch_row_fingerprint")]
