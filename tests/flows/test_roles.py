"""Rights end at once, dead connections let go, and the guard's functions are as narrow as said."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.models import Membership, User
from accounts.selectors import actor_of
from audit.acting import acting_as
from households.models import Household
from kernel import clock
from kernel.access import SYSTEM, Role
from tests import make
from tests.flows.test_row_security import rows

#: SECURITY DEFINER functions that anybody may call, and what they tell.
CALLABLE = {
    "aid_lock_needs": "locks in the ledger's order; returns nothing",
    "aid_guard_check": "a code and what is left",
    "aid_residuals": "what is left",
}


def _staff_status(client: Client) -> tuple[int, str]:
    reply = client.get("/staff/")
    return reply.status_code, reply.headers.get("Location", "")


REFUSED = (302, "/login/?next=%2Fstaff%2F")


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["ended", "not begun", "removed", "switched off"])
def test_a_right_that_ends_while_logged_in_is_refused_at_the_next_request(how: str) -> None:
    user = make.user(Role.COUNTY_OFFICER)
    client = Client()
    assert client.login(username=user.username, password="test1798")
    assert _staff_status(client) in [(200, ""), (503, "")]  # 503: pages not built

    today, posts = clock.today(), Membership.objects.filter(user=user)
    match how:
        case "ended":
            posts.update(valid_until=today - timedelta(days=1))
        case "not begun":
            posts.update(valid_from=today + timedelta(days=1))
        case "removed":
            posts.delete()
        case "switched off":
            User.objects.filter(pk=user.pk).update(is_active=False)

    assert _staff_status(client) == REFUSED
    if _there("/graphql/"):
        asked = client.post(
            "/graphql/",
            {"query": "{ needs { edges { node { id } } } }"},
            content_type="application/json",
        )
        assert not (asked.json().get("data") or {}).get("needs")
    assert client.get("/api/batches/").status_code in (401, 403, 404)


def _there(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@pytest.mark.django_db
def test_a_post_is_held_on_its_last_day_and_not_on_the_next() -> None:
    user, today = make.user(Role.COUNTY_OFFICER), clock.today()
    Membership.objects.filter(user=user).update(valid_until=today)
    assert actor_of(user).has(Role.COUNTY_OFFICER)
    assert not actor_of(user, today + timedelta(days=1)).grants


@pytest.mark.django_db
def test_the_system_s_role_is_nobody_s_post() -> None:
    user = make.user(Role.COUNTY_OFFICER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=user).update(role=Role.SYSTEM.value)


@pytest.mark.django_db
def test_a_donor_s_membership_of_a_charity_opens_none_of_its_rows() -> None:
    user = make.user(Role.DONOR, make.CITY, make.charity())
    assert actor_of(user).organisation_ids == ()


def test_a_killed_connection_rolls_back_and_lets_go_of_its_locks(
    committed_db: dict[str, str],
) -> None:
    home = make.household()

    def lose_connection() -> None:
        with acting_as(SYSTEM):
            Household.objects.select_for_update().get(pk=home.pk)
            Household.objects.filter(pk=home.pk).update(address="half written")
            ((pid,),) = rows("SELECT pg_backend_pid()")
            with psycopg.connect(committed_db["admin"], autocommit=True) as admin:
                assert admin.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone() == (True,)
            Household.objects.count()

    with pytest.raises(OperationalError):
        lose_connection()
    connection.close()
    with acting_as(SYSTEM):
        # Waits for nobody: the lock went with the connection.
        kept = Household.objects.select_for_update(nowait=True).get(pk=home.pk)
        assert kept.address == ""
    assert Household.objects.count() == 0, "the new connection starts as nobody"


@pytest.mark.django_db
def test_functions_that_see_every_row_are_the_guard_s_and_pinned() -> None:
    found = rows(
        "SELECT p.proname::text, o.rolname = current_database() || '_guard',"
        " coalesce(array_to_string(p.proconfig, ','), ''),"
        " p.prorettype = 'trigger'::regtype, has_function_privilege('public', p.oid, 'EXECUTE')"
        " FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    assert len(found) > 10
    for name, of_guard, settings, is_trigger, open_to_all in found:
        assert of_guard, name
        assert settings == "search_path=pg_catalog, public, pg_temp", name
        assert is_trigger or not open_to_all or name in CALLABLE, name
    assert set(CALLABLE) <= {name for name, *_ in found}


@pytest.mark.django_db
def test_the_guard_owns_nothing_else_and_nobody_logs_in_as_it() -> None:
    assert rows(
        "SELECT r.rolcanlogin, r.rolsuper, (SELECT count(*) FROM pg_class c"
        " WHERE c.relowner = r.oid), (SELECT count(*) FROM pg_proc p WHERE p.proowner = r.oid"
        " AND NOT p.prosecdef) FROM pg_roles r WHERE r.rolname = current_database() || '_guard'"
    ) == [(False, False, 0, 0)]
    assert rows(
        "SELECT pg_has_role(current_user, current_database() || '_guard', 'MEMBER'),"
        " pg_has_role(current_user, current_database() || '_exchange', 'MEMBER')"
    ) == [(False, False)]


@pytest.mark.django_db
def test_nobody_but_the_owner_and_the_guard_may_plant_a_function_or_table() -> None:
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
