from django.db import migrations

from foundation.dbguards import GuardModels


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("staff", "0001_initial"),
    ]

    operations = [GuardModels("invitation")]
