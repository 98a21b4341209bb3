import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timelogs", "0003_additions")]

    operations = [
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("readings", "Readings"),
                        ("medicines", "Medicines"),
                        ("diet", "Salt and diet"),
                        ("symptoms", "Symptoms"),
                        ("activity", "Activity"),
                        ("device_help", "Device help"),
                        ("scheduling", "Scheduling"),
                        ("other", "Other"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("readings", "Readings"),
                        ("medicines", "Medicines"),
                        ("diet", "Salt and diet"),
                        ("symptoms", "Symptoms"),
                        ("activity", "Activity"),
                        ("device_help", "Device help"),
                        ("scheduling", "Scheduling"),
                        ("other", "Other"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
    ]
