"""A sender sees its own batches only; the state sees those of its region."""

from django.db import migrations

from kernel.row_security import any_of, in_organisation, in_region, row_policy


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [
        migrations.RunSQL(
            *row_policy("exchange_batch", any_of(in_region(), in_organisation("sender_id")))
        ),
        migrations.RunSQL(
            *row_policy(
                "exchange_batchrow", "EXISTS (SELECT 1 FROM exchange_batch b WHERE b.id = batch_id)"
            )
        ),
    ]
