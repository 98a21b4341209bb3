from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("patients", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "patient",
            "coverage",
            "enrollment",
            "diagnosis",
            "consent",
            "order",
            "careplan",
            "device",
            "deviceassignment",
            "targetrange",
            "officevisit",
            "otherservice",
            "surgicalglobal",
            "institutionstay",
        ),
        LimitTexts(
            "careplan", "consent", "deviceassignment", "enrollment", "order", "otherservice", "surgicalglobal"
        ),
    ]
