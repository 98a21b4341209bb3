from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("timelogs", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="addition",
            name="text",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="concurrence",
            name="ended_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
        ),
        migrations.AlterField(
            model_name="concurrence",
            name="reason",
            field=models.TextField(max_length=1000),
        ),
        migrations.AlterField(
            model_name="gap",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicaladdition",
            name="text",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalconcurrence",
            name="ended_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
        ),
        migrations.AlterField(
            model_name="historicalconcurrence",
            name="reason",
            field=models.TextField(max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicalgap",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicalperiod",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="action_detail",
            field=models.TextField(blank=True, max_length=4000, verbose_name="reason or detail"),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="data_note",
            field=models.TextField(blank=True, max_length=4000, verbose_name="what you saw"),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="ended_reason",
            field=models.TextField(
                blank=True, help_text="Why it was amended, voided or discarded.", max_length=1000
            ),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="late_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why entered later"),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="no_data_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why no readings were reviewed"),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="raise_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why more than measured"),
        ),
        migrations.AlterField(
            model_name="historicaltimeentry",
            name="said",
            field=models.TextField(blank=True, max_length=4000, verbose_name="what was said"),
        ),
        migrations.AlterField(
            model_name="historicaltimesegment",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="period",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="action_detail",
            field=models.TextField(blank=True, max_length=4000, verbose_name="reason or detail"),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="data_note",
            field=models.TextField(blank=True, max_length=4000, verbose_name="what you saw"),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="ended_reason",
            field=models.TextField(
                blank=True, help_text="Why it was amended, voided or discarded.", max_length=1000
            ),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="late_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why entered later"),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="no_data_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why no readings were reviewed"),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="raise_reason",
            field=models.TextField(blank=True, max_length=1000, verbose_name="why more than measured"),
        ),
        migrations.AlterField(
            model_name="timeentry",
            name="said",
            field=models.TextField(blank=True, max_length=4000, verbose_name="what was said"),
        ),
        migrations.AlterField(
            model_name="timesegment",
            name="reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        LimitTexts("addition", "concurrence", "gap", "period", "timeentry", "timesegment"),
    ]
