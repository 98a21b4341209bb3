from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="text",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="operation",
            name="location",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="actor_label",
            field=models.TextField(max_length=240),
        ),
        LimitTexts("outboxmessage", "operation", "notice"),
    ]
