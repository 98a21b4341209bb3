import datetime
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
    ]

    operations = [
        foundation.migration_operations.CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Hub",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("name", models.CharField(max_length=60)),
                        ("vendor", models.CharField(max_length=30)),
                        ("key", models.CharField(max_length=8, unique=True, verbose_name="public part")),
                        (
                            "per_minute",
                            models.PositiveSmallIntegerField(default=120, verbose_name="requests per minute"),
                        ),
                        ("made_at", models.DateTimeField()),
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
                                name="one_open_hub_per_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="hub_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("vendor__regex", "^[a-z][a-z0-9-]*$")),
                                name="hub_has_a_vendor",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key__regex", "^[a-z0-9]{8}$")),
                                name="hub_has_a_public_part",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("per_minute__gte", 1), ("per_minute__lte", 600)),
                                name="hub_has_a_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ended_by", None), ("ended_why", "")),
                                    models.Q(
                                        ("ended_at__gte", models.F("made_at")),
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        ("ended_why__regex", "\\S"),
                                    ),
                                    _connector="OR",
                                ),
                                name="hub_ended_when_and_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalHubSecret",
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
                        ("number", models.PositiveSmallIntegerField()),
                        ("made_at", models.DateTimeField()),
                        ("good_until", models.DateTimeField()),
                        ("replaced_at", models.DateTimeField(null=True)),
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
                        (
                            "hub",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="interchange.hub",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical hub secret",
                        "verbose_name_plural": "historical hub secrets",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_interchange_hubsecret"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_interchange_hubsecret",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="interchange_hubsecret_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HubRefusal",
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
                                    ("signature", "Wrong signature"),
                                    ("time", "Signed at another time"),
                                    ("ended", "Hub ended"),
                                    ("expired", "Secret expired"),
                                    ("maker", "The maker of its secret no longer runs the practice"),
                                    ("limit", "Too many in a minute"),
                                    ("content", "Content refused"),
                                    ("fault", "Failed here"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("count", models.PositiveIntegerField()),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refusals",
                                to="interchange.hub",
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
                                fields=("hub", "day", "why"), name="refusals_of_a_hub_per_day_and_cause"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HubSecret",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("number", models.PositiveSmallIntegerField()),
                        ("secret", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        ("good_until", models.DateTimeField()),
                        ("replaced_at", models.DateTimeField(null=True)),
                        (
                            "hub",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="secrets",
                                to="interchange.hub",
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
                                fields=("hub", "number"), name="one_hub_secret_per_number"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("replaced_at", None)),
                                fields=("hub",),
                                name="one_current_secret_per_hub",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)), name="hub_secret_counts_from_one"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("secret", ""), _negated=True), name="hub_secret_is_there"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("good_until__gte", models.F("made_at")),
                                    (
                                        "good_until__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("made_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=366)),
                                        ),
                                    ),
                                ),
                                name="hub_secret_lasts_a_year_at_most",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("replaced_at", None),
                                    ("replaced_at__gte", models.F("made_at")),
                                    _connector="OR",
                                ),
                                name="hub_secret_replaced_after_it_was_made",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Received",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("way", models.CharField(choices=[("hl7", "HL7"), ("hub", "Hub")], max_length=5)),
                        ("sender", models.CharField(max_length=60)),
                        ("key", models.CharField(max_length=64)),
                        ("digest", models.CharField(max_length=64)),
                        ("answer", models.JSONField()),
                        ("received_at", models.DateTimeField(db_index=True)),
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
                                fields=("practice", "way", "sender", "key"),
                                name="one_answer_per_message_of_readings",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("digest__regex", "^[0-9a-f]{64}$"), ("key__regex", "^[0-9a-f]{64}$")
                                ),
                                name="message_of_readings_has_its_digests",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalHub",
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
                        ("name", models.CharField(max_length=60)),
                        ("vendor", models.CharField(max_length=30)),
                        ("key", models.CharField(db_index=True, max_length=8, verbose_name="public part")),
                        (
                            "per_minute",
                            models.PositiveSmallIntegerField(default=120, verbose_name="requests per minute"),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_why",
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
                        "verbose_name": "historical hub",
                        "verbose_name_plural": "historical hubs",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_interchange_hub"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_interchange_hub",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="interchange_hub_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HubUse",
                    fields=[
                        (
                            "hub",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="use",
                                serialize=False,
                                to="interchange.hub",
                            ),
                        ),
                        ("used_at", models.DateTimeField(null=True)),
                        ("secret_number", models.PositiveSmallIntegerField(null=True)),
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
