import datetime
import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="SecondFactor",
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
                                choices=[("totp", "Authenticator app"), ("passkey", "Passkey")], max_length=10
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("added_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
                        ("secret", models.CharField(blank=True, max_length=200)),
                        ("credential_id", models.BinaryField(null=True, unique=True)),
                        ("public_key", models.BinaryField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="second_factors",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("credential_id", None),
                                        ("kind", "totp"),
                                        ("public_key", None),
                                        models.Q(("secret", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("credential_id__isnull", False),
                                        ("kind", "passkey"),
                                        ("public_key__isnull", False),
                                        ("secret", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="second_factor_has_its_key",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="second_factor_has_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("removed_at", None),
                                    ("removed_at__gte", models.F("added_at")),
                                    _connector="OR",
                                ),
                                name="second_factor_removed_after_added",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "totp"), ("removed_at", None)),
                                fields=("user",),
                                name="one_authenticator_app_per_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FactorUse",
                    fields=[
                        (
                            "factor",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="use",
                                serialize=False,
                                to="authentication.secondfactor",
                            ),
                        ),
                        ("counter", models.BigIntegerField(default=0)),
                        ("used_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="HistoricalSecondFactor",
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
                        (
                            "kind",
                            models.CharField(
                                choices=[("totp", "Authenticator app"), ("passkey", "Passkey")], max_length=10
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("added_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
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
                        "verbose_name": "historical second factor",
                        "verbose_name_plural": "historical second factors",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_authentication_secondfactor")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="authentication_secondfactor_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RecoveryCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("made_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        ("replaced_at", models.DateTimeField(null=True)),
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
                            models.UniqueConstraint(fields=("user", "digest"), name="recovery_code_once"),
                            models.CheckConstraint(
                                condition=models.Q(("used_at", None), ("replaced_at", None), _connector="OR"),
                                name="recovery_code_used_or_replaced",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BrowserSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("session_key", models.CharField(max_length=40, unique=True)),
                        ("started_at", models.DateTimeField()),
                        ("address", models.GenericIPAddressField(null=True)),
                        ("browser", models.CharField(blank=True, max_length=60)),
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
                        "indexes": [
                            models.Index(
                                fields=["user", "-started_at"], name="authenticat_user_id_cf28a0_idx"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("name", models.CharField(max_length=60)),
                        ("key", models.CharField(max_length=8, unique=True, verbose_name="public part")),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("patients.read", "Read patients and coverages"),
                                        ("patients.write", "Send patients and coverages"),
                                        ("readings.read", "Read readings"),
                                        ("readings.write", "Send readings of devices"),
                                        ("devices.read", "Read devices"),
                                    ],
                                    max_length=20,
                                ),
                                size=None,
                            ),
                        ),
                        (
                            "networks",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=43),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "per_minute",
                            models.PositiveSmallIntegerField(default=120, verbose_name="requests per minute"),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_why",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "made_by",
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
                                fields=("practice", "name"),
                                name="one_open_token_per_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="token_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__startswith", "hub: "), _negated=True),
                                name="token_is_named_as_no_hub",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key__regex", "^[a-z0-9]{8}$")),
                                name="token_has_a_public_part",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                                name="token_has_a_digest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "scopes__contained_by",
                                        [
                                            "patients.read",
                                            "patients.write",
                                            "readings.read",
                                            "readings.write",
                                            "devices.read",
                                        ],
                                    ),
                                    ("scopes__len__gte", 1),
                                ),
                                name="token_has_known_scopes",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("per_minute__gte", 1), ("per_minute__lte", 600)),
                                name="token_has_a_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("made_at")),
                                    (
                                        "expires_at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("made_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=366)),
                                        ),
                                    ),
                                ),
                                name="token_lasts_a_year_at_most",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ended_by", None), ("ended_why", "")),
                                    models.Q(
                                        ("ended_at__gte", models.F("made_at")),
                                        ("ended_at__isnull", False),
                                        ("ended_why__regex", "\\S"),
                                    ),
                                    _connector="OR",
                                ),
                                name="token_ended_when_and_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiTokenRefusal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        (
                            "why",
                            models.CharField(
                                choices=[
                                    ("secret", "Wrong secret"),
                                    ("ended", "Token ended"),
                                    ("expired", "Token expired"),
                                    ("maker", "Its maker no longer runs the practice"),
                                    ("network", "From another network"),
                                    ("limit", "Too many in a minute"),
                                    ("scope", "Not allowed to this token"),
                                    ("content", "Content refused"),
                                    ("fault", "Failed here"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("count", models.PositiveIntegerField()),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                        (
                            "token",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refusals",
                                to="authentication.apitoken",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("token", "day", "why"), name="refusals_of_a_token_per_day_and_cause"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalApiToken",
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
                        ("name", models.CharField(max_length=60)),
                        ("key", models.CharField(db_index=True, max_length=8, verbose_name="public part")),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("patients.read", "Read patients and coverages"),
                                        ("patients.write", "Send patients and coverages"),
                                        ("readings.read", "Read readings"),
                                        ("readings.write", "Send readings of devices"),
                                        ("devices.read", "Read devices"),
                                    ],
                                    max_length=20,
                                ),
                                size=None,
                            ),
                        ),
                        (
                            "networks",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=43),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "per_minute",
                            models.PositiveSmallIntegerField(default=120, verbose_name="requests per minute"),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_why",
                            models.TextField(blank=True, max_length=1000, verbose_name="why it ended"),
                        ),
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
                            "ended_by",
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
                            "made_by",
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
                        "verbose_name": "historical api token",
                        "verbose_name_plural": "historical api tokens",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_authentication_apitoken"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_authentication_apitoken",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="authentication_apitoken_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ApiTokenUse",
                    fields=[
                        (
                            "token",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="use",
                                serialize=False,
                                to="authentication.apitoken",
                            ),
                        ),
                        ("used_at", models.DateTimeField(null=True)),
                        ("address", models.GenericIPAddressField(null=True)),
                        ("minute_began_at", models.DateTimeField(null=True)),
                        ("in_minute", models.PositiveIntegerField(default=0)),
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
            ],
        ),
    ]
