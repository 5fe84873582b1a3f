"""A donor opens claims and donations of his own; what has been paid is the system's to say.

One policy for everything let a donor set his own donation to received, and a charity change the
claims made to it. Members of a charity are known to it and to themselves; the account that money
goes to is public and changed by the system alone.
"""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, is_actor

SEEN = any_of(is_actor("donor_id"), in_organisation(), SEES_ALL)
OPENED = f"({is_actor('donor_id')} AND state = 'held')"
PLEDGED = (
    f"({is_actor('donor_id')} AND state = 'pledged'"
    " AND EXISTS (SELECT 1 FROM donors_claim c WHERE c.id = donors_donation.claim_id"
    " AND c.donor_id = donors_donation.donor_id AND c.wish_id = donors_donation.wish_id"
    " AND c.organisation_id = donors_donation.organisation_id))"
)
#: A held claim stays held in the donor's hands: he may only prolong it while he pays.
CLAIMS = f"""
DROP POLICY scope ON donors_claim;
CREATE POLICY readers ON donors_claim FOR SELECT USING ({SEEN});
CREATE POLICY scope ON donors_claim
    USING ({any_of(OPENED, SEES_ALL)}) WITH CHECK ({any_of(OPENED, SEES_ALL)});
DROP POLICY scope ON donors_donation;
CREATE POLICY readers ON donors_donation FOR SELECT USING ({SEEN});
CREATE POLICY donors ON donors_donation FOR INSERT WITH CHECK ({PLEDGED});
CREATE POLICY scope ON donors_donation USING ({SEES_ALL}) WITH CHECK ({SEES_ALL});
"""
CLAIMS_BACK = f"""
DROP POLICY scope ON donors_donation;
DROP POLICY donors ON donors_donation;
DROP POLICY readers ON donors_donation;
CREATE POLICY scope ON donors_donation USING ({SEEN}) WITH CHECK ({SEEN});
DROP POLICY scope ON donors_claim;
DROP POLICY readers ON donors_claim;
CREATE POLICY scope ON donors_claim USING ({SEEN}) WITH CHECK ({SEEN});
"""


def new_policies(table: str, read: str) -> tuple[str, str]:
    """Return (forward, reverse) SQL: read by ``read``, written by the system alone."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY readers ON {table} FOR SELECT USING ({read});"
        f"CREATE POLICY scope ON {table} USING ({SEES_ALL}) WITH CHECK ({SEES_ALL});",
        f"DROP POLICY scope ON {table}; DROP POLICY readers ON {table};"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


MEMBERS = any_of(is_actor("donor_id"), in_organisation(), SEES_ALL)


class Migration(migrations.Migration):
    dependencies = [("donors", "0006_seal_ledger")]
    operations = [
        migrations.RunSQL(CLAIMS, CLAIMS_BACK),
        migrations.RunSQL(*new_policies("donors_donor_member_of", MEMBERS)),
        migrations.RunSQL(*new_policies("donors_charityaccount", "true")),
        # It tells how many postings an entry has and what they sum to.
        migrations.RunSQL(
            "REVOKE EXECUTE ON FUNCTION donors_entry_check(uuid) FROM PUBLIC;",
            "GRANT EXECUTE ON FUNCTION donors_entry_check(uuid) TO PUBLIC;",
        ),
    ]
