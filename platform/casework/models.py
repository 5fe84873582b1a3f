"""Signals: somebody or some data says that a household may need help."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from households.models import Household, Person
from kernel.ids import new_id
from regions.models import Region


class Signal(models.Model):
    """A lead that the township follows to a result: policy finds people."""

    class State(models.TextChoices):
        NEW = "new", "新线索"
        ASSIGNED = "assigned", "已派单"
        VISITED = "visited", "已走访"
        CLOSED = "closed", "已办结"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="signals")
    household = models.ForeignKey(Household, models.PROTECT, related_name="signals")
    region = models.ForeignKey(Region, models.PROTECT)
    rule = models.CharField("规则", max_length=20)
    evidence = models.JSONField("依据", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.NEW)
    result = models.CharField("结果代码", max_length=30, blank=True)
    opened_on = models.DateField("发现日期")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "线索"
        verbose_name_plural = "线索"
        indexes = [models.Index(fields=["region", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "rule"],
                name="signal_open_once",
                condition=~Q(state="closed"),
            )
        ]
