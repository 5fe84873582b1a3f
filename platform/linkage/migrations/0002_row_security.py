"""Links are seen in their region."""

from django.db import migrations

from kernel.row_security import in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("linkage", "0001_initial"), ("households", "0002_row_security")]
    operations = [
        migrations.RunSQL(*row_policy("linkage_link", in_region())),
    ]
