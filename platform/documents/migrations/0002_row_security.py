"""Files are seen in their region, by their organisation and by whoever stored them."""

from django.db import migrations

from kernel.row_security import (
    SEES_ALL,
    any_of,
    append_only,
    in_organisation,
    in_region,
    is_actor,
    row_policy,
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [
        migrations.RunSQL(
            *row_policy(
                "documents_storedfile",
                any_of(in_region(), in_organisation(), is_actor("created_by"), SEES_ALL),
                check=any_of(is_actor("created_by"), SEES_ALL),
            )
        ),
        migrations.RunSQL(*append_only("documents_storedfile", "a stored file is never changed")),
    ]
