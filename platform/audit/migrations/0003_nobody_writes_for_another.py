"""An event is written in the actor's own name, by the database's clock, and unsealed.

Personal keys are the concern of ``households``, which knows who may see a person.
"""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_region, is_actor

SEEN = any_of(is_actor("actor_id"), in_region("region_id"))

POLICIES = f"""
DROP POLICY scope ON audit_event;
CREATE POLICY readers ON audit_event FOR SELECT USING ({SEEN});
CREATE POLICY writers ON audit_event FOR INSERT
    WITH CHECK ({any_of(is_actor("actor_id"), SEES_ALL)});
CREATE POLICY sealer ON audit_event FOR UPDATE USING ({SEES_ALL}) WITH CHECK ({SEES_ALL});
"""
POLICIES_BACK = f"""
DROP POLICY sealer ON audit_event;
DROP POLICY writers ON audit_event;
DROP POLICY readers ON audit_event;
CREATE POLICY scope ON audit_event USING ({SEEN}) WITH CHECK (true);
"""

STAMP = """
CREATE FUNCTION audit_event_stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.position IS NOT NULL OR NEW.chain_hash IS NOT NULL THEN
        RAISE EXCEPTION '审计事件由封存程序编号' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.recorded_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_stamp();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_keep_append_only")]
    operations = [
        migrations.RunSQL(POLICIES, POLICIES_BACK),
        migrations.RunSQL(
            STAMP, "DROP TRIGGER stamp ON audit_event; DROP FUNCTION audit_event_stamp();"
        ),
    ]
