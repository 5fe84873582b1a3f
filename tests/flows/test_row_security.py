"""The second net: with the scoped selectors switched off, PostgreSQL still shows no foreign row."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg.types.json import Jsonb

from audit.acting import acting_as
from households.models import Consent, Household, Member, Need, Person, Recognition
from kernel import clock
from kernel.access import PUBLIC, SYSTEM, Actor, Role
from kernel.ids import new_id
from tests import make
from tests.flows.sides import Side

#: Tables without row-level security, each with its reason.
OPEN_TABLES = {
    "django_migrations": "technical: names of migrations",
    "django_content_type": "technical: names of models",
    "django_session": "read before anybody acts; a key nobody guesses, a signed user id",
    "django_admin_log": "never written: the audit event is the record",
    "auth_group": "unused: rights come from memberships",
    "auth_group_permissions": "unused: rights come from memberships",
    "auth_permission": "technical: unused names",
    "accounts_user": "log-in reads it before anybody acts; holds no rights",
    "accounts_membership": "read at every request before anybody acts; says who acts",
    "regions_region": "reference: public divisions; the policies themselves read it",
    "organisations_organisation": "reference: public bodies",
    "organisations_fundraisingcertificate": "reference: published certificates",
    "aid_scheme": "reference: names of schemes",
    "aid_brand": "reference: names of brands",
    "projects_exemplar": "reference: published exemplars",
}

#: What everybody may read, as a condition on the table.
PUBLIC_ROWS = {
    "aid_guardlimit": "true",
    "donors_charityaccount": "true",
    "projects_project": "state IN ('filed', 'open', 'ended')",
    "projects_wish": "published_at IS NOT NULL AND state <> 'withdrawn'",
    "projects_delivery": "false",  # those of published wishes; the sides' wish is a draft
    "projects_wishoutcome": "false",
}

#: Rows that anybody may write in his own name: the name is then left as it is on the other side.
OWN_ROWS = {"audit_event", "donors_claim", "donors_donation", "jobs_job", "jobs_idempotentreply"}
NAMES = {"recorded_by", "created_by", "drafted_by", "proposed_by", "decided_by", "actor_id"}
#: Refused by a policy, by the guard of the ledger, or by a table's own trigger.
REFUSED = {"42501", "P1798", "23001"}

pytestmark = pytest.mark.django_db


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def tables() -> list[str]:
    return [
        name
        for (name,) in rows(
            "SELECT relname::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_depend d"
            " WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
        )
    ]


def scoped_tables() -> list[str]:
    """Tables of our models that are not open; new ones come by themselves."""
    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and model._meta.db_table not in OPEN_TABLES
        }
    )


def test_every_table_forces_row_security_or_is_listed_with_its_reason() -> None:
    guarded = {
        name
        for (name,) in rows(
            "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relrowsecurity AND c.relforcerowsecurity"
            " AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        )
    }
    assert sorted(set(tables()) - guarded - set(OPEN_TABLES)) == []
    assert sorted(set(OPEN_TABLES) - set(tables())) == []
    assert sorted(guarded & set(OPEN_TABLES)) == []


def test_no_policy_lets_everybody_write() -> None:
    too_wide = rows(
        "SELECT tablename::text, policyname::text FROM pg_policies WHERE schemaname = 'public'"
        " AND cmd <> 'SELECT' AND 'true' IN (coalesce(with_check, qual), coalesce(qual, ''))"
    )
    assert too_wide == []


def test_no_view_reads_past_its_callers_policies() -> None:
    views = rows(
        "SELECT relname::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('v', 'm') AND NOT coalesce('security_invoker=true' = ANY (reloptions),"
        " false) AND NOT EXISTS (SELECT FROM pg_depend d"
        " WHERE d.objid = c.oid AND d.deptype = 'e')"
    )
    assert views == []


def test_the_application_bypasses_nothing() -> None:
    ((name, superuser, bypass, owned),) = rows(
        "SELECT current_user::text, rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class"
        " WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
    )
    assert name.endswith("_web")
    assert (superuser, bypass, owned) == (False, False, 0)


class Sides(NamedTuple):
    """Two sides, and the keys of every row that came with the second one."""

    ours: Side
    theirs: Side
    foreign: dict[str, set[Any]]


@pytest.fixture
def sides(db: None) -> Sides:
    ours = Side(make.COUNTY, make.VILLAGE)
    before = _all_keys()
    theirs = Side(make.OTHER_COUNTY, make.OTHER_VILLAGE)
    after = _all_keys()
    return Sides(ours, theirs, {table: keys - before[table] for table, keys in after.items()})


def _all_keys() -> dict[str, set[Any]]:
    """Keys of every row, by table."""
    with acting_as(SYSTEM):
        return {
            table: {key for (key,) in rows(f"SELECT {_key(table)} FROM {table}")}
            for table in scoped_tables()
        }


def _key(table: str) -> str:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            return str(model._meta.pk.column)
    raise LookupError(table)


def _public(table: str, keys: set[Any]) -> set[Any]:
    if table not in PUBLIC_ROWS:
        return set()
    key = _key(table)
    with acting_as(SYSTEM):
        return {
            found
            for (found,) in rows(
                f"SELECT {key} FROM {table} WHERE {key} = ANY (%s) AND ({PUBLIC_ROWS[table]})",
                list(keys),
            )
        }


#: Everybody's: no side has rows of its own.
COMMON = {"aid_guardlimit"}


def test_the_sides_have_a_row_of_every_kind(sides: Sides) -> None:
    assert {table for table, keys in sides.foreign.items() if not keys} == COMMON


def test_nobody_sees_or_touches_a_row_of_another_side(sides: Sides) -> None:
    leaks = [
        leak
        for table, keys in sides.foreign.items()
        for actor in (sides.ours.officer, sides.ours.collector, sides.ours.donor, PUBLIC)
        for leak in _leaks(table, keys, keys - _public(table, keys), actor)
    ]
    assert leaks == []


def _leaks(table: str, keys: set[Any], hidden: set[Any], actor: Actor) -> Iterator[str]:
    key, who = _key(table), actor.name
    with acting_as(actor):
        seen = {found for (found,) in rows(f"SELECT {key} FROM {table}")} & hidden
        if seen:
            yield f"{who} sees {len(seen)} of {table}"
        for verb, sql in (
            ("changes", f"UPDATE {table} SET {key} = {key} WHERE {key} = ANY (%s)"),
            ("deletes", f"DELETE FROM {table} WHERE {key} = ANY (%s)"),
        ):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql, [list(keys)])
                    touched = cursor.rowcount
            except DatabaseError as error:
                if getattr(error.__cause__, "sqlstate", "") != "42501":
                    yield f"{who} {verb} {table}: {error}"
                continue
            if touched:
                yield f"{who} {verb} {touched} of {table}"


def test_nobody_writes_a_row_for_another_side(sides: Sides) -> None:
    written = []
    for table in sorted(set(sides.foreign) - COMMON):
        key, columns = _key(table), _columns(table)
        with acting_as(SYSTEM):
            found = rows(
                f"SELECT * FROM {table} WHERE {key} = ANY (%s) LIMIT 1", list(sides.foreign[table])
            )
        copy = dict(zip(columns, found[0], strict=True))
        for actor in (sides.ours.officer, sides.ours.collector, sides.ours.donor, PUBLIC):
            with acting_as(actor):
                code = _insert(table, _as_mine(table, copy, actor))
            if code not in REFUSED:
                written.append(f"{actor.name} writes {table}: {code}")
    assert written == []


def _columns(table: str) -> list[str]:
    return [
        name
        for (name,) in rows(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            table,
        )
    ]


def _as_mine(table: str, row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The row again under a new key and, where that gives no right, in the writer's own name."""
    key = _key(table)
    new = {name: Jsonb(v) if isinstance(v, dict | list) else v for name, v in row.items()}
    new[key] = new_id() if not isinstance(row[key], int) else row[key] + 1_000_000
    if table not in OWN_ROWS:
        new |= dict.fromkeys(NAMES & set(new), actor.id)
    if table == "projects_project":
        new["categories"] = []
    if table == "audit_event":
        new |= {"position": None, "chain_hash": None}
    return new


