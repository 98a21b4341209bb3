from django.db import migrations

from foundation.dbguards import GuardModels


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("monitoring", "0001_initial"),
    ]

    operations = [
        GuardModels("importbatch", "reading", "waitingupload"),
    ]
