"""Events are never changed or removed; only the sealer may fill in position and hash, once."""

from django.db import migrations

from kernel.row_security import any_of, in_region, is_actor, row_policy

APPEND_ONLY = """
CREATE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL THEN
        OLD.position := NEW.position;
        OLD.chain_hash := NEW.chain_hash;
        IF OLD IS NOT DISTINCT FROM NEW AND NEW.position IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '审计事件只能追加' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only();
"""
REVERSE = """
DROP TRIGGER no_truncate ON audit_event;
DROP TRIGGER append_only ON audit_event;
DROP FUNCTION audit_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("regions", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, REVERSE),
        # Everybody writes events; an actor sees his own and those of his region.
        migrations.RunSQL(
            *row_policy(
                "audit_event", any_of(is_actor("actor_id"), in_region("region_id")), check="true"
            )
        ),
    ]
