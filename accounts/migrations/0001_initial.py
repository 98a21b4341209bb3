import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import accounts.models
import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [("foundation", "0001_roles")]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalUser",
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
                        ("email", models.EmailField(db_index=True, max_length=254)),
                        ("name", models.CharField(max_length=120)),
                        ("is_active", models.BooleanField(default=True)),
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
                    ],
                    options={
                        "verbose_name": "historical user",
                        "verbose_name_plural": "historical users",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [models.Index(fields=["id", "history_id"], name="h_accounts_user")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_user_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                                name="email_in_lower_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPractice",
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
                        ("name", models.CharField(max_length=120)),
                        ("slug", models.SlugField()),
                        ("time_zone", models.CharField(default="America/New_York", max_length=40)),
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
                        "verbose_name": "historical practice",
                        "verbose_name_plural": "historical practices",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [models.Index(fields=["id", "history_id"], name="h_accounts_practice")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_practice_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Practice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("name", models.CharField(max_length=120)),
                        ("slug", models.SlugField(unique=True)),
                        ("time_zone", models.CharField(default="America/New_York", max_length=40)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPreferences",
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
                            "clock_on_chart",
                            models.BooleanField(
                                default=False, verbose_name="opening a chart starts the clock"
                            ),
                        ),
                        ("video_room", models.URLField(blank=True, verbose_name="video room")),
                        (
                            "alert_emails",
                            models.CharField(
                                choices=[("daily", "Once a day, together"), ("at_once", "Each at once")],
                                default="daily",
                                max_length=8,
                                verbose_name="e-mails of alerts",
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
                            "user",
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
                        "verbose_name": "historical preferences",
                        "verbose_name_plural": "historical preferencess",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [models.Index(fields=["id", "history_id"], name="h_accounts_preferences")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_preferences_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Preferences",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "clock_on_chart",
                            models.BooleanField(
                                default=False, verbose_name="opening a chart starts the clock"
                            ),
                        ),
                        ("video_room", models.URLField(blank=True, verbose_name="video room")),
                        (
                            "alert_emails",
                            models.CharField(
                                choices=[("daily", "Once a day, together"), ("at_once", "Each at once")],
                                default="daily",
                                max_length=8,
                                verbose_name="e-mails of alerts",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="preferences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("alert_emails__in", ["daily", "at_once"])),
                                name="alert_emails_are_chosen",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("video_room", ""),
                                    ("video_room__startswith", "https://"),
                                    _connector="OR",
                                ),
                                name="video_room_is_encrypted",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalMembership",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("nurse", "Nurse"),
                                    ("lead_nurse", "Lead nurse"),
                                    ("qhp", "Physician, NP or PA"),
                                    ("biller", "Biller"),
                                    ("auditor", "Auditor"),
                                    ("administrator", "Administrator"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "credential",
                            models.CharField(
                                blank=True, help_text="RN, LPN, MA, MD, NP, PA …", max_length=20
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
                        ("npi", models.CharField(blank=True, max_length=10, verbose_name="NPI")),
                        (
                            "employer",
                            models.CharField(
                                blank=True, max_length=120, help_text="Empty: the practice itself."
                            ),
                        ),
                        (
                            "supervised_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
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
                            "user",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                        "verbose_name": "historical membership",
                        "verbose_name_plural": "historical memberships",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_accounts_membership"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_accounts_membership",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_membership_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("nurse", "Nurse"),
                                    ("lead_nurse", "Lead nurse"),
                                    ("qhp", "Physician, NP or PA"),
                                    ("biller", "Biller"),
                                    ("auditor", "Auditor"),
                                    ("administrator", "Administrator"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "credential",
                            models.CharField(
                                blank=True, help_text="RN, LPN, MA, MD, NP, PA …", max_length=20
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
                        ("npi", models.CharField(blank=True, max_length=10, verbose_name="NPI")),
                        (
                            "employer",
                            models.CharField(
                                blank=True, max_length=120, help_text="Empty: the practice itself."
                            ),
                        ),
                        (
                            "supervised_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
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
                                condition=models.Q(
                                    ("ends_on", None),
                                    ("ends_on__gte", models.F("starts_on")),
                                    _connector="OR",
                                ),
                                name="membership_ends_not_before_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role__in", ["nurse", "lead_nurse", "qhp"]), _negated=True),
                                    models.Q(("staff_kind", "none"), _negated=True),
                                    _connector="OR",
                                ),
                                name="who_logs_time_has_a_staff_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role__in", ["nurse", "lead_nurse", "qhp"]), _negated=True),
                                    models.Q(("credential", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="who_logs_time_has_a_credential",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("employer", ""), ("supervised_by", None)),
                                    models.Q(
                                        models.Q(("employer", ""), _negated=True),
                                        models.Q(
                                            ("supervised_by__isnull", False),
                                            models.Q(("role__in", ("nurse", "lead_nurse")), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="outsourced_staff_is_supervised",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("user", "="),
                                    ("practice", "="),
                                    (
                                        accounts.models.DateRange(
                                            models.F("starts_on"),
                                            models.F("ends_on"),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_role_at_a_time_per_practice",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPolicySetting",
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
                        ("payer", models.SlugField(blank=True)),
                        ("key", models.CharField(max_length=40)),
                        ("value", models.JSONField()),
                        ("as_practice", models.BooleanField(default=False)),
                        ("starts_on", models.DateField()),
                        ("why", models.TextField(max_length=1000)),
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
                        "verbose_name": "historical policy setting",
                        "verbose_name_plural": "historical policy settings",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_accounts_policysetting"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_accounts_policysetting",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_policysetting_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PolicySetting",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("payer", models.SlugField(blank=True)),
                        ("key", models.CharField(max_length=40)),
                        ("value", models.JSONField()),
                        ("as_practice", models.BooleanField(default=False)),
                        ("starts_on", models.DateField()),
                        ("why", models.TextField(max_length=1000)),
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
                                fields=("practice", "payer", "key", "starts_on"),
                                name="one_policy_value_per_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why", ""), _negated=True), name="policy_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("payer", ""),
                                    (
                                        "key__in",
                                        (
                                            "unit_limit_99458",
                                            "live_contact_per_unit",
                                            "live_chat_counts",
                                            "dual_99091",
                                            "device_days",
                                            "setup_min_days",
                                            "codes_not_covered",
                                            "covered_diagnoses",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_payers_policy_is_read_per_payer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("as_practice", False),
                                    models.Q(models.Q(("payer", ""), _negated=True), ("value", None)),
                                    _connector="OR",
                                ),
                                name="only_a_payers_own_policy_ends",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPracticeIdentity",
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
                        ("name", models.CharField(max_length=120)),
                        ("npi", models.CharField(max_length=10, verbose_name="NPI")),
                        ("tax_id", models.CharField(blank=True, max_length=10, verbose_name="tax id")),
                        ("taxonomy", models.CharField(blank=True, max_length=10)),
                        ("address", models.CharField(blank=True, max_length=120)),
                        ("city", models.CharField(blank=True, max_length=60)),
                        ("state", models.CharField(blank=True, max_length=2)),
                        ("zip_code", models.CharField(blank=True, max_length=10, verbose_name="ZIP")),
                        ("phone", models.CharField(blank=True, max_length=20)),
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
                        "verbose_name": "historical practice identity",
                        "verbose_name_plural": "historical practice identitys",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_accounts_practiceidentity"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_accounts_practiceidentity",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="accounts_practiceidentity_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PracticeIdentity",
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
                        ("starts_on", models.DateField()),
                        ("name", models.CharField(max_length=120)),
                        ("npi", models.CharField(max_length=10, verbose_name="NPI")),
                        ("tax_id", models.CharField(blank=True, max_length=10, verbose_name="tax id")),
                        ("taxonomy", models.CharField(blank=True, max_length=10)),
                        ("address", models.CharField(blank=True, max_length=120)),
                        ("city", models.CharField(blank=True, max_length=60)),
                        ("state", models.CharField(blank=True, max_length=2)),
                        ("zip_code", models.CharField(blank=True, max_length=10, verbose_name="ZIP")),
                        ("phone", models.CharField(blank=True, max_length=20)),
                        ("why", models.TextField(max_length=1000)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "starts_on"), name="one_identity_per_start"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why__regex", "\\S")), name="identity_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="identity_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("npi__regex", "^[0-9]{10}$")), name="npi_has_ten_digits"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("tax_id", ""), ("tax_id__regex", "^[0-9]{2}-[0-9]{7}$"), _connector="OR"
                                ),
                                name="tax_id_has_nine_digits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("taxonomy", ""),
                                    ("taxonomy__regex", "^[0-9]{3}[0-9A-Z]{6}X$"),
                                    _connector="OR",
                                ),
                                name="taxonomy_has_its_shape",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", ""), ("state__regex", "^[A-Z]{2}$"), _connector="OR"
                                ),
                                name="state_has_two_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("zip_code", ""),
                                    ("zip_code__regex", "^[0-9]{5}-[0-9]{4}$"),
                                    _connector="OR",
                                ),
                                name="zip_code_has_nine_digits",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
