"""Signals are seen in their region."""

from django.db import migrations

from kernel.row_security import in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_initial"), ("households", "0002_row_security")]
    operations = [
        migrations.RunSQL(*row_policy("casework_signal", in_region())),
    ]
