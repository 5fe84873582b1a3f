"""Proposals are seen in their region and by the organisation that would give."""

from django.db import migrations

from kernel.row_security import any_of, in_organisation, in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_initial"), ("households", "0002_row_security")]
    operations = [
        migrations.RunSQL(*row_policy("matching_run", in_region())),
        migrations.RunSQL(*row_policy("matching_proposal", any_of(in_region(), in_organisation()))),
        migrations.RunSQL(*row_policy("matching_approvalstep", in_region())),
    ]
