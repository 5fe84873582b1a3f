"""A donor sees his own claims and donations; a charity those made to it."""

from django.db import migrations

from kernel.row_security import SEES_ALL, any_of, in_organisation, is_actor, row_policy


class Migration(migrations.Migration):
    dependencies = [("donors", "0002_initial"), ("projects", "0002_row_security")]
    operations = [
        migrations.RunSQL(*row_policy("donors_donor", any_of(is_actor("user_id"), SEES_ALL))),
        migrations.RunSQL(
            *row_policy("donors_claim", any_of(is_actor("donor_id"), in_organisation(), SEES_ALL))
        ),
        migrations.RunSQL(
            *row_policy(
                "donors_donation", any_of(is_actor("donor_id"), in_organisation(), SEES_ALL)
            )
        ),
        migrations.RunSQL(*row_policy("donors_providerevent", SEES_ALL)),
    ]
