"""Who is who: how each incoming row was linked to a person."""

from django.db import models
from django.db.models.functions import Now

from households.models import Person
from kernel.ids import new_id
from regions.models import Region


class Link(models.Model):
    """The outcome for one incoming row: linked, to be reviewed by a person, or new."""

    class Outcome(models.TextChoices):
        LINKED = "linked", "已对应"
        REVIEW = "review", "待人工核对"
        NEW = "new", "新人员"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row_id = models.UUIDField(unique=True)
    region = models.ForeignKey(Region, models.PROTECT)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="links")
    outcome = models.CharField("结果", max_length=10, choices=Outcome)
    rule = models.CharField("规则", max_length=60)
    candidates = models.JSONField("候选", default=list)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "身份对应"
        verbose_name_plural = "身份对应"
