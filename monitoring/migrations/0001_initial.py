import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import simple_history.models
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalImportBatch",
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
                        ("file_name", models.CharField(max_length=120)),
                        ("digest", models.CharField(max_length=64)),
                        ("rows", models.PositiveIntegerField()),
                        ("added", models.PositiveIntegerField()),
                        ("repeated", models.PositiveIntegerField()),
                        ("imported_at", models.DateTimeField()),
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
                            "imported_by",
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
                    ],
                    options={
                        "verbose_name": "historical import batch",
                        "verbose_name_plural": "historical import batchs",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_monitoring_importbatch"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_monitoring_importbatch",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="monitoring_importbatch_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ImportBatch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("file_name", models.CharField(max_length=120)),
                        ("digest", models.CharField(max_length=64)),
                        ("rows", models.PositiveIntegerField()),
                        ("added", models.PositiveIntegerField()),
                        ("repeated", models.PositiveIntegerField()),
                        ("imported_at", models.DateTimeField()),
                        (
                            "imported_by",
                            models.ForeignKey(
                                null=True,
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
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WaitingUpload",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("uploaded_at", models.DateTimeField()),
                        ("file_name", models.CharField(max_length=120)),
                        ("content", models.BinaryField()),
                        ("mapping", models.JSONField(default=dict)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="HistoricalReading",
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
                        ("value", models.DecimalField(decimal_places=2, max_digits=7)),
                        ("second_value", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        (
                            "entrance",
                            models.CharField(
                                choices=[
                                    ("csv", "File"),
                                    ("fhir", "FHIR"),
                                    ("hl7", "HL7 message"),
                                    ("hub", "Device hub"),
                                    ("typed", "Typed here"),
                                ],
                                default="csv",
                                max_length=10,
                                verbose_name="came by",
                            ),
                        ),
                        (
                            "identifier",
                            models.CharField(blank=True, max_length=255, verbose_name="sender's identifier"),
                        ),
                        ("original", models.CharField(blank=True, max_length=60, verbose_name="as sent")),
                        ("sender", models.CharField(blank=True, max_length=80)),
                        (
                            "source",
                            models.CharField(
                                choices=[("automatic", "Sent by the device"), ("typed", "Typed in")],
                                max_length=10,
                            ),
                        ),
                        ("taken_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("day", models.DateField()),
                        ("excluded_reason", models.TextField(blank=True, max_length=1000)),
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
                        (
                            "batch",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="monitoring.importbatch",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical reading",
                        "verbose_name_plural": "historical readings",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_monitoring_reading"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_monitoring_reading",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="monitoring_reading_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Reading",
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
                        ("value", models.DecimalField(decimal_places=2, max_digits=7)),
                        ("second_value", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        (
                            "entrance",
                            models.CharField(
                                choices=[
                                    ("csv", "File"),
                                    ("fhir", "FHIR"),
                                    ("hl7", "HL7 message"),
                                    ("hub", "Device hub"),
                                    ("typed", "Typed here"),
                                ],
                                default="csv",
                                max_length=10,
                                verbose_name="came by",
                            ),
                        ),
                        (
                            "identifier",
                            models.CharField(blank=True, max_length=255, verbose_name="sender's identifier"),
                        ),
                        ("original", models.CharField(blank=True, max_length=60, verbose_name="as sent")),
                        ("sender", models.CharField(blank=True, max_length=80)),
                        (
                            "source",
                            models.CharField(
                                choices=[("automatic", "Sent by the device"), ("typed", "Typed in")],
                                max_length=10,
                            ),
                        ),
                        ("taken_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("day", models.DateField()),
                        ("excluded_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "batch",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="monitoring.importbatch",
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readings",
                                to="patients.device",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readings",
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
                        "indexes": [
                            models.Index(
                                fields=["patient", "measure", "taken_at"],
                                name="monitoring__patient_c63800_idx",
                            ),
                            models.Index(
                                fields=["practice", "patient", "day"], name="monitoring__practic_3db74c_idx"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("device", "measure", "taken_at"),
                                name="one_reading_per_device_and_moment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gt", 0)), name="reading_is_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("measure", "blood_pressure"), _negated=True),
                                    ("second_value__isnull", False),
                                    _connector="OR",
                                ),
                                name="pressure_has_two_values",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("source", "typed"), ("device__isnull", False), _connector="OR"
                                ),
                                name="automatic_has_device",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("second_value", None),
                                    models.Q(
                                        ("measure", "blood_pressure"),
                                        ("second_value__gt", 0),
                                        ("second_value__lt", models.F("value")),
                                    ),
                                    _connector="OR",
                                ),
                                name="second_value_is_diastolic",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("identifier", ""), _negated=True),
                                fields=("practice", "sender", "identifier"),
                                name="one_reading_per_identifier",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("identifier", ""),
                                    models.Q(("sender", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="identifier_has_a_sender",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("entrance__in", ["csv", "fhir", "hl7", "hub", "typed"]),
                                    ("source__in", ["automatic", "typed"]),
                                ),
                                name="reading_came_by_a_known_way",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ParkedReading",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "entrance",
                            models.CharField(
                                choices=[
                                    ("csv", "File"),
                                    ("fhir", "FHIR"),
                                    ("hl7", "HL7 message"),
                                    ("hub", "Device hub"),
                                    ("typed", "Typed here"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("sender", models.CharField(blank=True, max_length=80)),
                        ("serial", models.CharField(blank=True, max_length=40)),
                        ("incoming", models.JSONField(null=True)),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("no_device", "Unknown device"),
                                    ("no_holder", "Device was with nobody that day"),
                                    ("no_patient", "Unknown patient"),
                                    ("not_enrolled", "Patient was not enrolled that day"),
                                    ("merged", "Record was merged"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("problem", models.TextField(blank=True, max_length=1000)),
                        ("first_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits"),
                                    ("taken", "Taken in"),
                                    ("discarded", "Discarded"),
                                    ("expired", "Emptied after 90 days"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("settled_reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "reading",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="monitoring.reading",
                            ),
                        ),
                        (
                            "settled_by",
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
                                condition=models.Q(("state", "waiting")),
                                fields=["practice", "serial", "last_at"],
                                name="parked_waiting",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "digest"), name="one_parked_row_per_value"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("incoming__isnull", False),
                                        ("settled_at", None),
                                        ("state", "waiting"),
                                    ),
                                    models.Q(
                                        ("incoming__isnull", True),
                                        ("problem", ""),
                                        ("settled_at__isnull", False),
                                        ("state__in", ["waiting", "taken", "discarded", "expired"]),
                                        models.Q(("state", "waiting"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="parked_value_is_kept_while_it_waits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reading__isnull", False), ("state", "taken")),
                                    models.Q(("reading", None), models.Q(("state", "taken"), _negated=True)),
                                    _connector="OR",
                                ),
                                name="parked_and_taken_is_a_reading",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "discarded"), _negated=True),
                                    models.Q(("settled_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="parked_and_discarded_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("entrance__in", ["csv", "fhir", "hl7", "hub", "typed"]),
                                    (
                                        "reason__in",
                                        ["no_device", "no_holder", "no_patient", "not_enrolled", "merged"],
                                    ),
                                ),
                                name="parked_value_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FileShape",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("shape", models.CharField(max_length=64)),
                        ("headings", models.JSONField(default=list)),
                        ("mapping", models.JSONField(default=dict)),
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
                            models.UniqueConstraint(
                                fields=("practice", "shape"), name="one_meaning_per_shape_of_file"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("shape__regex", "^[0-9a-f]{64}$")),
                                name="shape_is_a_digest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("mapping__has_key", "columns"),
                                    models.Q(("mapping__has_any_keys", ["serial", "mrn"]), _negated=True),
                                ),
                                name="shape_says_columns_and_nobody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalFileShape",
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
                        ("shape", models.CharField(max_length=64)),
                        ("headings", models.JSONField(default=list)),
                        ("mapping", models.JSONField(default=dict)),
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
                        "verbose_name": "historical file shape",
                        "verbose_name_plural": "historical file shapes",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_monitoring_fileshape"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_monitoring_fileshape",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="monitoring_fileshape_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
