"""A file is stored by its own hand, and labelled only with a region or organisation of one's own."""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, in_region, is_actor

SEEN = any_of(in_region(), in_organisation(), is_actor("created_by"), SEES_ALL)
BEFORE = any_of(is_actor("created_by"), SEES_ALL)
OURS = any_of(in_region(), in_organisation(), "region_id IS NULL AND organisation_id IS NULL")
STORE = any_of(f"({is_actor('created_by')} AND {OURS})", SEES_ALL)


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_row_security")]
    operations = [
        migrations.RunSQL(
            "DROP POLICY scope ON documents_storedfile;"
            f"CREATE POLICY scope ON documents_storedfile USING ({SEEN}) WITH CHECK ({STORE});",
            "DROP POLICY scope ON documents_storedfile;"
            f"CREATE POLICY scope ON documents_storedfile USING ({SEEN}) WITH CHECK ({BEFORE});",
        ),
    ]
