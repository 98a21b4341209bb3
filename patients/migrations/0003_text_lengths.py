from django.db import migrations, models

from foundation.dbguards import LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="careplan",
            name="actions",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="careplan",
            name="goals",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="consent",
            name="revoke_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="deviceassignment",
            name="setup_note",
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AlterField(
            model_name="enrollment",
            name="end_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="enrollment",
            name="necessity",
            field=models.TextField(
                blank=True, help_text="Why this patient needs remote monitoring.", max_length=4000
            ),
        ),
        migrations.AlterField(
            model_name="historicalcareplan",
            name="actions",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalcareplan",
            name="goals",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalconsent",
            name="revoke_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicaldeviceassignment",
            name="setup_note",
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalenrollment",
            name="end_reason",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="historicalenrollment",
            name="necessity",
            field=models.TextField(
                blank=True, help_text="Why this patient needs remote monitoring.", max_length=4000
            ),
        ),
        migrations.AlterField(
            model_name="historicalorder",
            name="text",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalotherservice",
            name="note",
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AlterField(
            model_name="historicalsurgicalglobal",
            name="attestation",
            field=models.TextField(
                blank=True, max_length=4000, verbose_name="why the monitoring is unrelated"
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="text",
            field=models.TextField(max_length=4000),
        ),
        migrations.AlterField(
            model_name="otherservice",
            name="note",
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AlterField(
            model_name="surgicalglobal",
            name="attestation",
            field=models.TextField(
                blank=True, max_length=4000, verbose_name="why the monitoring is unrelated"
            ),
        ),
        LimitTexts(
            "careplan", "consent", "deviceassignment", "enrollment", "order", "otherservice", "surgicalglobal"
        ),
    ]
