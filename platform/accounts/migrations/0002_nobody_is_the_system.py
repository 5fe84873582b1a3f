"""The system's role, which may do everything everywhere, is nobody's post."""

from django.db import migrations, models

from kernel.access import Role


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[(role.value, role.value) for role in Role if role is not Role.SYSTEM],
                max_length=30,
                verbose_name="角色",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "system"), _negated=True),
                name="membership_is_not_the_systems",
            ),
        ),
    ]
