"""Joint meetings and their report packs."""

from django.db import models
from django.db.models.functions import Now

from kernel.ids import new_id
from regions.models import Region


class Meeting(models.Model):
    """A joint meeting of a county or the city; each county holds at least one a year."""

    class State(models.TextChoices):
        PLANNED = "planned", "已计划"
        FROZEN = "papers_frozen", "材料已冻结"
        HELD = "held", "已召开"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region = models.ForeignKey(Region, models.PROTECT)
    title = models.CharField("名称", max_length=100)
    planned_on = models.DateField("日期")
    state = models.CharField("状态", max_length=15, choices=State, default=State.PLANNED)
    created_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "联席会议"
        verbose_name_plural = "联席会议"


class Pack(models.Model):
    """The frozen numbers of a meeting for (as_of, known_at) and the three files made from them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="packs")
    region = models.ForeignKey(Region, models.PROTECT)
    as_of = models.DateField("统计截止日")
    known_at = models.DateTimeField("数据时点")
    snapshot = models.JSONField("冻结数据")
    digests = models.JSONField("文件摘要", default=dict)
    created_by = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "会议材料"
        verbose_name_plural = "会议材料"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "as_of", "known_at"], name="pack_once")
        ]