def _insert(table: str, row: dict[str, Any]) -> str:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", error))
    return "accepted"


def test_a_visitor_sees_published_rows_and_nothing_else(sides: Sides) -> None:
    with acting_as(PUBLIC):
        for table in scoped_tables():
            shown = PUBLIC_ROWS.get(table, "false")
            assert rows(f"SELECT count(*) FROM {table} WHERE NOT ({shown})") == [(0,)], table
        assert rows("SELECT count(*) FROM projects_wish") == [(2,)]
        assert rows("SELECT count(*) FROM projects_project") == [(2,)]


def test_without_an_actor_nothing_is_seen(sides: Sides) -> None:
    for table in scoped_tables():
        if table not in PUBLIC_ROWS:
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


class Known:
    """A family, and a charity that may or may not know it."""

    def __init__(self) -> None:
        self.charity = make.charity()
        self.collector = make.actor(Role.CHARITY_OFFICER, organisation=self.charity)
        self.household = make.household()
        self.person = make.person(self.household)
        make.need(self.household)
        with acting_as(SYSTEM):
            Recognition.objects.create(
                household=self.household,
                person=self.person,
                region=self.household.region,
                category="dibao",
                period=Member.objects.get().period,
            )

    def seen(self) -> tuple[int, ...]:
        with acting_as(self.collector):
            return tuple(
                model.objects.count() for model in (Household, Member, Person, Need, Recognition)
            )


