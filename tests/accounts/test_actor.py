"""From a user to today's actor: dated memberships, read afresh at every request."""

from datetime import date

import pytest
from django.db import connection

from accounts.models import Membership
from accounts.selectors import actor_of
from audit.acting import acting_as
from kernel.access import SYSTEM, Role
from tests import make

pytestmark = pytest.mark.django_db


def settings_in_database() -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.actor_id', true), ''),"
            " coalesce(current_setting('app.region_paths', true), ''),"
            " coalesce(current_setting('app.organisation_ids', true), '')"
        )
        found: tuple[str, str, str] = cursor.fetchone()
    return found


def test_membership_counts_only_within_its_dates() -> None:
    user = make.user(Role.COUNTY_OFFICER)
    Membership.objects.update(valid_until=date(2026, 3, 31))
    assert actor_of(user, date(2026, 3, 31)).has(Role.COUNTY_OFFICER)
    assert not actor_of(user, date(2026, 4, 1)).grants


def test_the_database_knows_the_actor_and_forgets_him() -> None:
    charity = make.charity()
    officer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(officer):
        assert settings_in_database() == (str(officer.id), "/350600/350602/", "")
        with acting_as(make.actor(Role.CHARITY_OFFICER, organisation=charity)):
            assert settings_in_database()[1:] == ("", str(charity.id))
        assert settings_in_database()[0] == str(officer.id)
    assert settings_in_database() == ("", "", "")


def test_scope_is_restored_after_an_error() -> None:
    with acting_as(SYSTEM):
        with pytest.raises(ZeroDivisionError), acting_as(make.actor(Role.AUDITOR)):
            _ = 1 / 0
        assert settings_in_database()[1] == "/"
