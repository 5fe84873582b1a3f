"""Whoever reads a family by its consent may not change it, and a row hangs on its own family.

One policy for everything let a charity delete what it was allowed to see, and let a county attach
a need or a consent of its own region to another county's household. Who left a household is not
shown to whom it later agrees with. A person's key goes with the sight of the person.
"""

from django.db import migrations

from kernel.row_security import (
    SEES_ALL,
    any_of,
    in_organisation,
    in_region,
    owned_by_guard,
    split_policy,
)

TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"


def consented(household: str) -> str:
    """Return the condition that the household agreed that the actor's organisation knows it."""
    return (
        f"EXISTS (SELECT 1 FROM households_consent c WHERE c.household_id = {household}"
        f" AND {in_organisation('c.organisation_id')} AND c.withdrawn_on IS NULL"
        f" AND {TODAY} BETWEEN c.given_on AND c.valid_until)"
    )


#: A policy cannot ask this: the household's own policy reads consents.
OF_ITS_HOUSEHOLD = """
CREATE FUNCTION households_of_its_household() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM households_household h
                    WHERE h.id = NEW.household_id AND h.region_id = NEW.region_id) THEN
        RAISE EXCEPTION 'the row is not of its household''s region'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
TABLES = ("consent", "member", "recognition", "need", "medicalbill")


def _hang(table: str) -> tuple[str, str]:
    return (
        f"CREATE TRIGGER of_its_household BEFORE INSERT OR UPDATE OF household_id, region_id"
        f" ON households_{table} FOR EACH ROW EXECUTE FUNCTION households_of_its_household();",
        f"DROP TRIGGER of_its_household ON households_{table};",
    )


#: table -> who reads it besides its region; before, the same let one change it.
READERS = {
    "households_recognition": consented("households_recognition.household_id"),
    "households_need": consented("households_need.household_id"),
    "households_consent": in_organisation(),
}
MEMBER = consented("households_member.household_id")
HOUSEHOLD = consented("households_household.id")
PERSON = "EXISTS (SELECT 1 FROM households_member m WHERE m.person_id = households_person.id)"
SENDER = in_organisation("sender_id")


def _read(condition: str) -> str:
    return any_of(in_region(), condition)


# Correlated: "IN (SELECT ...)" would put every person of the city through its own policy.
OF_A_PERSON_SEEN = (
    "EXISTS (SELECT 1 FROM households_person p WHERE p.id = audit_personkey.person_id)"
)
PERSON_KEY = f"""
ALTER TABLE audit_personkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_personkey FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON audit_personkey FOR SELECT
    USING ({SEES_ALL} OR {OF_A_PERSON_SEEN});
CREATE POLICY makers ON audit_personkey FOR INSERT
    WITH CHECK ({SEES_ALL} OR {OF_A_PERSON_SEEN});
CREATE POLICY scope ON audit_personkey USING ({SEES_ALL}) WITH CHECK ({SEES_ALL});
"""
PERSON_KEY_BACK = """
DROP POLICY scope ON audit_personkey;
DROP POLICY makers ON audit_personkey;
DROP POLICY readers ON audit_personkey;
ALTER TABLE audit_personkey NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_personkey DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0002_row_security"), ("audit", "0002_keep_append_only")]
    operations = [
        *(
            migrations.RunSQL(
                *split_policy(
                    table,
                    read=_read(reader),
                    write=in_region(),
                    before=(_read(reader), in_region()),
                )
            )
            for table, reader in READERS.items()
        ),
        migrations.RunSQL(
            *split_policy(
                "households_member",
                read=_read(f"(households_member.period @> {TODAY} AND {MEMBER})"),
                write=in_region(),
                before=(_read(MEMBER), in_region()),
            )
        ),
        migrations.RunSQL(
            *split_policy(
                "households_household",
                read=_read(HOUSEHOLD),
                write=in_region(),
                before=(_read(HOUSEHOLD), in_region()),
            )
        ),
        migrations.RunSQL(
            *split_policy(
                "households_person",
                read=_read(PERSON),
                write=in_region(),
                before=(_read(PERSON), in_region()),
            )
        ),
        migrations.RunSQL(
            *split_policy(
                "households_medicalbill",
                read=_read(SENDER),
                write=in_region(),
                before=(_read(SENDER), _read(SENDER)),
            )
        ),
        migrations.RunSQL(PERSON_KEY, PERSON_KEY_BACK),
        migrations.RunSQL(OF_ITS_HOUSEHOLD, "DROP FUNCTION households_of_its_household();"),
        migrations.RunSQL(owned_by_guard("households_of_its_household()"), migrations.RunSQL.noop),
        *(migrations.RunSQL(*_hang(table)) for table in TABLES),
    ]
