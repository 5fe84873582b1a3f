"""Whoever may read a public project or wish may not change it; only claims move held_quantity.

A policy without FOR lets every reader also update the rows he sees.
"""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, in_region


def split(table: str, read: str, write: str, old: str) -> tuple[str, str]:
    """Return (forward, reverse) SQL: reading by ``read``, everything else by ``write``."""
    return (
        f"DROP POLICY scope ON {table};"
        f"CREATE POLICY readers ON {table} FOR SELECT USING ({read});"
        f"CREATE POLICY scope ON {table} USING ({write}) WITH CHECK ({write});",
        f"DROP POLICY readers ON {table}; DROP POLICY scope ON {table};"
        f"CREATE POLICY scope ON {table} USING ({old}) WITH CHECK ({old});",
    )


OURS = any_of(in_region(), in_organisation())
OWN_PROJECTS = any_of(in_organisation(), SEES_ALL)
PUBLIC_WISH = any_of(
    in_region(), in_organisation(), "published_at IS NOT NULL AND state <> 'withdrawn'"
)
OF_A_WISH = "EXISTS (SELECT 1 FROM projects_wish w WHERE w.id = wish_id)"

HELD = """
CREATE FUNCTION projects_wish_keep_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = current_database() || '_guard' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.held_quantity <> 0 THEN
            RAISE EXCEPTION 'held_quantity starts at 0' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.held_quantity IS DISTINCT FROM OLD.held_quantity THEN
        RAISE EXCEPTION 'held_quantity follows from the claims'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_held BEFORE INSERT OR UPDATE ON projects_wish
    FOR EACH ROW EXECUTE FUNCTION projects_wish_keep_held();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_wish_counts_its_claims")]
    operations = [
        migrations.RunSQL(*split("projects_project", "true", OWN_PROJECTS, "true")),
        migrations.RunSQL(*split("projects_wish", PUBLIC_WISH, OURS, PUBLIC_WISH)),
        migrations.RunSQL(*split("projects_delivery", OF_A_WISH, OURS, OF_A_WISH)),
        migrations.RunSQL(*split("projects_wishoutcome", OF_A_WISH, OURS, OF_A_WISH)),
        migrations.RunSQL(
            HELD,
            "DROP TRIGGER keep_held ON projects_wish; DROP FUNCTION projects_wish_keep_held();",
        ),
    ]
