"""Users and their dated memberships."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from kernel import clock
from kernel.access import Role
from kernel.ids import new_id
from organisations.models import Organisation
from regions.models import Region


class UserManager(BaseUserManager["User"]):
    """Looks users up by username."""


class User(AbstractBaseUser):
    """A person who logs in; rights come from memberships alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField("账号", max_length=60, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    is_active = models.BooleanField("启用", default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin opens: for administrators of the deployment."""
        today = clock.today()
        return (
            self.memberships.filter(role=Role.ADMINISTRATOR.value, valid_from__lte=today)
            .exclude(valid_until__lt=today)
            .exists()
        )

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """Administrators may open the admin's set-up pages; the pages check nothing finer."""
        return self.is_active and self.is_staff

    def has_module_perms(self, _label: str) -> bool:
        """See ``has_perm``."""
        return self.is_active and self.is_staff


class Membership(models.Model):
    """A post held for a time: role, region subtree and, for some roles, organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField(
        "角色", max_length=30, choices=[(r.value, r.value) for r in Role if r is not Role.SYSTEM]
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区划")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="机构"
    )
    valid_from = models.DateField("自")
    valid_until = models.DateField("至", null=True, blank=True)
    deputy_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="deputies", verbose_name="代理"
    )

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints = [
            models.CheckConstraint(
                name="membership_period_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            # It may do everything everywhere.
            models.CheckConstraint(
                name="membership_is_not_the_systems", condition=~Q(role=Role.SYSTEM.value)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"
