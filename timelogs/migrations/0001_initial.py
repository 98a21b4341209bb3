import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("patients", "0001_initial"),
        ("escalations", "0001_initial"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalTimeEntry",
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
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("signed", "Signed"),
                                    ("amended", "Amended"),
                                    ("voided", "Voided"),
                                    ("discarded", "Discarded"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("data_from", models.DateField(null=True, verbose_name="readings from")),
                        ("data_until", models.DateField(null=True, verbose_name="readings until")),
                        ("data_facts", models.JSONField(default=list)),
                        ("data_seen_at", models.DateTimeField(null=True)),
                        (
                            "data_left_out",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16),
                                blank=True,
                                default=list,
                                help_text="Measures among the facts that the author did not review.",
                                size=None,
                                verbose_name="not reviewed",
                            ),
                        ),
                        ("data_reviewed", models.BooleanField(default=False)),
                        (
                            "data_note",
                            models.TextField(blank=True, max_length=4000, verbose_name="what you saw"),
                        ),
                        (
                            "no_data_reason",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="why no readings were reviewed"
                            ),
                        ),
                        (
                            "party",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("patient", "Patient"),
                                    ("caregiver", "Caregiver"),
                                    ("clinician", "Clinician"),
                                    ("none", "No contact"),
                                ],
                                max_length=10,
                                verbose_name="who",
                            ),
                        ),
                        (
                            "party_name",
                            models.CharField(blank=True, max_length=80, verbose_name="caregiver's name"),
                        ),
                        (
                            "party_relation",
                            models.CharField(blank=True, max_length=40, verbose_name="relation"),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("phone", "Phone"),
                                    ("video", "Video"),
                                    ("in_person", "In person"),
                                    ("relay", "Relay service"),
                                    ("live_chat", "Live chat"),
                                    ("secure_message", "Secure message"),
                                    ("no_answer", "Voicemail or no answer"),
                                ],
                                max_length=16,
                                verbose_name="how",
                            ),
                        ),
                        ("contact_started_at", models.DateTimeField(null=True)),
                        ("contact_seconds", models.PositiveIntegerField(null=True)),
                        (
                            "contact_longer_reason",
                            models.TextField(
                                blank=True,
                                max_length=1000,
                                verbose_name="why the contact was longer than the session",
                            ),
                        ),
                        (
                            "topics",
                            django.contrib.postgres.fields.ArrayField(
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
                        ("said", models.TextField(blank=True, max_length=4000, verbose_name="what was said")),
                        (
                            "action",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_change", "No change"),
                                    ("education", "Education"),
                                    ("plan_updated", "Care plan updated"),
                                    ("medicine_change", "Medicine changed by a clinician"),
                                    ("escalated", "Escalated"),
                                    ("referral", "Referral"),
                                    ("try_again", "Try again"),
                                ],
                                max_length=16,
                                verbose_name="clinical action",
                            ),
                        ),
                        (
                            "action_detail",
                            models.TextField(blank=True, max_length=4000, verbose_name="reason or detail"),
                        ),
                        ("follow_up_on", models.DateField(null=True)),
                        (
                            "late_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why entered later"),
                        ),
                        (
                            "raise_reason",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="why more than measured"
                            ),
                        ),
                        ("signed_at", models.DateTimeField(null=True)),
                        ("signed_label", models.CharField(blank=True, max_length=160)),
                        (
                            "signature",
                            models.CharField(
                                blank=True, help_text="SHA-256 of what was signed.", max_length=64
                            ),
                        ),
                        ("seconds_signed", models.PositiveIntegerField(null=True)),
                        (
                            "cumulative_seconds",
                            models.PositiveIntegerField(
                                help_text="The month's counted total as shown at signing.", null=True
                            ),
                        ),
                        ("late", models.BooleanField(default=False)),
                        ("needs_approval", models.BooleanField(default=False)),
                        ("approved_at", models.DateTimeField(null=True)),
                        (
                            "ended_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was amended, voided or discarded.",
                                max_length=1000,
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
                            "approved_by",
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
                            "supersedes",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical time entry",
                        "verbose_name_plural": "historical time entrys",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_timeentry"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_timeentry",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_timeentry_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="TimeEntry",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("signed", "Signed"),
                                    ("amended", "Amended"),
                                    ("voided", "Voided"),
                                    ("discarded", "Discarded"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("data_from", models.DateField(null=True, verbose_name="readings from")),
                        ("data_until", models.DateField(null=True, verbose_name="readings until")),
                        ("data_facts", models.JSONField(default=list)),
                        ("data_seen_at", models.DateTimeField(null=True)),
                        (
                            "data_left_out",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16),
                                blank=True,
                                default=list,
                                help_text="Measures among the facts that the author did not review.",
                                size=None,
                                verbose_name="not reviewed",
                            ),
                        ),
                        ("data_reviewed", models.BooleanField(default=False)),
                        (
                            "data_note",
                            models.TextField(blank=True, max_length=4000, verbose_name="what you saw"),
                        ),
                        (
                            "no_data_reason",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="why no readings were reviewed"
                            ),
                        ),
                        (
                            "party",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("patient", "Patient"),
                                    ("caregiver", "Caregiver"),
                                    ("clinician", "Clinician"),
                                    ("none", "No contact"),
                                ],
                                max_length=10,
                                verbose_name="who",
                            ),
                        ),
                        (
                            "party_name",
                            models.CharField(blank=True, max_length=80, verbose_name="caregiver's name"),
                        ),
                        (
                            "party_relation",
                            models.CharField(blank=True, max_length=40, verbose_name="relation"),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("phone", "Phone"),
                                    ("video", "Video"),
                                    ("in_person", "In person"),
                                    ("relay", "Relay service"),
                                    ("live_chat", "Live chat"),
                                    ("secure_message", "Secure message"),
                                    ("no_answer", "Voicemail or no answer"),
                                ],
                                max_length=16,
                                verbose_name="how",
                            ),
                        ),
                        ("contact_started_at", models.DateTimeField(null=True)),
                        ("contact_seconds", models.PositiveIntegerField(null=True)),
                        (
                            "contact_longer_reason",
                            models.TextField(
                                blank=True,
                                max_length=1000,
                                verbose_name="why the contact was longer than the session",
                            ),
                        ),
                        (
                            "topics",
                            django.contrib.postgres.fields.ArrayField(
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
                        ("said", models.TextField(blank=True, max_length=4000, verbose_name="what was said")),
                        (
                            "action",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_change", "No change"),
                                    ("education", "Education"),
                                    ("plan_updated", "Care plan updated"),
                                    ("medicine_change", "Medicine changed by a clinician"),
                                    ("escalated", "Escalated"),
                                    ("referral", "Referral"),
                                    ("try_again", "Try again"),
                                ],
                                max_length=16,
                                verbose_name="clinical action",
                            ),
                        ),
                        (
                            "action_detail",
                            models.TextField(blank=True, max_length=4000, verbose_name="reason or detail"),
                        ),
                        ("follow_up_on", models.DateField(null=True)),
                        (
                            "late_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why entered later"),
                        ),
                        (
                            "raise_reason",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="why more than measured"
                            ),
                        ),
                        ("signed_at", models.DateTimeField(null=True)),
                        ("signed_label", models.CharField(blank=True, max_length=160)),
                        (
                            "signature",
                            models.CharField(
                                blank=True, help_text="SHA-256 of what was signed.", max_length=64
                            ),
                        ),
                        ("seconds_signed", models.PositiveIntegerField(null=True)),
                        (
                            "cumulative_seconds",
                            models.PositiveIntegerField(
                                help_text="The month's counted total as shown at signing.", null=True
                            ),
                        ),
                        ("late", models.BooleanField(default=False)),
                        ("needs_approval", models.BooleanField(default=False)),
                        ("approved_at", models.DateTimeField(null=True)),
                        (
                            "ended_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was amended, voided or discarded.",
                                max_length=1000,
                            ),
                        ),
                        (
                            "care_plan",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.careplan",
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="patients.enrollment",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
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
                            "supersedes",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="timelogs.timeentry",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["patient", "-started_at"], name="timelogs_ti_patient_8c3e5d_idx"
                            ),
                            models.Index(
                                fields=["author", "status", "-started_at"],
                                name="timelogs_ti_author__9c52c8_idx",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("seconds_signed", None),
                                        ("signature", ""),
                                        ("signed_at", None),
                                        ("status__in", ["draft", "discarded"]),
                                    ),
                                    models.Q(
                                        ("signed_at__isnull", False),
                                        ("status__in", ["signed", "amended", "voided"]),
                                        ("cumulative_seconds__isnull", False),
                                        ("seconds_signed__gt", 0),
                                        ("seconds_signed__isnull", False),
                                        models.Q(("signature", ""), _negated=True),
                                        models.Q(("signed_label", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="entry_signature_complete_or_empty",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["draft", "discarded"]),
                                    ("contact_seconds", None),
                                    models.Q(
                                        (
                                            "contact_seconds__lt",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("seconds_signed"), "+", models.Value(60)
                                            ),
                                        ),
                                        ("seconds_signed__isnull", False),
                                    ),
                                    ("party__in", ["", "none"]),
                                    ("method", "no_answer"),
                                    models.Q(("contact_longer_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="contact_lies_in_its_session_or_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["amended", "voided", "discarded"]), _negated=True
                                    ),
                                    models.Q(("ended_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="entry_end_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("approved_at", None), ("approved_by", None)),
                                    models.Q(
                                        ("approved_at__isnull", False),
                                        ("approved_by__isnull", False),
                                        models.Q(("approved_by", models.F("author")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="entry_approved_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("care_plan", None),
                                    models.Q(("status__in", ["draft", "discarded"]), _negated=True),
                                    _connector="OR",
                                ),
                                name="entry_takes_its_plan_when_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["draft", "discarded"]),
                                    ("data_reviewed", False),
                                    models.Q(
                                        ("data_from__isnull", False),
                                        ("data_from__lte", models.F("data_until")),
                                        ("data_until__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="reviewed_readings_are_of_days_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAddition",
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
                                choices=[("addendum", "Addendum"), ("attestation", "Attestation")],
                                max_length=12,
                            ),
                        ),
                        ("text", models.TextField(max_length=4000)),
                        (
                            "wording",
                            models.CharField(
                                blank=True, help_text="The attestation's wording, as signed.", max_length=10
                            ),
                        ),
                        ("signed_at", models.DateTimeField()),
                        ("signed_label", models.CharField(max_length=160)),
                        (
                            "signature",
                            models.CharField(help_text="SHA-256 of what was signed.", max_length=64),
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                        "verbose_name": "historical addition",
                        "verbose_name_plural": "historical additions",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_addition"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_addition",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_addition_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Addition",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("addendum", "Addendum"), ("attestation", "Attestation")],
                                max_length=12,
                            ),
                        ),
                        ("text", models.TextField(max_length=4000)),
                        (
                            "wording",
                            models.CharField(
                                blank=True, help_text="The attestation's wording, as signed.", max_length=10
                            ),
                        ),
                        ("signed_at", models.DateTimeField()),
                        ("signed_label", models.CharField(max_length=160)),
                        (
                            "signature",
                            models.CharField(help_text="SHA-256 of what was signed.", max_length=64),
                        ),
                        (
                            "author",
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
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="additions",
                                to="timelogs.timeentry",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["entry", "signed_at"], name="timelogs_ad_entry_i_2e2230_idx")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("text", ""), _negated=True),
                                    models.Q(("signature", ""), _negated=True),
                                    models.Q(("signed_label", ""), _negated=True),
                                ),
                                name="addition_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=django.db.models.lookups.LessThanOrEqual(
                                    django.db.models.functions.text.Length("text"), 4000
                                ),
                                name="addition_can_be_read",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "addendum"), ("wording", "")),
                                    models.Q(
                                        ("kind", "attestation"), models.Q(("wording", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="attestation_names_its_wording",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "attestation")),
                                fields=("entry",),
                                name="one_attestation_per_session",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Clock",
                    fields=[
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="clock",
                                serialize=False,
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "Running"),
                                    ("on_call", "On call"),
                                    ("paused", "Paused"),
                                    ("asking", "Still there?"),
                                    ("ended", "Ended"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("heartbeat_at", models.DateTimeField()),
                        ("input_at", models.DateTimeField()),
                        (
                            "question",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("idle", "No input"),
                                    ("call", "A long call"),
                                    ("long", "A long session"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("asked_at", models.DateTimeField(null=True)),
                        ("doubt_from", models.DateTimeField(null=True)),
                        ("vouched", models.DurationField(default=datetime.timedelta)),
                        ("pause_reason", models.CharField(blank=True, max_length=60)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("asked_at__isnull", False),
                                        ("doubt_from__isnull", False),
                                        ("state", "asking"),
                                        models.Q(("question", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "asking"), _negated=True),
                                        ("asked_at", None),
                                        ("doubt_from", None),
                                        ("question", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="clock_asks_a_question",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalGap",
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
                        ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        ("why", models.CharField(max_length=60, verbose_name="why it was left out")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[("added", "Added with a reason"), ("left_out", "Left out")],
                                max_length=8,
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                        "verbose_name": "historical gap",
                        "verbose_name_plural": "historical gaps",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_gap"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_gap",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_gap_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Gap",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        ("why", models.CharField(max_length=60, verbose_name="why it was left out")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[("added", "Added with a reason"), ("left_out", "Left out")],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gaps",
                                to="timelogs.timeentry",
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
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[("entry", "="), ("during", "&&")],
                                name="no_minute_left_out_twice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False), ("during__lower_inf", False)),
                                name="gap_has_a_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("answer", ""), ("during__upper_inf", False), _connector="OR"
                                ),
                                name="answered_gap_has_ended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", "added"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="added_gap_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalConcurrence",
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
                        ("decided_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=1000)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                                to="timelogs.timeentry",
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
                        "verbose_name": "historical concurrence",
                        "verbose_name_plural": "historical concurrences",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_concurrence"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_concurrence",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_concurrence_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Concurrence",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("decided_at", models.DateTimeField()),
                        ("reason", models.TextField(max_length=1000)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_reason",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="timelogs.timeentry",
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
                                condition=models.Q(("entry__lt", models.F("other"))),
                                name="concurrence_is_of_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason__regex", "\\S")), name="concurrence_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ended_reason", "")),
                                    models.Q(("ended_at__isnull", False), ("ended_reason__regex", "\\S")),
                                    _connector="OR",
                                ),
                                name="concurrence_end_says_why",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("entry", "other"),
                                name="one_concurrence_of_two",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPeriod",
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
                        ("month", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("closing", "Closing…"),
                                    ("closed", "Closed"),
                                    ("reopened", "Re-opened"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("cut_off_at", models.DateTimeField(null=True)),
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
                        "verbose_name": "historical period",
                        "verbose_name_plural": "historical periods",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_period"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_period",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_period_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Period",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("month", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("closing", "Closing…"),
                                    ("closed", "Closed"),
                                    ("reopened", "Re-opened"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("cut_off_at", models.DateTimeField(null=True)),
                        ("reason", models.TextField(blank=True, max_length=1000)),
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
                                fields=("practice", "month"), name="one_period_per_month"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)), name="period_begins_on_the_first"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPatientMonth",
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
                        ("month", models.DateField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
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
                        "verbose_name": "historical patient month",
                        "verbose_name_plural": "historical patient months",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_patientmonth"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_patientmonth",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_patientmonth_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PatientMonth",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("month", models.DateField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="months",
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
                            models.UniqueConstraint(
                                fields=("patient", "month"), name="one_row_per_patient_month"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at")), ("month__day", 1)),
                                name="patient_month_shape",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalTimeSegment",
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
                            "activity",
                            models.CharField(
                                choices=[
                                    ("data_review", "Reviewing data"),
                                    ("contact", "Talking with patient or caregiver"),
                                    ("coordination", "Coordinating care"),
                                    ("plan_update", "Updating the care plan"),
                                    ("documentation", "Documenting"),
                                    ("setup", "Set-up and teaching"),
                                    ("technical_help", "Technical help"),
                                    ("scheduling", "Scheduling"),
                                    ("attempt", "Tried, no answer"),
                                ],
                                default="data_review",
                                max_length=16,
                            ),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("clock", "Clock"),
                                    ("manual", "Entered by hand"),
                                    ("call", "Call record"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "evidence",
                            models.CharField(
                                choices=[
                                    ("call_record", "Call record"),
                                    ("observed", "Observed"),
                                    ("attested", "Attested"),
                                    ("manual", "Manual"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        ("standing", models.BooleanField(default=True)),
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                            "staff",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical time segment",
                        "verbose_name_plural": "historical time segments",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_timesegment"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_timesegment",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_timesegment_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="TimeSegment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "activity",
                            models.CharField(
                                choices=[
                                    ("data_review", "Reviewing data"),
                                    ("contact", "Talking with patient or caregiver"),
                                    ("coordination", "Coordinating care"),
                                    ("plan_update", "Updating the care plan"),
                                    ("documentation", "Documenting"),
                                    ("setup", "Set-up and teaching"),
                                    ("technical_help", "Technical help"),
                                    ("scheduling", "Scheduling"),
                                    ("attempt", "Tried, no answer"),
                                ],
                                default="data_review",
                                max_length=16,
                            ),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("clock", "Clock"),
                                    ("manual", "Entered by hand"),
                                    ("call", "Call record"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "evidence",
                            models.CharField(
                                choices=[
                                    ("call_record", "Call record"),
                                    ("observed", "Observed"),
                                    ("attested", "Attested"),
                                    ("manual", "Manual"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=1000)),
                        ("standing", models.BooleanField(default=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="segments",
                                to="timelogs.timeentry",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="segments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("standing", True)),
                                fields=["entry"],
                                name="segment_standing",
                            )
                        ],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("standing", True)),
                                expressions=[("staff", "="), ("during", "&&")],
                                name="nobody_works_twice_at_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("during__isempty", False), ("during__lower_inf", False)),
                                name="segment_has_a_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CountedInterval",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff_kind",
                            models.CharField(
                                choices=[
                                    ("clinical_staff", "Clinical staff"),
                                    ("qhp", "Physician or other qualified professional"),
                                    ("none", "Not clinical"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                        ("standing", models.BooleanField(default=True)),
                        ("concurrent", models.BooleanField(default=False)),
                        ("stood_from", models.DateTimeField()),
                        ("stood_until", models.DateTimeField(null=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="intervals",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "patient",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "patient_month",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="intervals",
                                to="timelogs.patientmonth",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="intervals",
                                to="timelogs.timesegment",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("standing", True)),
                                fields=["patient_month"],
                                name="interval_standing",
                            )
                        ],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("concurrent", False), ("standing", True)),
                                expressions=[("patient", "="), ("during", "&&")],
                                name="no_second_of_a_patient_twice",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("standing", True)),
                                expressions=[("staff", "="), ("during", "&&")],
                                name="no_second_of_a_person_twice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("during__isempty", False),
                                    ("during__lower_inf", False),
                                    ("during__upper_inf", False),
                                ),
                                name="interval_is_finite",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("standing", True), ("stood_until", None)),
                                    models.Q(("standing", False), ("stood_until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="interval_ended_or_standing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("given_at", models.DateTimeField()),
                        ("why", models.TextField(max_length=1000, verbose_name="what is to be done")),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="handovers",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "given_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "given_to",
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
                            models.CheckConstraint(
                                condition=models.Q(("why__regex", "\\S")), name="handover_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    ("ended_at__gte", models.F("given_at")),
                                    _connector="OR",
                                ),
                                name="handover_ends_after_it_began",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("entry",),
                                name="one_open_handover_of_a_draft",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalHandover",
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
                        ("given_at", models.DateTimeField()),
                        ("why", models.TextField(max_length=1000, verbose_name="what is to be done")),
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "given_by",
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
                            "given_to",
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
                        "verbose_name": "historical handover",
                        "verbose_name_plural": "historical handovers",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_handover"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_handover",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_handover_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalReviewedReadings",
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
                        ("measure", models.CharField(max_length=16)),
                        ("since", models.DateField()),
                        ("until", models.DateField()),
                        ("seen_at", models.DateTimeField()),
                        ("readings", models.PositiveIntegerField()),
                        ("days", models.PositiveIntegerField()),
                        ("out_of_range", models.PositiveIntegerField()),
                        ("days_out_of_range", models.PositiveIntegerField()),
                        ("days_above", models.PositiveIntegerField()),
                        ("low", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("second_low", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("second_high", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        (
                            "digest",
                            models.CharField(blank=True, help_text="SHA-256 of the values.", max_length=64),
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                        "verbose_name": "historical reviewed readings",
                        "verbose_name_plural": "historical reviewed readingss",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_reviewedreadings"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_reviewedreadings",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_reviewedreadings_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ReviewedReadings",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("measure", models.CharField(max_length=16)),
                        ("since", models.DateField()),
                        ("until", models.DateField()),
                        ("seen_at", models.DateTimeField()),
                        ("readings", models.PositiveIntegerField()),
                        ("days", models.PositiveIntegerField()),
                        ("out_of_range", models.PositiveIntegerField()),
                        ("days_out_of_range", models.PositiveIntegerField()),
                        ("days_above", models.PositiveIntegerField()),
                        ("low", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("high", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("second_low", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("second_high", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        (
                            "digest",
                            models.CharField(blank=True, help_text="SHA-256 of the values.", max_length=64),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="patients.device",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviewed",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "patient",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "device", "measure"),
                                name="reviewed_once_in_a_note",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("since__lte", models.F("until"))),
                                name="reviewed_days_are_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("days", 0),
                                        ("device__isnull", False),
                                        ("digest", ""),
                                        ("high", None),
                                        ("low", None),
                                        ("readings", 0),
                                        ("second_high", None),
                                        ("second_low", None),
                                    ),
                                    models.Q(
                                        ("days__gt", 0),
                                        ("high__isnull", False),
                                        ("low__isnull", False),
                                        ("readings__gt", 0),
                                        ("low__lte", models.F("high")),
                                        ("readings__gte", models.F("days")),
                                        models.Q(("digest", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="reviewed_figures_fit_each_other",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("days_out_of_range__lte", models.F("days")),
                                    ("out_of_range__lte", models.F("readings")),
                                    ("days_above__lte", models.F("days_out_of_range")),
                                ),
                                name="reviewed_out_of_range_are_some_of_all",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationWork",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalation_work",
                                to="timelogs.timeentry",
                            ),
                        ),
                        (
                            "escalation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "escalation"), name="an_escalation_once_in_a_session"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEscalationWork",
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
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="timelogs.timeentry",
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
                    ],
                    options={
                        "verbose_name": "historical escalation work",
                        "verbose_name_plural": "historical escalation works",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_timelogs_escalationwork"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_timelogs_escalationwork",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="timelogs_escalationwork_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
