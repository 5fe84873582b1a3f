"""Django's admin for set-up data. Saves go through one service; nothing is deleted here."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.middleware import actor_of_request
from accounts.models import Membership, User
from aid.models import Brand, Scheme
from audit.setup import setup_save
from organisations.models import FundraisingCertificate, Organisation
from projects.models import Exemplar
from regions.models import Region
from regions.reference import ROOT

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    AnyForm = forms.ModelForm[Any]
    UserModelForm = forms.ModelForm[User]
else:  # the classes are generic for the type checker only
    AnyAdmin, AnyForm, UserModelForm = admin.ModelAdmin, forms.ModelForm, forms.ModelForm

admin.site.site_header = "1798 一起救吧 · 基础设置"
admin.site.site_title = "1798 基础设置"
admin.site.index_title = "机构、品牌、人员与区划"


class SetupAdmin(AnyAdmin):
    """A page of set-up rows under one permission."""

    permission = "setup.view"

    def save_model(self, request: HttpRequest, obj: Any, form: AnyForm, change: bool) -> None:
        setup_save(
            row=obj,
            permission=self.permission,
            region_path=f"/{ROOT}/",
            changed=form.changed_data,
            actor=actor_of_request(request),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # No soft delete and no hard one: a period is ended instead.
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit event is the record; Django's own log would be a second one."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """See ``log_addition``."""


@admin.register(Region)
class RegionAdmin(SetupAdmin):
    permission = "region.edit"
    list_display = ["code", "name", "level", "parent", "is_functional_zone", "is_living_area"]
    list_filter = ["level", "is_functional_zone"]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]
    raw_id_fields = ["parent", "successor"]


@admin.register(Organisation)
class OrganisationAdmin(SetupAdmin):
    permission = "organisation.edit"
    list_display = ["name", "kind", "region", "parent", "has_legal_personality"]
    list_filter = ["kind"]
    search_fields = ["name"]
    list_select_related = ["region", "parent"]
    raw_id_fields = ["region", "parent"]
    exclude = ["pinyin"]


@admin.register(FundraisingCertificate)
class CertificateAdmin(SetupAdmin):
    permission = "organisation.edit"
    list_display = ["number", "organisation", "valid_from", "valid_until"]
    raw_id_fields = ["organisation"]


@admin.register(Brand)
class BrandAdmin(SetupAdmin):
    permission = "brand.edit"
    list_display = ["position", "name", "lead", "purpose", "target", "rhythm"]
    list_display_links = ["name"]
    raw_id_fields = ["lead"]


@admin.register(Scheme)
class SchemeAdmin(SetupAdmin):
    permission = "brand.edit"
    list_display = ["name", "code", "purpose", "exclusive_kind"]


@admin.register(Exemplar)
class ExemplarAdmin(SetupAdmin):
    permission = "brand.edit"
    list_display = ["slot", "title", "organisation"]
    raw_id_fields = ["organisation"]


class UserForm(UserModelForm):
    """A user, with a new password when one is typed."""

    new_password = forms.CharField(
        label="新密码", required=False, widget=forms.PasswordInput, help_text="留空则不修改"
    )

    class Meta:
        model = User
        fields = ["username", "display_name", "is_active"]


@admin.register(User)
class UserAdmin(SetupAdmin):
    permission = "membership.edit"
    form = UserForm
    list_display = ["username", "display_name", "is_active"]
    search_fields = ["username", "display_name"]

    def save_model(self, request: HttpRequest, obj: User, form: AnyForm, change: bool) -> None:
        if typed := form.cleaned_data.get("new_password"):
            obj.set_password(typed)
        elif not change:
            obj.set_unusable_password()
        form.changed_data[:] = [name for name in form.changed_data if name != "new_password"]
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(SetupAdmin):
    permission = "membership.edit"
    list_display = ["user", "role", "region", "organisation", "valid_from", "valid_until"]
    list_filter = ["role"]
    list_select_related = ["user", "region", "organisation"]
    raw_id_fields = ["user", "region", "organisation", "deputy_for"]
