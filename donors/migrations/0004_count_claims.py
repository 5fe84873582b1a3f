"""Invariant 3: a wish is claimed at most to its quantity, whatever the concurrency.

Held and paid claims are counted on the wish's row, so that two claims always meet there, at any
isolation level; a CHECK on that row refuses the one too many. The function belongs to guard: under
row-level security a donor sees only his own claims, and a sum over them would let all through.
"""

from django.db import migrations

from kernel.row_security import owned_by_guard

COUNT = """
CREATE FUNCTION donors_claim_count() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    delta bigint := 0;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'claims are not deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.wish_id, NEW.quantity, NEW.donor_id, NEW.organisation_id)
            IS DISTINCT FROM (OLD.id, OLD.wish_id, OLD.quantity, OLD.donor_id, OLD.organisation_id)
        THEN
            RAISE EXCEPTION 'a claim keeps its wish, quantity, donor and charity'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state = OLD.state THEN
            RETURN NULL;
        END IF;
        IF OLD.state <> 'held' THEN
            RAISE EXCEPTION 'a claim that is % stays so', OLD.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state IN ('expired', 'cancelled') THEN
            delta := -OLD.quantity;
        END IF;
    ELSIF NEW.state IN ('held', 'paid') THEN
        delta := NEW.quantity;
    END IF;
    IF delta = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE projects_wish SET held_quantity = held_quantity + delta
        WHERE id = NEW.wish_id AND organisation_id = NEW.organisation_id
        AND (delta < 0 OR state = 'published');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a published wish of this charity can be claimed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_on_published_wish';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_claims AFTER INSERT OR UPDATE OR DELETE ON donors_claim
    FOR EACH ROW EXECUTE FUNCTION donors_claim_count();
DO $$ BEGIN EXECUTE format('GRANT UPDATE (held_quantity) ON projects_wish TO %I',
    current_database() || '_guard'); END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("donors", "0003_row_security"), ("projects", "0004_readers_are_not_writers")]
    operations = [
        migrations.RunSQL(
            COUNT, "DROP TRIGGER count_claims ON donors_claim; DROP FUNCTION donors_claim_count();"
        ),
        migrations.RunSQL(owned_by_guard("donors_claim_count()"), migrations.RunSQL.noop),
    ]