@pytest.mark.parametrize(
    ("given", "until", "withdrawn", "count"),
    [
        (0, 0, None, 1),
        (-400, -1, None, 0),
        (1, 30, None, 0),
        (-30, 30, 0, 0),
        (-30, 30, None, 1),
    ],
)
def test_a_charity_sees_a_family_only_while_its_consent_is_in_force(
    given: int, until: int, withdrawn: int | None, count: int
) -> None:
    known, today = Known(), clock.today()
    assert known.seen() == (0,) * 5
    consent = make.consent(known.household, known.charity)
    with acting_as(SYSTEM):
        Consent.objects.filter(pk=consent.pk).update(
            given_on=today + timedelta(days=given),
            valid_until=today + timedelta(days=until),
            withdrawn_on=None if withdrawn is None else today + timedelta(days=withdrawn),
        )
    assert known.seen() == (count,) * 5


def test_a_consent_to_one_charity_tells_another_nothing() -> None:
    known = Known()
    make.consent(known.household, make.charity())
    assert known.seen() == (0,) * 5


def test_who_has_left_the_family_is_not_shown_to_whom_it_agrees_with() -> None:
    known = Known()
    make.consent(known.household, known.charity)
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE households_member SET period = '[2020-01-01,2021-01-01)'")
    assert known.seen() == (1, 0, 0, 1, 1)


@pytest.mark.parametrize(
    "table",
    ["household", "member", "person", "need", "recognition", "consent"],
)
def test_a_charity_that_may_see_a_family_can_neither_change_nor_delete_it(table: str) -> None:
    known = Known()
    make.consent(known.household, known.charity)
    for sql in (f"UPDATE households_{table} SET id = id", f"DELETE FROM households_{table}"):
        with acting_as(known.collector), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM households_{table}")
            assert cursor.fetchone() == (1,)
            cursor.execute(sql)
            assert cursor.rowcount == 0


def test_a_county_attaches_nothing_to_a_family_of_another() -> None:
    theirs = make.household(make.OTHER_VILLAGE)
    officer = make.actor(Role.COUNTY_OFFICER)
    for model in (Consent, Need):
        values: dict[str, Any] = {
            Consent: {
                "organisation": make.charity(),
                "scope": "x",
                "evidence": "x",
                "given_on": clock.today(),
                "valid_until": clock.today(),
            },
            Need: {
                "scope_id": theirs.pk,
                "purpose": "medical",
                "cost_item": "x",
                "period": (make.START, make.END),
            },
        }[model]
        with acting_as(officer), pytest.raises(DatabaseError, match="not of its household"):
            model.objects.create(household=theirs, region=make.region(), **values)


def _scope() -> tuple[str, ...]:
    return tuple(
        str(value)
        for value in rows(
            "SELECT coalesce(current_setting('app.actor_id', true), ''),"
            " coalesce(current_setting('app.region_paths', true), ''),"
            " coalesce(current_setting('app.organisation_ids', true), '')"
        )[0]
    )


def test_the_scope_ends_with_its_block_and_with_its_exception() -> None:
    outer, inner = make.actor(Role.COUNTY_OFFICER), make.actor(Role.AUDITOR, make.OTHER_COUNTY)
    with acting_as(outer):
        before = _scope()
        with acting_as(inner):
            assert _scope() != before
        assert _scope() == before
        with pytest.raises(ZeroDivisionError), acting_as(inner):
            raise ZeroDivisionError
        assert _scope() == before
        with acting_as(inner):
            within = _scope()
            with pytest.raises(DatabaseError), transaction.atomic():
                rows("SELECT 1/0")
            assert _scope() == within
            with transaction.atomic(), acting_as(SYSTEM):
                pass
            assert _scope() == within
        assert _scope() == before
    assert _scope() == ("", "", "")


def test_a_failed_statement_is_not_hidden_by_the_way_out() -> None:
    outer = make.actor(Role.COUNTY_OFFICER)
    with acting_as(outer):
        before = _scope()
        with pytest.raises(DatabaseError, match="division by zero"), acting_as(SYSTEM):
            rows("SELECT 1/0")
        assert _scope() == before


def test_the_next_request_on_the_same_connection_starts_as_nobody(
    committed_db: dict[str, str],
) -> None:
    make.household()
    user = make.user(Role.COUNTY_OFFICER)
    client = Client()
    client.force_login(user)
    (first,) = rows("SELECT pg_backend_pid()")
    assert client.get("/staff/").status_code in (200, 503)
    assert _scope() == ("", "", "")
    assert Household.objects.count() == 0
    with acting_as(make.actor(Role.COUNTY_OFFICER)):
        assert Household.objects.count() == 1
    assert Household.objects.count() == 0
    assert rows("SELECT pg_backend_pid()") == [first]
