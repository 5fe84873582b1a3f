"""Donors and the charities they are members of."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Membership, User
from audit.acting import acting_as
from audit.services import record
from donors.models import Donor
from kernel import clock
from kernel.access import SYSTEM, Actor, Role, require
from kernel.errors import Refused
from organisations.models import Organisation
from regions.models import Region


@transaction.atomic
def donor_register(
    *, username: str, password: str, display_name: str, display: str = Donor.Display.ANONYMOUS
) -> Donor:
    """Create a donor who can log in; raises ``Refused`` for a taken name or a weak password."""
    username, display_name = username.strip(), display_name.strip()
    if not username or not display_name:
        raise Refused("name_missing", "请填写账号和姓名")
    user = User(username=username, display_name=display_name)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refused("password_weak", " ".join(weak.messages)) from weak
    user.set_password(password)
    # Two at once: the unique name decides, and the loser gets no error from the database.
    if not User.objects.bulk_create([user], ignore_conflicts=True) or (
        not User.objects.filter(pk=user.pk).exists()
    ):
        raise Refused("username_taken", "该账号已被使用，请换一个")
    Membership.objects.create(
        user=user, role=Role.DONOR.value, region=_city(), valid_from=clock.today()
    )
    with acting_as(SYSTEM):
        donor = Donor.objects.create(user=user, display=display)
        record("donor.registered", donor, Actor(user.pk, user.display_name))
    return donor


def _city() -> Region:
    """The root region of the deployment; other counties may hang beside it for their rules."""
    return Region.objects.filter(parent=None, level=Region.Level.CITY).order_by("code")[0]


@transaction.atomic
def donor_add_member(*, username: str, organisation: Organisation, actor: Actor) -> None:
    """Record that a donor is a member of the charity, which may then solicit him (art. 29)."""
    require(
        actor,
        "donor.add_member",
        region_path=organisation.region.path,
        organisation_id=organisation.pk,
    )
    with acting_as(SYSTEM):
        donor = Donor.objects.filter(user__username=username.strip()).first()
        if donor is None:
            raise Refused("not_found", "未找到该捐赠人账号")
        donor.member_of.add(organisation)
        record("donor.member_added", donor, actor, organisation_id=str(organisation.pk))
