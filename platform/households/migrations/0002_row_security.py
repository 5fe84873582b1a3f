"""Families are seen in their region, and by an organisation they agreed to."""

from django.db import migrations

from kernel.row_security import any_of, in_organisation, in_region, row_policy

TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"


def consented(household: str) -> str:
    """Return the condition that the household agreed that the actor's organisation knows it."""
    return (
        f"EXISTS (SELECT 1 FROM households_consent c WHERE c.household_id = {household}"
        f" AND {in_organisation('c.organisation_id')} AND c.withdrawn_on IS NULL"
        f" AND {TODAY} BETWEEN c.given_on AND c.valid_until)"
    )


class Migration(migrations.Migration):
    dependencies = [("households", "0001_initial")]
    operations = [
        migrations.RunSQL(
            *row_policy(
                "households_consent", any_of(in_region(), in_organisation()), check=in_region()
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "households_household",
                any_of(in_region(), consented("households_household.id")),
                check=in_region(),
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "households_member",
                any_of(in_region(), consented("households_member.household_id")),
                check=in_region(),
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "households_person",
                any_of(
                    in_region(),
                    "EXISTS (SELECT 1 FROM households_member m WHERE m.person_id = households_person.id)",
                ),
                check=in_region(),
            )
        ),
        migrations.RunSQL(
            *row_policy(
                "households_recognition",
                any_of(in_region(), consented("households_recognition.household_id")),
                check=in_region(),
            )
        ),
        migrations.RunSQL(
            *row_policy("households_medicalbill", any_of(in_region(), in_organisation("sender_id")))
        ),
        migrations.RunSQL(
            *row_policy(
                "households_need",
                any_of(in_region(), consented("households_need.household_id")),
                check=in_region(),
            )
        ),
    ]
