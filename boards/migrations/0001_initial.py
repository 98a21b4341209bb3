import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        ("patients", "0002_guards"),
        ("billing", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="PatientMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("patient_id", models.UUIDField(null=True)),
                        ("month", models.DateField(null=True)),
                        ("sweep", models.BooleanField(db_default=False)),
                        ("marked_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "person_id",
                            models.UUIDField(db_default=foundation.tracked.ToldPerson(), null=True),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "patient_id"], name="boards_pati_practic_04ffe1_idx"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientSummary",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField()),
                        ("figured_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        ("name", models.CharField(max_length=125)),
                        ("started_on", models.DateField(null=True)),
                        ("ended_on", models.DateField(null=True)),
                        ("payer", models.SlugField(blank=True, db_index=False)),
                        ("seconds", models.PositiveIntegerField(default=0)),
                        ("unsigned_seconds", models.PositiveIntegerField(default=0)),
                        ("live_contact_on", models.DateField(null=True)),
                        ("last_contact_on", models.DateField(null=True)),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "None"), (1, "Warning"), (2, "Critical")], default=0
                            ),
                        ),
                        ("latest_reading_at", models.DateTimeField(null=True)),
                        ("device_days", models.PositiveSmallIntegerField(default=0)),
                        ("silent_from", models.DateTimeField(null=True)),
                        ("unreachable_from", models.DateField(null=True)),
                        ("window_until", models.DateField(null=True)),
                        (
                            "escalation",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "None"), (1, "Warning"), (2, "Critical")], default=0
                            ),
                        ),
                        ("escalation_answered", models.BooleanField(default=False)),
                        ("escalation_due_at", models.DateTimeField(null=True)),
                        ("review_from", models.DateField(null=True)),
                        ("review_by", models.DateField(null=True)),
                        (
                            "outlook",
                            models.CharField(
                                choices=[
                                    ("ready", "Ready"),
                                    ("attention", "Needs attention"),
                                    ("gathering", "Gathering"),
                                    ("nothing", "Nothing to bill"),
                                ],
                                default="nothing",
                                max_length=10,
                            ),
                        ),
                        (
                            "reasons",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40), default=list, size=None
                            ),
                        ),
                        (
                            "clinician",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "nurse",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.site",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["practice", "month"], name="boards_pati_practic_50356c_idx")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient", "month"), name="one_summary_per_patient_month"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="summary_month_begins_on_the_first",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outlook__in", ["ready", "attention", "gathering", "nothing"])
                                ),
                                name="summary_outlook_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("escalation__lte", 2), ("severity__lte", 2)),
                                name="summary_levels_are_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutdatedClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("found_at", models.DateTimeField()),
                        (
                            "claim",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.claim",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40)),
                        ("query", models.CharField(max_length=300)),
                        ("saved_at", models.DateTimeField()),
                        (
                            "practice",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "user", "name"), name="one_saved_view_per_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="saved_view_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("query__regex", "^[a-z]+=[A-Za-z0-9_-]+(&[a-z]+=[A-Za-z0-9_-]+)*$")
                                ),
                                name="saved_view_asks_something",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
