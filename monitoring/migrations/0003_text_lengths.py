from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicalreading",
            name="excluded_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="reading",
            name="excluded_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        LimitTexts("reading"),
    ]
