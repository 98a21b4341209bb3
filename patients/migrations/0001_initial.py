import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import simple_history.models
from django.db import migrations, models

import accounts.models
import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalPatient",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("family_name", models.CharField(max_length=60)),
                        ("given_name", models.CharField(max_length=60)),
                        ("born_on", models.DateField(verbose_name="date of birth")),
                        (
                            "sex",
                            models.CharField(
                                choices=[("F", "Female"), ("M", "Male"), ("O", "Other"), ("U", "Unknown")],
                                max_length=1,
                            ),
                        ),
                        ("mrn", models.CharField(max_length=20, verbose_name="MRN")),
                        ("phone", models.CharField(blank=True, max_length=20)),
                        ("language", models.CharField(blank=True, max_length=30)),
                        ("time_zone", models.CharField(blank=True, max_length=40)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical patient",
                        "verbose_name_plural": "historical patients",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_patient"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_patient",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_patient_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Patient",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        ("family_name", models.CharField(max_length=60)),
                        ("given_name", models.CharField(max_length=60)),
                        ("born_on", models.DateField(verbose_name="date of birth")),
                        (
                            "sex",
                            models.CharField(
                                choices=[("F", "Female"), ("M", "Male"), ("O", "Other"), ("U", "Unknown")],
                                max_length=1,
                            ),
                        ),
                        ("mrn", models.CharField(max_length=20, verbose_name="MRN")),
                        ("phone", models.CharField(blank=True, max_length=20)),
                        ("language", models.CharField(blank=True, max_length=30)),
                        ("time_zone", models.CharField(blank=True, max_length=40)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "family_name", "given_name"],
                                name="patients_pa_practic_84baf4_idx",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("family_name"), name="gin_trgm_ops"
                                ),
                                name="patient_family_trgm",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("practice", "mrn"), name="one_patient_per_mrn")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCoverage",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("payer", models.SlugField()),
                        ("plan_name", models.CharField(max_length=80)),
                        ("member_id", models.CharField(max_length=30)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical coverage",
                        "verbose_name_plural": "historical coverages",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_coverage"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_coverage",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_coverage_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Coverage",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coverages",
                                to="patients.patient",
                            ),
                        ),
                        ("payer", models.SlugField()),
                        ("plan_name", models.CharField(max_length=80)),
                        ("member_id", models.CharField(max_length=30)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                                ),
                                name="coverage_ends_after_it_starts",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("patient", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("starts_on"),
                                            models.F("ends_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_coverage_at_a_time",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalOfficeVisit",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("visited_on", models.DateField()),
                        ("withdrawn", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical office visit",
                        "verbose_name_plural": "historical office visits",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_officevisit"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_officevisit",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_officevisit_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="OfficeVisit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="office_visits",
                                to="patients.patient",
                            ),
                        ),
                        ("visited_on", models.DateField()),
                        ("withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn", False)),
                                fields=("patient", "visited_on"),
                                name="one_visit_row_per_day",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalOtherService",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("code", models.CharField(max_length=5)),
                        ("service_on", models.DateField(verbose_name="date of service")),
                        (
                            "billed_by",
                            models.CharField(
                                choices=[
                                    ("us", "This practice"),
                                    ("elsewhere", "Another practice or supplier"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True, max_length=4000)),
                        ("withdrawn", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical other service",
                        "verbose_name_plural": "historical other services",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_otherservice"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_otherservice",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_otherservice_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="OtherService",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="other_services",
                                to="patients.patient",
                            ),
                        ),
                        ("code", models.CharField(max_length=5)),
                        ("service_on", models.DateField(verbose_name="date of service")),
                        (
                            "billed_by",
                            models.CharField(
                                choices=[
                                    ("us", "This practice"),
                                    ("elsewhere", "Another practice or supplier"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True, max_length=4000)),
                        ("withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9A-Z][0-9]{3}[0-9A-Z]$")),
                                name="other_service_code_shape",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn", False)),
                                fields=("patient", "code", "service_on", "billed_by"),
                                name="one_row_per_other_service",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSurgicalGlobal",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("procedure_code", models.CharField(max_length=5)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "ours",
                            models.BooleanField(verbose_name="paid to the practitioner who bills monitoring"),
                        ),
                        ("attested_on", models.DateField(blank=True, null=True)),
                        (
                            "attestation",
                            models.TextField(
                                blank=True, max_length=4000, verbose_name="why the monitoring is unrelated"
                            ),
                        ),
                        ("withdrawn", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "attested_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical surgical global",
                        "verbose_name_plural": "historical surgical globals",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_surgicalglobal"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_surgicalglobal",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_surgicalglobal_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="SurgicalGlobal",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="surgical_globals",
                                to="patients.patient",
                            ),
                        ),
                        ("procedure_code", models.CharField(max_length=5)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "ours",
                            models.BooleanField(verbose_name="paid to the practitioner who bills monitoring"),
                        ),
                        (
                            "attested_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("attested_on", models.DateField(blank=True, null=True)),
                        (
                            "attestation",
                            models.TextField(
                                blank=True, max_length=4000, verbose_name="why the monitoring is unrelated"
                            ),
                        ),
                        ("withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("procedure_code__regex", "^[0-9A-Z][0-9]{3}[0-9A-Z]$")),
                                name="surgical_global_code_shape",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="surgical_global_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("attestation", ""), ("attested_by", None), ("attested_on", None)
                                    ),
                                    models.Q(
                                        ("attested_by__isnull", False),
                                        ("attested_on__isnull", False),
                                        models.Q(("attestation", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="attested_by_whom_when_and_why",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn", False)),
                                fields=("patient", "procedure_code", "starts_on"),
                                name="one_row_per_surgical_global",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalInstitutionStay",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hospital", "Hospital"),
                                    ("snf", "Skilled nursing facility"),
                                    ("hospice", "Hospice"),
                                    ("home_health", "Home health episode"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("admitted_on", models.DateField()),
                        ("discharged_on", models.DateField(blank=True, null=True)),
                        ("withdrawn", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical institution stay",
                        "verbose_name_plural": "historical institution stays",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_institutionstay"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_institutionstay",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_institutionstay_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="InstitutionStay",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="institution_stays",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hospital", "Hospital"),
                                    ("snf", "Skilled nursing facility"),
                                    ("hospice", "Hospice"),
                                    ("home_health", "Home health episode"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("admitted_on", models.DateField()),
                        ("discharged_on", models.DateField(blank=True, null=True)),
                        ("withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("discharged_on", None),
                                    ("discharged_on__gt", models.F("admitted_on")),
                                    _connector="OR",
                                ),
                                name="stay_ends_after_it_starts",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("withdrawn", False)),
                                expressions=[
                                    ("patient", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("admitted_on"),
                                            models.F("discharged_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_stay_at_a_time",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEnrollment",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "necessity",
                            models.TextField(
                                blank=True,
                                help_text="Why this patient needs remote monitoring.",
                                max_length=4000,
                            ),
                        ),
                        (
                            "last_visit_on",
                            models.DateField(
                                help_text="Makes the patient established.",
                                null=True,
                                verbose_name="last visit",
                            ),
                        ),
                        ("started_on", models.DateField()),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("end_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "ordering",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "supervising",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical enrollment",
                        "verbose_name_plural": "historical enrollments",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_enrollment"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_enrollment",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_enrollment_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Enrollment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enrollments",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "ordering",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "supervising",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "necessity",
                            models.TextField(
                                blank=True,
                                help_text="Why this patient needs remote monitoring.",
                                max_length=4000,
                            ),
                        ),
                        (
                            "last_visit_on",
                            models.DateField(
                                help_text="Makes the patient established.",
                                null=True,
                                verbose_name="last visit",
                            ),
                        ),
                        ("started_on", models.DateField()),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("end_reason", models.TextField(blank=True, max_length=1000)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    ("ended_on__gt", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="enrollment_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    models.Q(("end_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="enrollment_end_says_why",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("patient", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("started_on"),
                                            models.F("ended_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_enrollment_at_a_time",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDiagnosis",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("code", models.CharField(max_length=8)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("withdrawn", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical diagnosis",
                        "verbose_name_plural": "historical diagnosiss",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_diagnosis"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_diagnosis",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_diagnosis_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Diagnosis",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="diagnoses",
                                to="patients.enrollment",
                            ),
                        ),
                        ("code", models.CharField(max_length=8)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("withdrawn", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn", False)),
                                fields=("enrollment", "code"),
                                name="one_row_per_diagnosis",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn", False)),
                                fields=("enrollment", "position"),
                                name="one_diagnosis_per_position",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("code__regex", "^[A-Z][0-9][0-9A-Z](\\.[0-9A-Z]{1,4})?$")
                                ),
                                name="diagnosis_code_shape",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCarePlan",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "signature",
                            models.CharField(
                                choices=[
                                    ("own", "Signed here by the clinician"),
                                    ("transcript", "Transcript of a signed paper"),
                                ],
                                default="own",
                                max_length=12,
                            ),
                        ),
                        ("signed_on", models.DateField()),
                        ("signed_at", models.DateTimeField(null=True)),
                        ("seen_on", models.DateField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                        ("number", models.PositiveSmallIntegerField()),
                        ("effective_on", models.DateField()),
                        ("goals", models.TextField(blank=True, max_length=4000)),
                        ("actions", models.TextField(blank=True, max_length=4000)),
                        ("other_targets", models.TextField(blank=True, max_length=4000)),
                        ("medicines", models.TextField(blank=True, max_length=4000)),
                        ("education", models.TextField(blank=True, max_length=4000)),
                        ("systolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("systolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("review_by", models.DateField()),
                        ("session_id", models.UUIDField(null=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "seen_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "scan",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.attachment",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical care plan",
                        "verbose_name_plural": "historical care plans",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_careplan"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_careplan",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_careplan_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="CarePlan",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "signature",
                            models.CharField(
                                choices=[
                                    ("own", "Signed here by the clinician"),
                                    ("transcript", "Transcript of a signed paper"),
                                ],
                                default="own",
                                max_length=12,
                            ),
                        ),
                        ("signed_on", models.DateField()),
                        (
                            "signed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("signed_at", models.DateTimeField(null=True)),
                        (
                            "seen_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("seen_on", models.DateField(null=True)),
                        (
                            "scan",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.attachment",
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="care_plans",
                                to="patients.enrollment",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("effective_on", models.DateField()),
                        ("goals", models.TextField(blank=True, max_length=4000)),
                        ("actions", models.TextField(blank=True, max_length=4000)),
                        ("other_targets", models.TextField(blank=True, max_length=4000)),
                        ("medicines", models.TextField(blank=True, max_length=4000)),
                        ("education", models.TextField(blank=True, max_length=4000)),
                        ("systolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("systolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("review_by", models.DateField()),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("session_id", models.UUIDField(null=True)),
                    ],
                    options={
                        "ordering": ["-number"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("scan", None),
                                        ("seen_by", None),
                                        ("seen_on", None),
                                        ("signature", "own"),
                                        ("signed_at__isnull", False),
                                    ),
                                    models.Q(
                                        ("seen_by__isnull", False),
                                        ("seen_on__isnull", False),
                                        ("signature", "transcript"),
                                        ("signed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="careplan_says_how_it_was_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("withdraw_reason", ""), ("withdrawn_at", None)),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        models.Q(("withdraw_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="careplan_withdrawn_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("systolic_low", None),
                                        ("systolic_low__range", (50, 260)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("systolic_high", None),
                                        ("systolic_high__range", (50, 260)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("systolic_low", None),
                                        ("systolic_high", None),
                                        ("systolic_low__lt", models.F("systolic_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_systolic_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("diastolic_low", None),
                                        ("diastolic_low__range", (30, 160)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("diastolic_high", None),
                                        ("diastolic_high__range", (30, 160)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("diastolic_low", None),
                                        ("diastolic_high", None),
                                        ("diastolic_low__lt", models.F("diastolic_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_diastolic_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("heart_rate_low", None),
                                        ("heart_rate_low__range", (20, 250)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("heart_rate_high", None),
                                        ("heart_rate_high__range", (20, 250)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("heart_rate_low", None),
                                        ("heart_rate_high", None),
                                        ("heart_rate_low__lt", models.F("heart_rate_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_heart_rate_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("glucose_low", None),
                                        ("glucose_low__range", (20, 600)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("glucose_high", None),
                                        ("glucose_high__range", (20, 600)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("glucose_low", None),
                                        ("glucose_high", None),
                                        ("glucose_low__lt", models.F("glucose_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_glucose_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("weight_low", None), ("weight_low__range", (1, 400)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("weight_high", None),
                                        ("weight_high__range", (1, 400)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("weight_low", None),
                                        ("weight_high", None),
                                        ("weight_low__lt", models.F("weight_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_weight_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("spo2_low", None), ("spo2_low__range", (50, 100)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("spo2_high", None), ("spo2_high__range", (50, 100)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("spo2_low", None),
                                        ("spo2_high", None),
                                        ("spo2_low__lt", models.F("spo2_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="careplan_spo2_is_possible",
                            ),
                            models.UniqueConstraint(
                                fields=("enrollment", "number"), name="one_plan_per_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("review_by__gt", models.F("effective_on")),
                                    (
                                        "review_by__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("effective_on"),
                                            "+",
                                            models.Value(datetime.timedelta(days=366)),
                                        ),
                                    ),
                                ),
                                name="careplan_is_reviewed_within_a_year",
                            ),
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("session_id__isnull", False)),
                                fields=["session_id"],
                                name="careplan_by_session",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalConsent",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("given_on", models.DateField()),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("verbal", "Spoken, documented"),
                                    ("written", "On paper"),
                                    ("electronic", "Electronically"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "wording",
                            models.CharField(
                                help_text="Version of the wording that was read or signed.", max_length=40
                            ),
                        ),
                        ("revoked_on", models.DateField(blank=True, null=True)),
                        ("revoke_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical consent",
                        "verbose_name_plural": "historical consents",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_consent"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_consent",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_consent_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="patients.patient",
                            ),
                        ),
                        ("given_on", models.DateField()),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("verbal", "Spoken, documented"),
                                    ("written", "On paper"),
                                    ("electronic", "Electronically"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "wording",
                            models.CharField(
                                help_text="Version of the wording that was read or signed.", max_length=40
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("revoked_on", models.DateField(blank=True, null=True)),
                        ("revoke_reason", models.TextField(blank=True, max_length=1000)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("revoke_reason", ""), ("revoked_on", None)),
                                    models.Q(
                                        ("revoked_on__gte", models.F("given_on")),
                                        ("revoked_on__isnull", False),
                                        models.Q(("revoke_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="consent_revoked_with_reason",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalOrder",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "signature",
                            models.CharField(
                                choices=[
                                    ("own", "Signed here by the clinician"),
                                    ("transcript", "Transcript of a signed paper"),
                                ],
                                default="own",
                                max_length=12,
                            ),
                        ),
                        ("signed_on", models.DateField()),
                        ("signed_at", models.DateTimeField(null=True)),
                        ("seen_on", models.DateField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                        ("text", models.TextField(max_length=4000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "seen_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "scan",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.attachment",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical order",
                        "verbose_name_plural": "historical orders",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_order"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_order",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_order_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Order",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "signature",
                            models.CharField(
                                choices=[
                                    ("own", "Signed here by the clinician"),
                                    ("transcript", "Transcript of a signed paper"),
                                ],
                                default="own",
                                max_length=12,
                            ),
                        ),
                        ("signed_on", models.DateField()),
                        (
                            "signed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("signed_at", models.DateTimeField(null=True)),
                        (
                            "seen_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("seen_on", models.DateField(null=True)),
                        (
                            "scan",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.attachment",
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to="patients.enrollment",
                            ),
                        ),
                        ("text", models.TextField(max_length=4000)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("scan", None),
                                        ("seen_by", None),
                                        ("seen_on", None),
                                        ("signature", "own"),
                                        ("signed_at__isnull", False),
                                    ),
                                    models.Q(
                                        ("seen_by__isnull", False),
                                        ("seen_on__isnull", False),
                                        ("signature", "transcript"),
                                        ("signed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="order_says_how_it_was_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("withdraw_reason", ""), ("withdrawn_at", None)),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        models.Q(("withdraw_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="order_withdrawn_with_reason",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDevice",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("serial", models.CharField(max_length=40)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bp_cuff", "Blood pressure cuff"),
                                    ("scale", "Weight scale"),
                                    ("glucometer", "Glucometer"),
                                    ("oximeter", "Pulse oximeter"),
                                    ("thermometer", "Thermometer"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("model_name", models.CharField(blank=True, max_length=60, verbose_name="model")),
                        (
                            "basis",
                            models.CharField(
                                blank=True,
                                help_text="510(k) number or other basis as a medical device.",
                                max_length=80,
                            ),
                        ),
                        (
                            "automatic",
                            models.BooleanField(default=True, help_text="Sends its readings by itself."),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical device",
                        "verbose_name_plural": "historical devices",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_device"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_device",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_device_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Device",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        ("serial", models.CharField(max_length=40)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bp_cuff", "Blood pressure cuff"),
                                    ("scale", "Weight scale"),
                                    ("glucometer", "Glucometer"),
                                    ("oximeter", "Pulse oximeter"),
                                    ("thermometer", "Thermometer"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("model_name", models.CharField(blank=True, max_length=60, verbose_name="model")),
                        (
                            "basis",
                            models.CharField(
                                blank=True,
                                help_text="510(k) number or other basis as a medical device.",
                                max_length=80,
                            ),
                        ),
                        (
                            "automatic",
                            models.BooleanField(default=True, help_text="Sends its readings by itself."),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "serial"), name="one_device_per_serial"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDeviceAssignment",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("starts_on", models.DateField(verbose_name="given on")),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "setup_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="set-up and teaching done on"
                            ),
                        ),
                        ("setup_note", models.TextField(blank=True, max_length=4000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.device",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "setup_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical device assignment",
                        "verbose_name_plural": "historical device assignments",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_deviceassignment"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_deviceassignment",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_deviceassignment_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="DeviceAssignment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="patients.device",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="patients.patient",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="given on")),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "setup_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="set-up and teaching done on"
                            ),
                        ),
                        (
                            "setup_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("setup_note", models.TextField(blank=True, max_length=4000)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                                ),
                                name="assignment_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("setup_by", None), ("setup_on", None)),
                                    models.Q(("setup_by__isnull", False), ("setup_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="setup_has_day_and_person",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("device", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("starts_on"),
                                            models.F("ends_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_holder_per_device",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRangeTemplate",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("blood_pressure", "Blood pressure"),
                                    ("heart_rate", "Heart rate"),
                                    ("glucose", "Glucose"),
                                    ("weight", "Weight"),
                                    ("spo2", "SpO₂"),
                                    ("temperature", "Temperature"),
                                    ("respiratory_rate", "Respiratory rate"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("low", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        (
                            "second_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        ("name", models.CharField(max_length=60)),
                        (
                            "diagnosis",
                            models.CharField(
                                blank=True, max_length=8, verbose_name="diagnoses that begin with"
                            ),
                        ),
                        (
                            "review_days",
                            models.PositiveSmallIntegerField(verbose_name="review after, in days"),
                        ),
                        ("retired", models.BooleanField(default=False)),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical range template",
                        "verbose_name_plural": "historical range templates",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_rangetemplate"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_rangetemplate",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_rangetemplate_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalTargetRange",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("blood_pressure", "Blood pressure"),
                                    ("heart_rate", "Heart rate"),
                                    ("glucose", "Glucose"),
                                    ("weight", "Weight"),
                                    ("spo2", "SpO₂"),
                                    ("temperature", "Temperature"),
                                    ("respiratory_rate", "Respiratory rate"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("low", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        (
                            "second_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("review_by", models.DateField()),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical target range",
                        "verbose_name_plural": "historical target ranges",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_targetrange"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_targetrange",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_targetrange_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RangeTemplate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("blood_pressure", "Blood pressure"),
                                    ("heart_rate", "Heart rate"),
                                    ("glucose", "Glucose"),
                                    ("weight", "Weight"),
                                    ("spo2", "SpO₂"),
                                    ("temperature", "Temperature"),
                                    ("respiratory_rate", "Respiratory rate"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("low", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        (
                            "second_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        ("name", models.CharField(max_length=60)),
                        (
                            "diagnosis",
                            models.CharField(
                                blank=True, max_length=8, verbose_name="diagnoses that begin with"
                            ),
                        ),
                        (
                            "review_days",
                            models.PositiveSmallIntegerField(verbose_name="review after, in days"),
                        ),
                        ("retired", models.BooleanField(default=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("high", None), ("low", None), _negated=True),
                                name="rangetemplate_has_a_bound",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("low", None),
                                        ("high", None),
                                        ("low__lt", models.F("high")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_low", None),
                                        ("second_high", None),
                                        ("second_low__lt", models.F("second_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="rangetemplate_low_is_below_high",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("critical_low", None),
                                        models.Q(
                                            ("low__isnull", False), ("critical_low__lte", models.F("low"))
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("critical_high", None),
                                        models.Q(
                                            ("high__isnull", False), ("critical_high__gte", models.F("high"))
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_low", None),
                                        models.Q(
                                            ("second_low__isnull", False),
                                            ("second_critical_low__lte", models.F("second_low")),
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_high", None),
                                        models.Q(
                                            ("second_high__isnull", False),
                                            ("second_critical_high__gte", models.F("second_high")),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="rangetemplate_critical_is_outside",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("measure", "blood_pressure"),
                                    models.Q(("second_high", None), ("second_low", None)),
                                    _connector="OR",
                                ),
                                name="rangetemplate_only_pressure_has_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("low", None), ("low__gte", 0), _connector="OR"),
                                    models.Q(("high", None), ("high__gte", 0), _connector="OR"),
                                    models.Q(("second_low", None), ("second_low__gte", 0), _connector="OR"),
                                    models.Q(("second_high", None), ("second_high__gte", 0), _connector="OR"),
                                    models.Q(
                                        ("critical_low", None), ("critical_low__gte", 0), _connector="OR"
                                    ),
                                    models.Q(
                                        ("critical_high", None), ("critical_high__gte", 0), _connector="OR"
                                    ),
                                    models.Q(
                                        ("second_critical_low", None),
                                        ("second_critical_low__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_high", None),
                                        ("second_critical_high__gte", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="rangetemplate_is_not_negative",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("retired", False)),
                                fields=("practice", "name", "measure"),
                                name="one_range_template_of_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="rangetemplate_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("diagnosis__regex", "^([A-Z][0-9]([0-9A-Z](\\.[0-9A-Z]{0,4})?)?)?$")
                                ),
                                name="rangetemplate_diagnosis_shape",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("review_days__range", (1, 366))),
                                name="rangetemplate_review_within_a_year",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TargetRange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("blood_pressure", "Blood pressure"),
                                    ("heart_rate", "Heart rate"),
                                    ("glucose", "Glucose"),
                                    ("weight", "Weight"),
                                    ("spo2", "SpO₂"),
                                    ("temperature", "Temperature"),
                                    ("respiratory_rate", "Respiratory rate"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("low", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                        (
                            "second_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_low",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        (
                            "second_critical_high",
                            models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("review_by", models.DateField()),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="target_ranges",
                                to="patients.patient",
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
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("high", None), ("low", None), _negated=True),
                                name="targetrange_has_a_bound",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("low", None),
                                        ("high", None),
                                        ("low__lt", models.F("high")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_low", None),
                                        ("second_high", None),
                                        ("second_low__lt", models.F("second_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="targetrange_low_is_below_high",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("critical_low", None),
                                        models.Q(
                                            ("low__isnull", False), ("critical_low__lte", models.F("low"))
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("critical_high", None),
                                        models.Q(
                                            ("high__isnull", False), ("critical_high__gte", models.F("high"))
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_low", None),
                                        models.Q(
                                            ("second_low__isnull", False),
                                            ("second_critical_low__lte", models.F("second_low")),
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_high", None),
                                        models.Q(
                                            ("second_high__isnull", False),
                                            ("second_critical_high__gte", models.F("second_high")),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="targetrange_critical_is_outside",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("measure", "blood_pressure"),
                                    models.Q(("second_high", None), ("second_low", None)),
                                    _connector="OR",
                                ),
                                name="targetrange_only_pressure_has_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("low", None), ("low__gte", 0), _connector="OR"),
                                    models.Q(("high", None), ("high__gte", 0), _connector="OR"),
                                    models.Q(("second_low", None), ("second_low__gte", 0), _connector="OR"),
                                    models.Q(("second_high", None), ("second_high__gte", 0), _connector="OR"),
                                    models.Q(
                                        ("critical_low", None), ("critical_low__gte", 0), _connector="OR"
                                    ),
                                    models.Q(
                                        ("critical_high", None), ("critical_high__gte", 0), _connector="OR"
                                    ),
                                    models.Q(
                                        ("second_critical_low", None),
                                        ("second_critical_low__gte", 0),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("second_critical_high", None),
                                        ("second_critical_high__gte", 0),
                                        _connector="OR",
                                    ),
                                ),
                                name="targetrange_is_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                                ),
                                name="range_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("review_by__gt", models.F("starts_on"))),
                                name="range_is_reviewed_after_it_starts",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("patient", "="),
                                    ("measure", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("starts_on"),
                                            models.F("ends_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_range_at_a_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAttachment",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("consent", "Consent form"),
                                    ("order", "Order"),
                                    ("care_plan", "Care plan"),
                                    ("letter", "Letter"),
                                    ("other", "Other paper"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "content_type",
                            models.CharField(
                                choices=[
                                    ("application/pdf", "PDF"),
                                    ("image/png", "PNG image"),
                                    ("image/jpeg", "JPEG image"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("size", models.PositiveIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("key", models.CharField(db_index=True, max_length=80)),
                        ("added_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical attachment",
                        "verbose_name_plural": "historical attachments",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_attachment"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_attachment",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_attachment_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("consent", "Consent form"),
                                    ("order", "Order"),
                                    ("care_plan", "Care plan"),
                                    ("letter", "Letter"),
                                    ("other", "Other paper"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "content_type",
                            models.CharField(
                                choices=[
                                    ("application/pdf", "PDF"),
                                    ("image/png", "PNG image"),
                                    ("image/jpeg", "JPEG image"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("size", models.PositiveIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("key", models.CharField(max_length=80, unique=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("added_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("withdraw_reason", models.TextField(blank=True, max_length=1000)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["patient", "-added_at"], name="patients_at_patient_569c2c_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("withdraw_reason", ""), ("withdrawn_at", None)),
                                    models.Q(
                                        ("withdrawn_at__gte", models.F("added_at")),
                                        ("withdrawn_at__isnull", False),
                                        models.Q(("withdraw_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="attachment_withdrawn_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("size__gt", 0)), name="attachment_is_not_empty"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="attachment_has_its_digest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("content_type__in", ["application/pdf", "image/png", "image/jpeg"])
                                ),
                                name="attachment_is_of_a_known_type",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSignatureRequest",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("order", "Order"), ("care_plan", "Care plan")], max_length=12
                            ),
                        ),
                        ("text", models.TextField(blank=True, max_length=4000)),
                        ("goals", models.TextField(blank=True, max_length=4000)),
                        ("actions", models.TextField(blank=True, max_length=4000)),
                        ("other_targets", models.TextField(blank=True, max_length=4000)),
                        ("medicines", models.TextField(blank=True, max_length=4000)),
                        ("education", models.TextField(blank=True, max_length=4000)),
                        ("systolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("systolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("review_by", models.DateField(null=True)),
                        ("effective_on", models.DateField(null=True)),
                        ("session_id", models.UUIDField(null=True)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits for the signature"),
                                    ("signed", "Signed"),
                                    ("returned", "Returned unsigned"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="waiting",
                                max_length=12,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "asked_of",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.order",
                            ),
                        ),
                        (
                            "care_plan",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.careplan",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical signature request",
                        "verbose_name_plural": "historical signature requests",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_signaturerequest"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_signaturerequest",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_signaturerequest_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="SignatureRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signature_requests",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("order", "Order"), ("care_plan", "Care plan")], max_length=12
                            ),
                        ),
                        ("text", models.TextField(blank=True, max_length=4000)),
                        ("goals", models.TextField(blank=True, max_length=4000)),
                        ("actions", models.TextField(blank=True, max_length=4000)),
                        ("other_targets", models.TextField(blank=True, max_length=4000)),
                        ("medicines", models.TextField(blank=True, max_length=4000)),
                        ("education", models.TextField(blank=True, max_length=4000)),
                        ("systolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("systolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("diastolic_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("heart_rate_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("glucose_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("weight_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_low", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("spo2_high", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ("review_by", models.DateField(null=True)),
                        ("effective_on", models.DateField(null=True)),
                        ("session_id", models.UUIDField(null=True)),
                        (
                            "asked_of",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits for the signature"),
                                    ("signed", "Signed"),
                                    ("returned", "Returned unsigned"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="waiting",
                                max_length=12,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "order",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="patients.order",
                            ),
                        ),
                        (
                            "care_plan",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="patients.careplan",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("session_id__isnull", False)),
                                fields=["session_id"],
                                name="request_by_session",
                            ),
                            models.Index(
                                fields=["practice", "state", "asked_at"],
                                name="patients_si_practic_505121_idx",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("systolic_low", None),
                                        ("systolic_low__range", (50, 260)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("systolic_high", None),
                                        ("systolic_high__range", (50, 260)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("systolic_low", None),
                                        ("systolic_high", None),
                                        ("systolic_low__lt", models.F("systolic_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_systolic_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("diastolic_low", None),
                                        ("diastolic_low__range", (30, 160)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("diastolic_high", None),
                                        ("diastolic_high__range", (30, 160)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("diastolic_low", None),
                                        ("diastolic_high", None),
                                        ("diastolic_low__lt", models.F("diastolic_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_diastolic_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("heart_rate_low", None),
                                        ("heart_rate_low__range", (20, 250)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("heart_rate_high", None),
                                        ("heart_rate_high__range", (20, 250)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("heart_rate_low", None),
                                        ("heart_rate_high", None),
                                        ("heart_rate_low__lt", models.F("heart_rate_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_heart_rate_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("glucose_low", None),
                                        ("glucose_low__range", (20, 600)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("glucose_high", None),
                                        ("glucose_high__range", (20, 600)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("glucose_low", None),
                                        ("glucose_high", None),
                                        ("glucose_low__lt", models.F("glucose_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_glucose_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("weight_low", None), ("weight_low__range", (1, 400)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("weight_high", None),
                                        ("weight_high__range", (1, 400)),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("weight_low", None),
                                        ("weight_high", None),
                                        ("weight_low__lt", models.F("weight_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_weight_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("spo2_low", None), ("spo2_low__range", (50, 100)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("spo2_high", None), ("spo2_high__range", (50, 100)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("spo2_low", None),
                                        ("spo2_high", None),
                                        ("spo2_low__lt", models.F("spo2_high")),
                                        _connector="OR",
                                    ),
                                ),
                                name="signaturerequest_spo2_is_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("effective_on", None),
                                        ("kind", "order"),
                                        ("review_by", None),
                                        models.Q(("text", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("effective_on__isnull", False),
                                        ("kind", "care_plan"),
                                        ("review_by__isnull", False),
                                        ("text", ""),
                                        ("review_by__gt", models.F("effective_on")),
                                        models.Q(("goals", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="signature_request_has_its_words",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("care_plan", None),
                                        ("ended_at", None),
                                        ("order", None),
                                        ("reason", ""),
                                        ("state", "waiting"),
                                    ),
                                    models.Q(
                                        ("care_plan", None),
                                        ("ended_at__isnull", False),
                                        ("order", None),
                                        ("state__in", ["returned", "withdrawn"]),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("care_plan", None),
                                        ("ended_at__isnull", False),
                                        ("kind", "order"),
                                        ("state", "signed"),
                                        ("order__isnull", False),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("kind", "care_plan"),
                                        ("order", None),
                                        ("state", "signed"),
                                        ("care_plan__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="signature_request_ends_in_one_way",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalMerge",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("reason", models.TextField(max_length=1000, verbose_name="why they are one person")),
                        ("merged_at", models.DateTimeField()),
                        ("taken", models.JSONField(default=list, verbose_name="taken over")),
                        ("undone_at", models.DateTimeField(null=True)),
                        (
                            "undo_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it was undone"),
                        ),
                        ("kept", models.JSONField(default=list, verbose_name="not put back, changed since")),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "duplicate",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="record that was merged",
                            ),
                        ),
                        (
                            "merged_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "remaining",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="record that remains",
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical merge",
                        "verbose_name_plural": "historical merges",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_merge"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_merge",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_merge_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalTwoPeople",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("reason", models.TextField(max_length=1000, verbose_name="how one knows")),
                        ("decided_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "one",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="one record",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="other record",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical two people",
                        "verbose_name_plural": "historical two peoples",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_twopeople"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_twopeople",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_twopeople_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Merge",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("reason", models.TextField(max_length=1000, verbose_name="why they are one person")),
                        ("merged_at", models.DateTimeField()),
                        ("taken", models.JSONField(default=list, verbose_name="taken over")),
                        ("undone_at", models.DateTimeField(null=True)),
                        (
                            "undo_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it was undone"),
                        ),
                        ("kept", models.JSONField(default=list, verbose_name="not put back, changed since")),
                        (
                            "duplicate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="record that was merged",
                            ),
                        ),
                        (
                            "merged_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
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
                        (
                            "remaining",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="record that remains",
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("undone_at", None)),
                                fields=["remaining"],
                                name="merge_standing_into",
                            ),
                            models.Index(
                                fields=["practice", "-merged_at"], name="patients_me_practic_a0f8b8_idx"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("duplicate", models.F("remaining")), _negated=True),
                                name="merge_is_of_two_records",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason__regex", "\\S")), name="merge_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("undo_reason", ""), ("undone_at", None), ("undone_by", None)),
                                    models.Q(
                                        ("undo_reason__regex", "\\S"),
                                        ("undone_at__gte", models.F("merged_at")),
                                        ("undone_at__isnull", False),
                                        ("undone_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="merge_undone_by_at_and_why",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at", None)),
                                fields=("duplicate",),
                                name="one_merge_of_a_record",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TwoPeople",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("reason", models.TextField(max_length=1000, verbose_name="how one knows")),
                        ("decided_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "one",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="one record",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                                verbose_name="other record",
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
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("one__lt", models.F("other"))), name="two_people_in_order"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason__regex", "\\S")), name="two_people_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    ("ended_at__gte", models.F("decided_at")),
                                    _connector="OR",
                                ),
                                name="two_people_end_after_it_began",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("one", "other"),
                                name="one_decision_of_two_people",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSite",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("name", models.CharField(max_length=80)),
                        ("address", models.CharField(blank=True, max_length=120)),
                        ("city", models.CharField(blank=True, max_length=60)),
                        ("state", models.CharField(blank=True, max_length=2)),
                        ("zip_code", models.CharField(blank=True, max_length=10, verbose_name="ZIP")),
                        (
                            "place_of_service",
                            models.CharField(
                                choices=[
                                    ("02", "Telehealth, not in the patient’s home"),
                                    ("10", "Telehealth in the patient’s home"),
                                    ("11", "Office"),
                                    ("12", "Home"),
                                    ("19", "Off-campus outpatient hospital"),
                                    ("22", "On-campus outpatient hospital"),
                                    ("49", "Independent clinic"),
                                    ("50", "Federally qualified health center"),
                                    ("71", "Public health clinic"),
                                    ("72", "Rural health clinic"),
                                ],
                                max_length=2,
                                verbose_name="place of service",
                            ),
                        ),
                        ("main", models.BooleanField(default=False, verbose_name="main site")),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("why", models.TextField(max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical site",
                        "verbose_name_plural": "historical sites",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_site"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_site",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_site_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("address", models.CharField(blank=True, max_length=120)),
                        ("city", models.CharField(blank=True, max_length=60)),
                        ("state", models.CharField(blank=True, max_length=2)),
                        ("zip_code", models.CharField(blank=True, max_length=10, verbose_name="ZIP")),
                        (
                            "place_of_service",
                            models.CharField(
                                choices=[
                                    ("02", "Telehealth, not in the patient’s home"),
                                    ("10", "Telehealth in the patient’s home"),
                                    ("11", "Office"),
                                    ("12", "Home"),
                                    ("19", "Off-campus outpatient hospital"),
                                    ("22", "On-campus outpatient hospital"),
                                    ("49", "Independent clinic"),
                                    ("50", "Federally qualified health center"),
                                    ("71", "Public health clinic"),
                                    ("72", "Rural health clinic"),
                                ],
                                max_length=2,
                                verbose_name="place of service",
                            ),
                        ),
                        ("main", models.BooleanField(default=False, verbose_name="main site")),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("why", models.TextField(max_length=1000)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("practice"),
                                django.db.models.functions.text.Lower("name"),
                                name="one_site_per_name",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("main", True)), fields=("practice",), name="one_main_site"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                                ),
                                name="site_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="site_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why__regex", "\\S")), name="site_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "place_of_service__in",
                                        [
                                            "02",
                                            "10",
                                            "11",
                                            "12",
                                            "19",
                                            "22",
                                            "49",
                                            "50",
                                            "71",
                                            "72",
                                        ],
                                    )
                                ),
                                name="site_has_a_known_place_of_service",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", ""), ("state__regex", "^[A-Z]{2}$"), _connector="OR"
                                ),
                                name="site_state_has_two_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("zip_code", ""),
                                    ("zip_code__regex", "^[0-9]{5}-[0-9]{4}$"),
                                    _connector="OR",
                                ),
                                name="site_zip_code_has_nine_digits",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPatientSite",
                    fields=[
                        ("actor_label", models.TextField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("request_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        (
                            "transaction_id",
                            models.BigIntegerField(
                                db_default=django.db.models.functions.comparison.Cast(
                                    django.db.models.functions.comparison.Cast(
                                        foundation.tracked.TransactionId(), models.TextField()
                                    ),
                                    models.BigIntegerField(),
                                )
                            ),
                        ),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("history_user_id", models.UUIDField(null=True)),
                        ("starts_on", models.DateField()),
                        (
                            "practice",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="patients.site",
                            ),
                        ),
                        (
                            "history_id",
                            models.BigAutoField(editable=False, primary_key=True, serialize=False),
                        ),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical patient site",
                        "verbose_name_plural": "historical patient sites",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_patients_patientsite"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_patients_patientsite",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="patients_patientsite_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PatientSite",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sites",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.site",
                            ),
                        ),
                        ("starts_on", models.DateField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient", "starts_on"), name="one_site_per_patient_and_start"
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
