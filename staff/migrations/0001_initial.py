import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="HistoricalInvitation",
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
                        ("email", models.EmailField(max_length=254)),
                        ("name", models.CharField(max_length=120)),
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
                        ("credential", models.CharField(blank=True, max_length=20)),
                        ("npi", models.CharField(blank=True, max_length=10, verbose_name="NPI")),
                        ("employer", models.CharField(blank=True, max_length=120)),
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
                        ("expires_at", models.DateTimeField()),
                        ("accepted_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
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
                            "accepted_by",
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
                            "invited_by",
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
                        "verbose_name": "historical invitation",
                        "verbose_name_plural": "historical invitations",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_staff_invitation"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_staff_invitation",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="staff_invitation_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("email", models.EmailField(max_length=254)),
                        ("name", models.CharField(max_length=120)),
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
                        ("credential", models.CharField(blank=True, max_length=20)),
                        ("npi", models.CharField(blank=True, max_length=10, verbose_name="NPI")),
                        ("employer", models.CharField(blank=True, max_length=120)),
                        (
                            "supervised_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("expires_at", models.DateTimeField()),
                        ("accepted_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "invited_by",
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
                        "indexes": [
                            models.Index(
                                fields=["practice", "-expires_at"], name="staff_invit_practic_aef691_idx"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                                fields=("practice", "email"),
                                name="one_open_invitation_per_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                                name="invitation_email_in_lower_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("accepted_at", None), ("accepted_by", None)),
                                    models.Q(
                                        ("accepted_at__isnull", False),
                                        ("accepted_by__isnull", False),
                                        ("withdrawn_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="invitation_accepted_by_and_at",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role__in", ("nurse", "lead_nurse", "qhp")), _negated=True),
                                    models.Q(("credential", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="invited_to_log_time_with_a_credential",
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
                                name="invited_from_outside_is_supervised",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEmergency",
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
                        ("reason", models.TextField(max_length=1000)),
                        ("opened_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("ended_early", models.BooleanField(default=False)),
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
                        "verbose_name": "historical emergency",
                        "verbose_name_plural": "historical emergencys",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_staff_emergency"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_staff_emergency",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="staff_emergency_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Emergency",
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
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="emergencies",
                                to="accounts.membership",
                            ),
                        ),
                        ("reason", models.TextField(max_length=1000)),
                        ("opened_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("ended_early", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "-opened_at"], name="staff_emerg_practic_e305a5_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason__regex", "\\S")), name="emergency_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gte", models.F("opened_at")),
                                    (
                                        "ends_at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("opened_at"),
                                            "+",
                                            models.Value(datetime.timedelta(seconds=14400)),
                                        ),
                                    ),
                                ),
                                name="emergency_lasts_four_hours_at_most",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
