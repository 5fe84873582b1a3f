"""The ledger is written by the state in its region, by a charity for itself where it is known.

Whoever put his own id in ``recorded_by`` could write any line: a donor a government promise for
any family, which nobody refuses and which shuts charity out. What was prevented is counted once
and stays.
"""

from django.db import migrations

from kernel.row_security import any_of, append_only, in_organisation, in_region, is_actor

SEEN = any_of(in_region(), in_organisation(), is_actor("recorded_by"))
#: Payments go on after a consent has ended; a new promise needs a need that one may see.
SOCIETY = (
    f"({in_organisation()} AND layer NOT IN ('insurance', 'government', 'reserve')"
    " AND (kind <> 'promise' OR EXISTS (SELECT 1 FROM households_need n WHERE n.id = need_id)))"
)
WRITE = any_of(in_region(), SOCIETY)
COUNTED = any_of(in_region(), in_organisation())


class Migration(migrations.Migration):
    dependencies = [("aid", "0005_guard"), ("households", "0003_readers_are_not_writers")]
    operations = [
        migrations.RunSQL(
            "DROP POLICY scope ON aid_aidentry;"
            f"CREATE POLICY readers ON aid_aidentry FOR SELECT USING ({SEEN});"
            f"CREATE POLICY writers ON aid_aidentry FOR INSERT WITH CHECK ({WRITE});",
            "DROP POLICY writers ON aid_aidentry; DROP POLICY readers ON aid_aidentry;"
            f"CREATE POLICY scope ON aid_aidentry USING ({SEEN}) WITH CHECK ({SEEN});",
        ),
        migrations.RunSQL(*append_only("aid_prevented", "已避免的重复只能追加")),
    ]
