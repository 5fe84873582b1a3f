"""The ledger is seen by region, by the giving organisation and by whoever wrote the line."""

from django.db import migrations

from kernel.row_security import any_of, in_organisation, in_region, is_actor, row_policy


class Migration(migrations.Migration):
    dependencies = [("aid", "0002_initial"), ("households", "0002_row_security")]
    operations = [
        migrations.RunSQL(
            *row_policy(
                "aid_aidentry", any_of(in_region(), in_organisation(), is_actor("recorded_by"))
            )
        ),
        migrations.RunSQL(*row_policy("aid_benefitperiod", in_region())),
        migrations.RunSQL(*row_policy("aid_finding", in_region())),
        migrations.RunSQL(*row_policy("aid_prevented", any_of(in_region(), in_organisation()))),
    ]
