from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("timelogs", "0002_guards"),
        ("billing", "0001_initial"),
    ]

    operations = [
        GuardModels("thresholdalert", "closerun", "codeselection", "claim", "claimline", "hold"),
        LimitTexts("hold"),
    ]
