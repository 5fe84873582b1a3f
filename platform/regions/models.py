"""Administrative divisions as a tree by path; abolished codes keep a successor."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat


class Region(models.Model):
    """A division: GB/T 2260 code, or a local code for a functional zone that has none."""

    class Level(models.TextChoices):
        CITY = "city", "市"
        COUNTY = "county", "县（市、区）"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField("路径", max_length=80, unique=True)
    pinyin = models.CharField("拼音", max_length=200)
    is_living_area = models.BooleanField("生活区", default=False)
    is_functional_zone = models.BooleanField("功能区", default=False)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="现行代码",
    )
    valid_until = models.DateField("有效期至", null=True, blank=True)
    source = models.CharField("来源", max_length=200, blank=True)

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = "行政区划"
        indexes = [
            models.Index(fields=["path"], name="region_path_prefix", opclasses=["text_pattern_ops"])
        ]
        constraints = [
            models.CheckConstraint(
                name="region_path_ends_in_its_code",
                condition=Q(path__endswith=Concat(Value("/"), "code", Value("/"))),
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent.name}{self.name}" if self.parent else self.name

    @property
    def chain(self) -> list[str]:
        """Codes from this region to the nation, narrowest first, for the look-up of parameters."""
        codes = [code for code in reversed(self.path.split("/")) if code]
        county = next((code for code in codes if len(code) == 6 and code.isdigit()), "")
        wider = [f"{county[:4]}00", f"{county[:2]}0000"] if county else []
        return [*codes, *(code for code in wider if code not in codes), "CN"]
