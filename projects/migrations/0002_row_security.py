"""Projects are public; wishes once published; what belongs to a wish follows it."""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("households", "0002_row_security")]
    operations = [
        migrations.RunSQL(
            *row_policy("projects_project", "true", check=any_of(in_organisation(), SEES_ALL))
        ),
        migrations.RunSQL(
            *row_policy(
                "projects_wish",
                any_of(
                    in_region(),
                    in_organisation(),
                    "published_at IS NOT NULL AND state <> 'withdrawn'",
                ),
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "projects_delivery",
                "EXISTS (SELECT 1 FROM projects_wish w WHERE w.id = wish_id)",
                check=any_of(in_region(), in_organisation()),
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "projects_wishoutcome",
                "EXISTS (SELECT 1 FROM projects_wish w WHERE w.id = wish_id)",
                check=any_of(in_region(), in_organisation()),
            )
        ),
    ]
