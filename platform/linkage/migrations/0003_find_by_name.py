"""Namesakes are looked up for every incoming row."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("linkage", "0002_row_security")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX linkage_person_name ON households_person (name text_pattern_ops)",
            "DROP INDEX linkage_person_name",
        )
    ]
