import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import foundation.migration_operations
import foundation.tracked


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
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
            ],
        ),
    ]
