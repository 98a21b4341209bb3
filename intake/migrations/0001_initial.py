import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import simple_history.models
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        ("patients", "0002_guards"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="PatientImport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("csv", "CSV file"),
                                    ("fhir", "FHIR request"),
                                    ("hl7", "HL7 message"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("columns", "Columns to choose"),
                                    ("checking", "To be checked"),
                                    ("taking", "Being taken in"),
                                    ("done", "Done"),
                                    ("discarded", "Discarded"),
                                    ("expired", "Expired"),
                                    ("replaced", "Replaced by a newer message"),
                                ],
                                default="columns",
                                max_length=10,
                            ),
                        ),
                        ("rows", models.PositiveIntegerField(default=0)),
                        ("created", models.PositiveIntegerField(default=0, verbose_name="new patients")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="patients changed")),
                        ("kept", models.PositiveIntegerField(default=0, verbose_name="kept as they were")),
                        ("same", models.PositiveIntegerField(default=0, verbose_name="already here")),
                        ("left_out", models.PositiveIntegerField(default=0, verbose_name="left out")),
                        ("sender", models.CharField(blank=True, max_length=120)),
                        ("opened_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "opened_by",
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
                        (
                            "taken_by",
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
                                fields=["practice", "-opened_at"], name="intake_pati_practic_d5c78f_idx"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ("columns", "checking", "taking"))),
                                fields=["practice"],
                                name="open_imports_of_patients",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("source", "csv"), ("state__in", ("columns", "checking", "taking"))
                                ),
                                fields=("practice",),
                                name="one_open_import_of_patients",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("opened_by__isnull", False), ("sender", ""), ("source", "csv")),
                                    models.Q(
                                        models.Q(("source", "csv"), _negated=True),
                                        models.Q(("sender", ""), _negated=True),
                                        ("opened_by", None),
                                        ("rows", 1),
                                    ),
                                    _connector="OR",
                                ),
                                name="import_of_patients_from_whom",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at", None), ("state__in", ("columns", "checking", "taking"))
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ("columns", "checking", "taking")), _negated=True
                                        ),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="import_of_patients_ended_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    (
                                        "rows",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.F("created"), "+", models.F("changed")
                                                    ),
                                                    "+",
                                                    models.F("kept"),
                                                ),
                                                "+",
                                                models.F("same"),
                                            ),
                                            "+",
                                            models.F("left_out"),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="ended_import_of_patients_adds_up",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("file_name", models.CharField(max_length=120)),
                        ("windows", models.BooleanField(default=False)),
                        ("content", models.BinaryField()),
                        ("columns", models.JSONField(default=dict)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "patient_import",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="file",
                                to="intake.patientimport",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ImportedPatient",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("row", models.PositiveIntegerField(verbose_name="row of the file")),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("created", "New patient"),
                                    ("changed", "Changed from the file"),
                                    ("kept", "Kept as it was"),
                                ],
                                max_length=10,
                                verbose_name="what was done",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="imports",
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
                        (
                            "patient_import",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="patients",
                                to="intake.patientimport",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient_import", "patient"), name="one_patient_once_per_import"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("what", "created")),
                                fields=("patient",),
                                name="a_patient_came_in_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("what", "created"),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="imported_over_with_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("what", "created"),
                                    ("decided_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="imported_over_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalImportedPatient",
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
                        ("row", models.PositiveIntegerField(verbose_name="row of the file")),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("created", "New patient"),
                                    ("changed", "Changed from the file"),
                                    ("kept", "Kept as it was"),
                                ],
                                max_length=10,
                                verbose_name="what was done",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=1000)),
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
                            "patient_import",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="intake.patientimport",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical imported patient",
                        "verbose_name_plural": "historical imported patients",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_intake_importedpatient"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_intake_importedpatient",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="intake_importedpatient_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Candidate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("values", models.JSONField()),
                        ("problems", models.JSONField(default=list)),
                        (
                            "standing",
                            models.CharField(
                                choices=[
                                    ("new", "New"),
                                    ("same", "Already here"),
                                    ("changed", "Differs"),
                                    ("double", "Likely a double"),
                                    ("other_name", "Same MRN, likely another person"),
                                    ("wrong", "With errors"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("differs", models.JSONField(default=dict)),
                        ("doubles", models.JSONField(default=list)),
                        ("twin", models.PositiveIntegerField(null=True)),
                        ("everybody", models.CharField(blank=True, max_length=64)),
                        (
                            "decision",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("ours", "Keep what is here"),
                                    ("theirs", "Take over from the file"),
                                    ("another", "Another person: take in as new"),
                                    ("leave", "Leave this row out"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("fields", models.JSONField(default=list)),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        ("taking", models.BooleanField(default=False)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("about", models.CharField(blank=True, max_length=20)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
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
                        (
                            "patient_import",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="intake.patientimport",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["patient_import", "standing", "number"],
                                name="intake_cand_patient_381f09_idx",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("patient_import", "number"), name="one_candidate_per_row"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("about", ""), _negated=True),
                                fields=("practice", "about"),
                                name="one_arrival_waits_per_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decision__in", ["", "leave"]),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="decided_with_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decision", ""), ("decided_by__isnull", False), _connector="OR"
                                ),
                                name="decided_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decision__in", ["ours", "theirs"]), _negated=True),
                                    ("patient__isnull", False),
                                    _connector="OR",
                                ),
                                name="only_a_patient_is_kept_or_changed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("standing", "wrong"), _negated=True),
                                    models.Q(("decision", ""), ("taking", False)),
                                    _connector="OR",
                                ),
                                name="a_wrong_row_is_not_taken_in",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Arrival",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("csv", "CSV file"),
                                    ("fhir", "FHIR request"),
                                    ("hl7", "HL7 message"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("taken", "Taken in"),
                                    ("same", "Already here"),
                                    ("waiting", "Waits for a decision"),
                                    ("refused", "Refused"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("why", models.CharField(blank=True, max_length=300)),
                        ("received_at", models.DateTimeField()),
                        (
                            "patient",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                        (
                            "patient_import",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="intake.patientimport",
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
                            models.Index(fields=["practice", "source", "digest"], name="answers_to_messages")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("outcome", "waiting"), _negated=True),
                                fields=("practice", "source", "digest"),
                                name="one_answer_per_message",
                            ),
                            models.UniqueConstraint(
                                fields=("patient_import",), name="one_answer_per_open_message"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("outcome", "taken"),
                                        ("patient__isnull", False),
                                        ("patient_import__isnull", False),
                                    ),
                                    models.Q(
                                        ("outcome", "same"),
                                        ("patient__isnull", False),
                                        ("patient_import", None),
                                    ),
                                    models.Q(
                                        ("outcome", "waiting"),
                                        ("patient", None),
                                        ("patient_import__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_answer_says_what_became",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AskedMerge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("sender", models.CharField(max_length=120)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "duplicate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
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
                        (
                            "remaining",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.patient",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("duplicate", "remaining"), name="one_merge_asked_of_two_records"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("duplicate", models.F("remaining")), _negated=True),
                                name="asked_merge_is_of_two_records",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sender", ""), _negated=True),
                                name="asked_merge_says_by_whom",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalKnownColumns",
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
                            "source",
                            models.CharField(
                                choices=[
                                    ("csv", "CSV file"),
                                    ("fhir", "FHIR request"),
                                    ("hl7", "HL7 message"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("columns", models.JSONField()),
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
                        "verbose_name": "historical known columns",
                        "verbose_name_plural": "historical known columnss",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_intake_knowncolumns"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_intake_knowncolumns",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="intake_knowncolumns_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPatientImport",
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
                            "source",
                            models.CharField(
                                choices=[
                                    ("csv", "CSV file"),
                                    ("fhir", "FHIR request"),
                                    ("hl7", "HL7 message"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("columns", "Columns to choose"),
                                    ("checking", "To be checked"),
                                    ("taking", "Being taken in"),
                                    ("done", "Done"),
                                    ("discarded", "Discarded"),
                                    ("expired", "Expired"),
                                    ("replaced", "Replaced by a newer message"),
                                ],
                                default="columns",
                                max_length=10,
                            ),
                        ),
                        ("rows", models.PositiveIntegerField(default=0)),
                        ("created", models.PositiveIntegerField(default=0, verbose_name="new patients")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="patients changed")),
                        ("kept", models.PositiveIntegerField(default=0, verbose_name="kept as they were")),
                        ("same", models.PositiveIntegerField(default=0, verbose_name="already here")),
                        ("left_out", models.PositiveIntegerField(default=0, verbose_name="left out")),
                        ("sender", models.CharField(blank=True, max_length=120)),
                        ("opened_at", models.DateTimeField()),
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
                            "opened_by",
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
                    ],
                    options={
                        "verbose_name": "historical patient import",
                        "verbose_name_plural": "historical patient imports",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_intake_patientimport"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_intake_patientimport",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="intake_patientimport_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="KnownColumns",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("csv", "CSV file"),
                                    ("fhir", "FHIR request"),
                                    ("hl7", "HL7 message"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("columns", models.JSONField()),
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
                                fields=("practice", "source"), name="known_columns_per_source"
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
