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
        ("accounts", "0002_guards"),
        ("monitoring", "0002_guards"),
        ("patients", "0002_guards"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalEscalation",
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
                            "cause",
                            models.CharField(
                                choices=[
                                    ("reading", "Reading out of range"),
                                    ("trend", "Trend"),
                                    ("silence", "No readings"),
                                    ("person", "Asked by a colleague"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("measure", models.CharField(blank=True, max_length=20)),
                        ("rule", models.CharField(blank=True, max_length=40)),
                        (
                            "severity",
                            models.CharField(
                                choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                            ),
                        ),
                        ("says", models.TextField(max_length=1000, verbose_name="what was found")),
                        ("opened_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred"),
                                    ("answered", "Answered"),
                                    ("resolved", "Resolved"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        (
                            "topped_at",
                            models.DateTimeField(
                                null=True, verbose_name="nobody left to pass it on to since"
                            ),
                        ),
                        ("ask", models.CharField(blank=True, max_length=300, verbose_name="what is asked")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("medicine_changed", "Medicine changed by a clinician"),
                                    ("plan_changed", "Care plan changed"),
                                    ("advised", "Patient called and advised"),
                                    ("visit", "Visit arranged"),
                                    ("emergency", "Sent to emergency care"),
                                    ("device_helped", "Device put right or exchanged"),
                                    ("no_change", "Looked at: no change needed"),
                                    ("not_real", "The reading was not right"),
                                    ("transmitting", "Transmitting again"),
                                    ("paused", "Paused"),
                                    ("returned", "Device returned"),
                                    ("not_expected", "No readings expected now"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("resolved_at", models.DateTimeField(null=True)),
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
                            "owner",
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
                    ],
                    options={
                        "verbose_name": "historical escalation",
                        "verbose_name_plural": "historical escalations",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_escalations_escalation"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_escalations_escalation",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="escalations_escalation_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEscalationReading",
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
                        ("seen_version", models.PositiveIntegerField()),
                        ("history_user_id", models.UUIDField(null=True)),
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
                            "escalation",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="escalations.escalation",
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
                            "reading",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="monitoring.reading",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical escalation reading",
                        "verbose_name_plural": "historical escalation readings",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_escalations_escalationreadin"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_escalations_escalationreadi",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="escalations_escalationreading_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEscalationStep",
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
                        ("number", models.PositiveIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opened", "Opened"),
                                    ("merged", "Found again"),
                                    ("raised", "Became more severe"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred to a physician, NP or PA"),
                                    ("answered", "Answered"),
                                    ("handed_over", "Handed over"),
                                    ("climbed", "Passed on by the system"),
                                    ("noted", "Noted"),
                                    ("attempted", "Tried to reach the patient"),
                                    ("resolved", "Resolved"),
                                ],
                                max_length=12,
                                verbose_name="what happened",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("words", models.TextField(blank=True, max_length=1000)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred"),
                                    ("answered", "Answered"),
                                    ("resolved", "Resolved"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("continue", "Continue plan"),
                                    ("change_medicine", "Change medicine"),
                                    ("see_patient", "See patient"),
                                    ("other", "Other"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "attempt",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("phone", "Phone, no answer"),
                                    ("voicemail", "Voicemail"),
                                    ("message", "Message or letter"),
                                    ("caregiver", "By the caregiver"),
                                    ("reached", "Reached"),
                                    ("visit", "Visit"),
                                    ("device", "Device checked or exchanged"),
                                ],
                                max_length=10,
                                verbose_name="how it was tried",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("medicine_changed", "Medicine changed by a clinician"),
                                    ("plan_changed", "Care plan changed"),
                                    ("advised", "Patient called and advised"),
                                    ("visit", "Visit arranged"),
                                    ("emergency", "Sent to emergency care"),
                                    ("device_helped", "Device put right or exchanged"),
                                    ("no_change", "Looked at: no change needed"),
                                    ("not_real", "The reading was not right"),
                                    ("transmitting", "Transmitting again"),
                                    ("paused", "Paused"),
                                    ("returned", "Device returned"),
                                    ("not_expected", "No readings expected now"),
                                ],
                                max_length=16,
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
                        (
                            "by",
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
                            "escalation",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="escalations.escalation",
                            ),
                        ),
                        (
                            "owner",
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
                        "verbose_name": "historical escalation step",
                        "verbose_name_plural": "historical escalation steps",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_escalations_escalationstep"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_escalations_escalationstep",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="escalations_escalationstep_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalLadderPlace",
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
                        ("position", models.PositiveSmallIntegerField()),
                        ("why", models.TextField(max_length=1000)),
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
                            "member",
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
                        "verbose_name": "historical ladder place",
                        "verbose_name_plural": "historical ladder places",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_escalations_ladderplace"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_escalations_ladderplace",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="escalations_ladderplace_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Escalation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("reading", "Reading out of range"),
                                    ("trend", "Trend"),
                                    ("silence", "No readings"),
                                    ("person", "Asked by a colleague"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("measure", models.CharField(blank=True, max_length=20)),
                        ("rule", models.CharField(blank=True, max_length=40)),
                        (
                            "severity",
                            models.CharField(
                                choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                            ),
                        ),
                        ("says", models.TextField(max_length=1000, verbose_name="what was found")),
                        ("opened_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred"),
                                    ("answered", "Answered"),
                                    ("resolved", "Resolved"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        (
                            "topped_at",
                            models.DateTimeField(
                                null=True, verbose_name="nobody left to pass it on to since"
                            ),
                        ),
                        ("ask", models.CharField(blank=True, max_length=300, verbose_name="what is asked")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("medicine_changed", "Medicine changed by a clinician"),
                                    ("plan_changed", "Care plan changed"),
                                    ("advised", "Patient called and advised"),
                                    ("visit", "Visit arranged"),
                                    ("emergency", "Sent to emergency care"),
                                    ("device_helped", "Device put right or exchanged"),
                                    ("no_change", "Looked at: no change needed"),
                                    ("not_real", "The reading was not right"),
                                    ("transmitting", "Transmitting again"),
                                    ("paused", "Paused"),
                                    ("returned", "Device returned"),
                                    ("not_expected", "No readings expected now"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("resolved_at", models.DateTimeField(null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalations",
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
                                fields=["patient", "-opened_at"], name="escalations_patient_fb265d_idx"
                            ),
                            models.Index(
                                fields=["practice", "opened_at"], name="escalations_practic_887da2_idx"
                            ),
                            models.Index(
                                condition=models.Q(("state", "resolved"), _negated=True),
                                fields=["practice", "owner", "due_at"],
                                name="open_escalations",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("state", "resolved"), _negated=True),
                                    models.Q(("cause", "person"), _negated=True),
                                ),
                                fields=("patient", "cause", "measure", "rule"),
                                name="one_open_escalation_per_cause",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("says__regex", "\\S")), name="escalation_says_what"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cause__in", ["reading", "trend", "silence", "person"])),
                                name="escalation_has_a_cause",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("severity__in", ["warning", "critical"])),
                                name="escalation_is_so_severe",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cause", "person"), _negated=True),
                                    ("ask__regex", "\\S"),
                                    _connector="OR",
                                ),
                                name="who_escalates_asks",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "referred"), _negated=True),
                                    ("ask__regex", "\\S"),
                                    _connector="OR",
                                ),
                                name="referred_with_an_ask",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_at__gte", models.F("opened_at"))),
                                name="due_after_it_opened",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "outcome__in",
                                            [
                                                "medicine_changed",
                                                "plan_changed",
                                                "advised",
                                                "visit",
                                                "emergency",
                                                "device_helped",
                                                "no_change",
                                                "not_real",
                                                "transmitting",
                                                "paused",
                                                "returned",
                                                "not_expected",
                                            ],
                                        ),
                                        ("resolved_at__isnull", False),
                                        ("state", "resolved"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "resolved"), _negated=True),
                                        ("outcome", ""),
                                        ("resolved_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="resolved_with_an_outcome",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LadderPlace",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("why", models.TextField(max_length=1000)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "member",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("practice", "position"),
                                name="one_person_per_place",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("practice", "member"),
                                name="one_place_per_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why__regex", "\\S")), name="place_says_why"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationReading",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("seen_version", models.PositiveIntegerField()),
                        (
                            "escalation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attached",
                                to="escalations.escalation",
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
                            "reading",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="monitoring.reading",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("escalation", "reading", "seen_version"),
                                name="a_reading_is_attached_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("number", models.PositiveIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opened", "Opened"),
                                    ("merged", "Found again"),
                                    ("raised", "Became more severe"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred to a physician, NP or PA"),
                                    ("answered", "Answered"),
                                    ("handed_over", "Handed over"),
                                    ("climbed", "Passed on by the system"),
                                    ("noted", "Noted"),
                                    ("attempted", "Tried to reach the patient"),
                                    ("resolved", "Resolved"),
                                ],
                                max_length=12,
                                verbose_name="what happened",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("words", models.TextField(blank=True, max_length=1000)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("acknowledged", "Acknowledged"),
                                    ("referred", "Referred"),
                                    ("answered", "Answered"),
                                    ("resolved", "Resolved"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                choices=[("warning", "Warning"), ("critical", "Critical")], max_length=8
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("continue", "Continue plan"),
                                    ("change_medicine", "Change medicine"),
                                    ("see_patient", "See patient"),
                                    ("other", "Other"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "attempt",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("phone", "Phone, no answer"),
                                    ("voicemail", "Voicemail"),
                                    ("message", "Message or letter"),
                                    ("caregiver", "By the caregiver"),
                                    ("reached", "Reached"),
                                    ("visit", "Visit"),
                                    ("device", "Device checked or exchanged"),
                                ],
                                max_length=10,
                                verbose_name="how it was tried",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("medicine_changed", "Medicine changed by a clinician"),
                                    ("plan_changed", "Care plan changed"),
                                    ("advised", "Patient called and advised"),
                                    ("visit", "Visit arranged"),
                                    ("emergency", "Sent to emergency care"),
                                    ("device_helped", "Device put right or exchanged"),
                                    ("no_change", "Looked at: no change needed"),
                                    ("not_real", "The reading was not right"),
                                    ("transmitting", "Transmitting again"),
                                    ("paused", "Paused"),
                                    ("returned", "Device returned"),
                                    ("not_expected", "No readings expected now"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "escalation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="escalations.escalation",
                            ),
                        ),
                        (
                            "owner",
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
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("escalation", "number"), name="one_step_per_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "answer__in",
                                            ["continue", "change_medicine", "see_patient", "other"],
                                        ),
                                        ("by__isnull", False),
                                        ("kind", "answered"),
                                    ),
                                    models.Q(models.Q(("kind", "answered"), _negated=True), ("answer", "")),
                                    _connector="OR",
                                ),
                                name="answered_with_an_answer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "attempt__in",
                                            [
                                                "phone",
                                                "voicemail",
                                                "message",
                                                "caregiver",
                                                "reached",
                                                "visit",
                                                "device",
                                            ],
                                        ),
                                        ("kind", "attempted"),
                                    ),
                                    models.Q(models.Q(("kind", "attempted"), _negated=True), ("attempt", "")),
                                    _connector="OR",
                                ),
                                name="attempt_says_how",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "resolved"),
                                        (
                                            "outcome__in",
                                            [
                                                "medicine_changed",
                                                "plan_changed",
                                                "advised",
                                                "visit",
                                                "emergency",
                                                "device_helped",
                                                "no_change",
                                                "not_real",
                                                "transmitting",
                                                "paused",
                                                "returned",
                                                "not_expected",
                                            ],
                                        ),
                                    ),
                                    models.Q(models.Q(("kind", "resolved"), _negated=True), ("outcome", "")),
                                    _connector="OR",
                                ),
                                name="step_resolves_with_an_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind__in", ["referred", "noted"]), _negated=True),
                                    ("words__regex", "\\S"),
                                    _connector="OR",
                                ),
                                name="step_has_its_words",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
