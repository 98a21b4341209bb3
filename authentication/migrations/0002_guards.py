from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels


class Migration(migrations.Migration):
    dependencies = [
        ("authentication", "0001_initial"),
    ]

    operations = [
        GuardModels("secondfactor"),
        migrations.RunSQL(
            f"GRANT DELETE ON authentication_browsersession TO {APP_ROLE};",
            migrations.RunSQL.noop,
        ),
    ]
