"""Civil affairs at each level, departments, partners, charities and branches, enterprises."""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id
from regions.models import Region


class Organisation(models.Model):
    """A body that takes part. What it may do is data, never inferred from its kind."""

    class Kind(models.TextChoices):
        CIVIL_AFFAIRS = "civil_affairs", "民政部门"
        DEPARTMENT = "department", "政府部门"
        PARTNER = "partner", "群团与合作单位"
        CHARITY = "charity", "慈善组织"
        BRANCH = "branch", "慈善组织分支（无法人资格）"
        ENTERPRISE = "enterprise", "企业"
        SCHOOL = "school", "学校"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("类型", max_length=20, choices=Kind)
    role = models.CharField("职能代码", max_length=40, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区划")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", verbose_name="上级"
    )
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    has_legal_personality = models.BooleanField("具有法人资格", default=True)
    pinyin = models.CharField("拼音", max_length=300, blank=True)

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = "机构"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"], name="organisation_uscc_once", condition=~Q(uscc="")
            ),
            models.CheckConstraint(
                name="organisation_branch_has_parent",
                condition=Q(has_legal_personality=True) | Q(parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def legal_body(self) -> "Organisation":
        """The organisation itself, or the parent that answers for a branch."""
        return self if self.has_legal_personality or self.parent is None else self.parent


class FundraisingCertificate(models.Model):
    """Qualification for public fundraising (Charity Law 2023, art. 22 and 27; Order 74)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="certificates", verbose_name="机构"
    )
    number = models.CharField("证书编号", max_length=60, unique=True)
    valid_from = models.DateField("有效期自")
    valid_until = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = "公开募捐资格"
        verbose_name_plural = "公开募捐资格"
        constraints = [
            models.CheckConstraint(
                name="certificate_period_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return self.number
