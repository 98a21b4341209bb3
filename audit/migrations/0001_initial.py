import django.db.models.deletion
from django.db import migrations, models

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
                    name="AccessEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("actor_id", models.UUIDField(null=True)),
                        ("actor_label", models.TextField()),
                        ("request_id", models.UUIDField()),
                        ("at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("view", "Opened"),
                                    ("list", "Listed"),
                                    ("export", "Exported"),
                                    ("emergency", "Seen in an emergency"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("route", models.CharField(max_length=80)),
                        ("patient_id", models.UUIDField(null=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["practice", "-at"], name="audit_acces_practic_18fd8c_idx"),
                            models.Index(fields=["patient_id", "-at"], name="audit_acces_patient_bd6bb9_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignInEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("actor_id", models.UUIDField(null=True)),
                        ("actor_label", models.TextField()),
                        ("request_id", models.UUIDField()),
                        ("at", models.DateTimeField(db_default=foundation.tracked.ClockTimestamp())),
                        ("row_hash", models.BinaryField(null=True)),
                        ("hash_version", models.PositiveSmallIntegerField(editable=False, null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("signed_in", "Signed in"),
                                    ("signed_out", "Signed out"),
                                    ("idle", "Signed out after 15 idle minutes"),
                                    ("too_long", "Signed out after 12 hours"),
                                    ("failed", "Failed sign-in"),
                                    ("wrong_code", "Wrong second factor"),
                                    ("recovery", "Used a recovery code"),
                                    ("reset_ask", "Asked for a new password"),
                                    ("token", "Token not good"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("address", models.GenericIPAddressField(null=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.practice",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["practice", "-at"], name="audit_signi_practic_8093c2_idx"),
                            models.Index(fields=["actor_id", "-at"], name="audit_signi_actor_i_546109_idx"),
                            models.Index(fields=["address", "-at"], name="audit_signi_address_00dae6_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvariantRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField()),
                        ("checked", models.PositiveIntegerField()),
                        ("broken", models.JSONField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["-started_at"], name="audit_invar_started_2edbf3_idx")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ended_at__gte", models.F("started_at"))),
                                name="invariant_run_ends_after_start",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
