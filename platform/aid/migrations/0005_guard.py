"""The guard: triggers and functions that keep the ledger's invariants for every role."""

from pathlib import Path

from django.db import migrations

from kernel.row_security import append_only, in_region, owned_by_guard

GUARD = Path(__file__).with_suffix(".sql").read_text()

#: Functions that must see every row. Those marked False serve other functions only.
SEES_ALL_ROWS = {
    "aid_lock_needs(uuid[])": True,
    "aid_totals(uuid)": False,
    "aid_unpaid(aid_aidentry)": False,
    "aid_limit(text, text)": False,
    "aid_judge(households_need, text, bigint, bigint, boolean, boolean)": False,
    "aid_entry_guard()": True,
    "aid_entry_effects()": True,
    "aid_need_kept()": True,
    "aid_net_changed()": True,
    "aid_guard_check(uuid, text, bigint, bigint, boolean, boolean)": True,
    "aid_residuals(uuid[])": True,
}

#: What the guard reads, locks and writes; UPDATE of a key column is the right to lock a row.
RIGHTS = """
DO $$ DECLARE guard text := quote_ident(current_database() || '_guard');
BEGIN
    EXECUTE 'GRANT SELECT ON aid_aidentry, aid_scheme, aid_guardlimit, aid_benefitperiod,'
         || ' aid_finding, households_household, households_need, households_member,'
         || ' organisations_organisation, regions_region TO ' || guard;
    EXECUTE 'GRANT UPDATE (id) ON households_household, households_need TO ' || guard;
    EXECUTE 'GRANT INSERT, UPDATE, DELETE ON aid_benefitperiod TO ' || guard;
    EXECUTE 'GRANT INSERT, UPDATE ON aid_finding TO ' || guard;
END $$;
"""

REVERSE = """
DROP TRIGGER aid_net_changed ON households_need;
DROP TRIGGER aid_kept ON households_need;
DROP TRIGGER c_effects ON aid_aidentry;
DROP TRIGGER b_guard ON aid_aidentry;
DROP TRIGGER a_reported_by_exchange ON aid_aidentry;
DROP FUNCTION aid_residuals, aid_guard_check, aid_net_changed, aid_need_kept, aid_entry_effects,
    aid_entry_guard, aid_reported_by_exchange, aid_judge, aid_limit, aid_unpaid, aid_totals,
    aid_lock_needs, aid_refuse;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aid", "0004_guardlimit"),
        ("households", "0002_row_security"),
        ("organisations", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(GUARD, REVERSE),
        *(
            migrations.RunSQL(
                owned_by_guard(function)
                + (
                    "" if callable_by_all else f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;"
                ),
                "",
            )
            for function, callable_by_all in SEES_ALL_ROWS.items()
        ),
        migrations.RunSQL(RIGHTS, ""),
        migrations.RunSQL(*append_only("aid_aidentry", "救助台账只能追加，更正请冲正")),
        # Only the guard writes exclusive periods; only the tables' owner writes limits.
        migrations.RunSQL(
            "DROP POLICY scope ON aid_benefitperiod;"
            f"CREATE POLICY scope ON aid_benefitperiod FOR SELECT USING ({in_region()});",
            "DROP POLICY scope ON aid_benefitperiod;"
            f"CREATE POLICY scope ON aid_benefitperiod USING ({in_region()});",
        ),
        migrations.RunSQL(
            "ALTER TABLE aid_guardlimit ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE aid_guardlimit FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY seen ON aid_guardlimit FOR SELECT USING (true);"
            "CREATE POLICY set_up ON aid_guardlimit"
            " USING (current_user = current_database() || '_owner');",
            "DROP POLICY set_up ON aid_guardlimit; DROP POLICY seen ON aid_guardlimit;"
            "ALTER TABLE aid_guardlimit NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE aid_guardlimit DISABLE ROW LEVEL SECURITY;",
        ),
    ]
