"""Private files: what is known of each; its bytes lie under ``PRIVATE_FILES_DIR``."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class StoredFile(models.Model):
    """One file; its region or organisation says whose it is.

    The row is append-only. Where the retention period of a record ends, its bytes are deleted and
    the row with their digest stays.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64)
    size_bytes = models.PositiveBigIntegerField("大小（字节）")
    media_type = models.CharField("类型", max_length=100)
    name = models.CharField("原文件名", max_length=200)
    path = models.CharField("存放位置", max_length=120, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, verbose_name="机构")
    created_by = models.UUIDField()
    created_at = models.DateTimeField("存入时间", db_default=Now())

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        constraints = [
            models.CheckConstraint(name="stored_file_not_empty", condition=Q(size_bytes__gt=0)),
            models.CheckConstraint(
                name="stored_file_digest_is_sha256", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return self.name
