from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicalhold",
            name="lifted_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicalhold",
            name="reason",
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AlterField(
            model_name="hold",
            name="lifted_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="hold",
            name="reason",
            field=models.TextField(blank=True, max_length=4000),
        ),
        LimitTexts("hold"),
    ]
