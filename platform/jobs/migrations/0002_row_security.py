"""Queued arguments, jobs and stored replies are seen by whom they belong to, and by the system."""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, is_actor, row_policy


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        migrations.RunSQL(
            *row_policy("jobs_outbox", any_of(is_actor("(actor ->> 'id')"), SEES_ALL))
        ),
        migrations.RunSQL(*row_policy("jobs_job", any_of(is_actor("created_by"), SEES_ALL))),
        migrations.RunSQL(
            *row_policy("jobs_idempotentreply", any_of(is_actor("actor_id"), SEES_ALL))
        ),
    ]
