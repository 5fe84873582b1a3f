"""Meetings and packs are seen in their region."""

from django.db import migrations

from kernel.row_security import in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]
    operations = [
        migrations.RunSQL(*row_policy("meetings_meeting", in_region())),
        migrations.RunSQL(*row_policy("meetings_pack", in_region())),
    ]
