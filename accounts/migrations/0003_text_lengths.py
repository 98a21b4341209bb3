from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicalpolicysetting",
            name="why",
            field=models.TextField(max_length=1000),
        ),
        migrations.AlterField(
            model_name="policysetting",
            name="why",
            field=models.TextField(max_length=1000),
        ),
        LimitTexts("policysetting"),
    ]
