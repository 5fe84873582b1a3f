"""The money ledger keeps itself: balanced, sealed, append-only, never overdrawn (invariant 4).

The functions belong to guard: a charity must not be able to unbalance what it does not see. An
entry's check runs at commit; a posting after SET CONSTRAINTS ... IMMEDIATE queues it again.
"""

from django.db import migrations

from kernel.row_security import (
    SEES_ALL,
    any_of,
    append_only,
    in_organisation,
    owned_by_guard,
    row_policy,
)

DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

FUNDS = """
CREATE FUNCTION donors_fund_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'funds are not deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF coalesce(NEW.balance_fen, 0) <> 0 THEN
            RAISE EXCEPTION 'a fund starts at 0' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF current_user <> current_database() || '_guard' THEN
        RAISE EXCEPTION 'funds change by postings alone' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON donors_fund
    FOR EACH ROW EXECUTE FUNCTION donors_fund_keep();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON donors_fund
    FOR EACH STATEMENT EXECUTE FUNCTION donors_fund_keep();
DO $$ BEGIN EXECUTE format('GRANT UPDATE (balance_fen) ON donors_fund TO %I',
    current_database() || '_guard'); END $$;
"""

ENTRIES = f"""
CREATE FUNCTION donors_journalentry_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    NEW.created_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON donors_journalentry
    FOR EACH ROW EXECUTE FUNCTION donors_journalentry_stamp();

CREATE FUNCTION donors_entry_check(of_entry uuid) RETURNS void {DEFINER} AS $$
DECLARE
    legs bigint;
    total numeric;
    owners bigint;
BEGIN
    SELECT count(*), coalesce(sum(p.amount_fen), 0),
        count(*) FILTER (WHERE f.organisation_id <> e.organisation_id)
        INTO legs, total, owners
        FROM donors_journalentry e JOIN donors_posting p ON p.entry_id = e.id
        JOIN donors_fund f ON f.id = p.fund_id WHERE e.id = of_entry;
    IF legs < 2 OR total <> 0 OR owners <> 0 THEN
        RAISE EXCEPTION 'entry % has % postings that sum to % fen, % of another charity',
            of_entry, legs, total, owners
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
END $$;

CREATE FUNCTION donors_entry_check_entry() RETURNS trigger {DEFINER} AS $$
BEGIN
    PERFORM donors_entry_check(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION donors_entry_check_posting() RETURNS trigger {DEFINER} AS $$
BEGIN
    PERFORM donors_entry_check(NEW.entry_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON donors_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION donors_entry_check_entry();
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON donors_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION donors_entry_check_posting();

CREATE FUNCTION donors_posting_apply() RETURNS trigger {DEFINER} AS $$
DECLARE
    written bigint;
BEGIN
    SELECT transaction_id INTO written FROM donors_journalentry WHERE id = NEW.entry_id;
    IF written IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'the entry was sealed with its transaction'
            USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE donors_fund SET balance_fen = balance_fen + NEW.amount_fen
        WHERE id = NEW.fund_id AND balance_fen IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER apply AFTER INSERT ON donors_posting
    FOR EACH ROW EXECUTE FUNCTION donors_posting_apply();
"""
ENTRIES_BACK = """
DROP TRIGGER apply ON donors_posting; DROP TRIGGER balances ON donors_posting;
DROP TRIGGER balances ON donors_journalentry; DROP TRIGGER stamp ON donors_journalentry;
DROP FUNCTION donors_posting_apply(); DROP FUNCTION donors_entry_check_posting();
DROP FUNCTION donors_entry_check_entry(); DROP FUNCTION donors_entry_check(uuid);
DROP FUNCTION donors_journalentry_stamp();
"""
FUNCTIONS = (
    "donors_entry_check(uuid)",
    "donors_entry_check_entry()",
    "donors_entry_check_posting()",
    "donors_posting_apply()",
)
OURS = any_of(in_organisation(), SEES_ALL)


class Migration(migrations.Migration):
    dependencies = [("donors", "0005_ledger")]
    operations = [
        migrations.RunSQL(
            FUNDS,
            "DROP TRIGGER no_truncate ON donors_fund; DROP TRIGGER keep ON donors_fund;"
            "DROP FUNCTION donors_fund_keep();",
        ),
        migrations.RunSQL(ENTRIES, ENTRIES_BACK),
        *(migrations.RunSQL(owned_by_guard(f), migrations.RunSQL.noop) for f in FUNCTIONS),
        migrations.RunSQL(*append_only("donors_journalentry", "entries are corrected by new ones")),
        migrations.RunSQL(*append_only("donors_posting", "entries are corrected by new ones")),
        migrations.RunSQL(*row_policy("donors_fund", OURS)),
        migrations.RunSQL(*row_policy("donors_journalentry", OURS)),
        migrations.RunSQL(
            *row_policy(
                "donors_posting", "EXISTS (SELECT 1 FROM donors_fund f WHERE f.id = fund_id)"
            )
        ),
    ]
