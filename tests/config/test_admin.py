"""Set-up pages: administrators edit through one service, everybody else is turned away."""

import pytest
from django.test import Client

from accounts.models import User
from aid.models import Brand
from audit.acting import acting_as
from audit.models import Event
from kernel.access import SYSTEM, Role
from organisations.models import Organisation
from organisations.reference import organisation_id
from tests import make

pytestmark = pytest.mark.django_db

PAGES = [
    "regions/region",
    "organisations/organisation",
    "organisations/fundraisingcertificate",
    "aid/brand",
    "aid/scheme",
    "projects/exemplar",
    "accounts/user",
    "accounts/membership",
]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_administrator_opens_every_set_up_page(page: str) -> None:
    client = client_of(make.user(Role.ADMINISTRATOR, make.CITY))
    assert client.get(f"/admin/{page}/").status_code == 200


@pytest.mark.parametrize("role", [Role.COUNTY_OFFICER, Role.CITY_OFFICER, Role.DONOR])
def test_others_are_turned_away(role: Role) -> None:
    answer = client_of(make.user(role, make.CITY)).get("/admin/aid/brand/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_lead_body_of_a_brand_is_editable_and_the_edit_is_recorded() -> None:
    brand = Brand.objects.create(
        position=99, code="x", name="试点", purpose="living", target="家庭", rhythm="每年"
    )
    lead = Organisation.objects.get(pk=organisation_id("red_cross"))
    client = client_of(make.user(Role.ADMINISTRATOR, make.CITY))
    form = {
        "position": 99,
        "code": "x",
        "name": "试点",
        "purpose": "living",
        "target": "家庭",
        "rhythm": "每年",
        "lead": str(lead.pk),
    }
    answer = client.post(f"/admin/aid/brand/{brand.pk}/change/", form)
    assert answer.status_code == 302
    brand.refresh_from_db()
    assert brand.lead == lead
    with acting_as(SYSTEM):
        event = Event.objects.get(verb="brand.changed")
    assert event.data == {"fields": {"lead": lead.name}}


def test_nothing_is_deleted_here() -> None:
    client = client_of(make.user(Role.ADMINISTRATOR, make.CITY))
    answer = client.post(
        f"/admin/organisations/organisation/{organisation_id('red_cross')}/delete/", {"post": "yes"}
    )
    assert answer.status_code == 403
    assert Organisation.objects.filter(pk=organisation_id("red_cross")).exists()
