"""A wish keeps what was checked, and only the state checks it; drafts of projects are not public.

The function belongs to guard: a charity sees neither every need nor every project's draft.
"""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, in_region, owned_by_guard

OWN_PROJECTS = any_of(in_organisation(), SEES_ALL)
SHOWN = any_of(
    in_region(),
    in_organisation(),
    "state IN ('filed', 'open', 'ended')",
    "EXISTS (SELECT 1 FROM projects_wish w WHERE w.project_id = projects_project.id)",
)
OURS = any_of(in_region(), in_organisation())


def of_its_wish(table: str) -> str:
    """Return the condition that the row is ours and names its wish's charity and region."""
    return (
        f"({OURS} AND EXISTS (SELECT 1 FROM projects_wish w WHERE w.id = {table}.wish_id"
        f" AND w.organisation_id = {table}.organisation_id AND w.region_id = {table}.region_id))"
    )


def _check(table: str) -> tuple[str, str]:
    """Return (forward, reverse) SQL that writes only what belongs to its wish."""
    return (
        f"DROP POLICY scope ON {table};"
        f"CREATE POLICY scope ON {table} USING ({OURS}) WITH CHECK ({of_its_wish(table)});",
        f"DROP POLICY scope ON {table};"
        f"CREATE POLICY scope ON {table} USING ({OURS}) WITH CHECK ({OURS});",
    )


KEEP = f"""
CREATE FUNCTION projects_wish_keep_checked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    actor text := nullif(current_setting('app.actor_id', true), '');
    is_system boolean := {SEES_ALL};
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM projects_project p
                        WHERE p.id = NEW.project_id AND p.organisation_id = NEW.organisation_id)
           OR NOT EXISTS (SELECT FROM households_need n
                           WHERE n.id = NEW.need_id AND n.region_id = NEW.region_id) THEN
            RAISE EXCEPTION 'a wish has its project''s charity and its need''s region'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NOT is_system AND (
               NEW.drafted_by::text IS DISTINCT FROM actor OR NEW.state <> 'drafted'
               OR num_nonnulls(NEW.screened_by, NEW.verified_by, NEW.published_at) > 0) THEN
            RAISE EXCEPTION 'a wish starts as its drafter''s draft'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.project_id, NEW.need_id, NEW.organisation_id, NEW.region_id, NEW.drafted_by)
       IS DISTINCT FROM
       (OLD.id, OLD.project_id, OLD.need_id, OLD.organisation_id, OLD.region_id, OLD.drafted_by)
       OR (OLD.verified_by IS NOT NULL AND
           (NEW.item, NEW.quantity, NEW.unit_price_fen, NEW.public_title, NEW.public_story,
            NEW.public_region, NEW.age_band, NEW.screened_by, NEW.verified_by)
           IS DISTINCT FROM
           (OLD.item, OLD.quantity, OLD.unit_price_fen, OLD.public_title, OLD.public_story,
            OLD.public_region, OLD.age_band, OLD.screened_by, OLD.verified_by)) THEN
        RAISE EXCEPTION 'a wish keeps what was checked' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT is_system AND (
           (NEW.screened_by IS DISTINCT FROM OLD.screened_by
            AND NEW.screened_by::text IS DISTINCT FROM actor)
        OR (NEW.verified_by IS DISTINCT FROM OLD.verified_by
            AND (NEW.verified_by::text IS DISTINCT FROM actor
                 OR NOT coalesce({in_region("NEW.region_id")}, false)))) THEN
        RAISE EXCEPTION 'the state checks a wish, each officer in his own name'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_checked BEFORE INSERT OR UPDATE ON projects_wish
    FOR EACH ROW EXECUTE FUNCTION projects_wish_keep_checked();
DO $$ BEGIN EXECUTE format('GRANT SELECT ON projects_project, households_need TO %I',
    current_database() || '_guard'); END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_readers_are_not_writers")]
    operations = [
        migrations.RunSQL(
            "DROP POLICY readers ON projects_project;"
            f"CREATE POLICY readers ON projects_project FOR SELECT USING ({SHOWN});",
            "DROP POLICY readers ON projects_project;"
            "CREATE POLICY readers ON projects_project FOR SELECT USING (true);",
        ),
        *(
            migrations.RunSQL(*_check(table))
            for table in ("projects_delivery", "projects_wishoutcome")
        ),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER keep_checked ON projects_wish;"
            "DROP FUNCTION projects_wish_keep_checked();",
        ),
        migrations.RunSQL(owned_by_guard("projects_wish_keep_checked()"), migrations.RunSQL.noop),
    ]
