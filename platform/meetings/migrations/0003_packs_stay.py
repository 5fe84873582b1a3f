"""A frozen pack is never changed: a later correction is another pack."""

from django.db import migrations

from kernel.row_security import append_only


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_row_security")]
    operations = [migrations.RunSQL(*append_only("meetings_pack", "会议材料冻结后不能更改"))]
