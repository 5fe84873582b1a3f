"""The append-only audit chain."""

from django.db import models
from django.db.models.functions import Now

from kernel.ids import new_id


class Event(models.Model):
    """One write, or one read of a full resident ID. Inserted unsealed; the sealer chains it.

    ``data`` holds no personal values; those are in ``personal``, encrypted under the person's key,
    so that destroying the key deletes them and the chain still verifies.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recorded_at = models.DateTimeField("记录时间", db_default=Now())
    actor_id = models.UUIDField("操作人")
    actor_name = models.CharField("操作人姓名", max_length=60)
    verb = models.CharField("动作", max_length=60)
    subject_type = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象", max_length=60)
    region_id = models.CharField("区划", max_length=12, blank=True)
    data = models.JSONField("内容", default=dict)
    person_id = models.UUIDField("所涉人员", null=True)
    personal = models.BinaryField(null=True)
    position = models.BigIntegerField("链上序号", null=True, unique=True)
    chain_hash = models.BinaryField("链上摘要", null=True)

    class Meta:
        verbose_name = "审计事件"
        verbose_name_plural = "审计事件"
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(
                fields=["id"], name="audit_event_unsealed", condition=models.Q(position=None)
            ),
        ]


class PersonKey(models.Model):
    """The key that personal values about one person are encrypted with; deleted with the person."""

    person_id = models.UUIDField(primary_key=True)
    sealed_key = models.BinaryField()

    class Meta:
        verbose_name = "个人密钥"
        verbose_name_plural = "个人密钥"
