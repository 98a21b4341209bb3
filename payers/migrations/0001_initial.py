import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
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
                    name="HistoricalPayer",
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
                        ("name", models.CharField(max_length=80)),
                        ("slug", models.SlugField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("medicare", "Medicare Part B"),
                                    ("medicare_advantage", "Medicare Advantage"),
                                    ("medicaid", "Medicaid"),
                                    ("commercial", "Commercial"),
                                    ("federal", "Other federal (TRICARE, VA)"),
                                    ("other", "Other (workers’ compensation, auto, liability)"),
                                    ("self_pay", "Self-pay: no claim is sent"),
                                ],
                                max_length=20,
                                verbose_name="kind of plan",
                            ),
                        ),
                        (
                            "filing_code",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("11", "Other non-federal program"),
                                    ("12", "Preferred provider organization (PPO)"),
                                    ("13", "Point of service (POS)"),
                                    ("14", "Exclusive provider organization (EPO)"),
                                    ("15", "Indemnity insurance"),
                                    ("16", "Medicare Advantage (HMO Medicare risk)"),
                                    ("AM", "Automobile medical"),
                                    ("BL", "Blue Cross Blue Shield"),
                                    ("CH", "TRICARE (CHAMPUS)"),
                                    ("CI", "Commercial insurance"),
                                    ("DS", "Disability"),
                                    ("FI", "Federal employees program"),
                                    ("HM", "Health maintenance organization (HMO)"),
                                    ("LM", "Liability medical"),
                                    ("MB", "Medicare Part B"),
                                    ("MC", "Medicaid"),
                                    ("OF", "Other federal program"),
                                    ("TV", "Title V"),
                                    ("VA", "Veterans affairs plan"),
                                    ("WC", "Workers’ compensation"),
                                    ("ZZ", "Mutually defined"),
                                ],
                                max_length=2,
                                verbose_name="claim filing code",
                            ),
                        ),
                        ("payer_id", models.CharField(blank=True, max_length=20, verbose_name="payer id")),
                        (
                            "accepts_replacement",
                            models.BooleanField(
                                default=False, verbose_name="accepts replacement and void claims"
                            ),
                        ),
                        (
                            "device_dates",
                            models.CharField(
                                choices=[
                                    ("range", "First to last day of the 30 days"),
                                    ("last_day", "Last day of the 30 days alone"),
                                ],
                                default="range",
                                max_length=10,
                                verbose_name="date of device lines",
                            ),
                        ),
                        (
                            "place_of_service",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("02", "Telehealth, not in the patient’s home"),
                                    ("10", "Telehealth in the patient’s home"),
                                    ("11", "Office"),
                                    ("12", "Home"),
                                    ("19", "Off-campus outpatient hospital"),
                                    ("22", "On-campus outpatient hospital"),
                                    ("49", "Independent clinic"),
                                    ("50", "Federally qualified health center"),
                                    ("71", "Public health clinic"),
                                    ("72", "Rural health clinic"),
                                ],
                                max_length=2,
                                verbose_name="place of service",
                            ),
                        ),
                        (
                            "usage",
                            models.CharField(
                                choices=[("test", "Test"), ("production", "Production")],
                                default="test",
                                max_length=10,
                                verbose_name="claims are sent as",
                            ),
                        ),
                        ("retired", models.BooleanField(default=False)),
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
                        "verbose_name": "historical payer",
                        "verbose_name_plural": "historical payers",
                        "ordering": ("-history_id",),
                        "get_latest_by": "history_id",
                        "indexes": [
                            models.Index(fields=["id", "history_id"], name="h_payers_payer"),
                            models.Index(
                                fields=["practice", "recorded_at", "history_id"],
                                include=("history_user_id", "history_type", "request_id", "actor_label"),
                                name="hp_payers_payer",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("actor_label", ""), _negated=True),
                                    models.Q(("actor_kind", ""), _negated=True),
                                ),
                                name="payers_payer_history_signed",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Payer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, editable=False)),
                        ("name", models.CharField(max_length=80)),
                        ("slug", models.SlugField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("medicare", "Medicare Part B"),
                                    ("medicare_advantage", "Medicare Advantage"),
                                    ("medicaid", "Medicaid"),
                                    ("commercial", "Commercial"),
                                    ("federal", "Other federal (TRICARE, VA)"),
                                    ("other", "Other (workers’ compensation, auto, liability)"),
                                    ("self_pay", "Self-pay: no claim is sent"),
                                ],
                                max_length=20,
                                verbose_name="kind of plan",
                            ),
                        ),
                        (
                            "filing_code",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("11", "Other non-federal program"),
                                    ("12", "Preferred provider organization (PPO)"),
                                    ("13", "Point of service (POS)"),
                                    ("14", "Exclusive provider organization (EPO)"),
                                    ("15", "Indemnity insurance"),
                                    ("16", "Medicare Advantage (HMO Medicare risk)"),
                                    ("AM", "Automobile medical"),
                                    ("BL", "Blue Cross Blue Shield"),
                                    ("CH", "TRICARE (CHAMPUS)"),
                                    ("CI", "Commercial insurance"),
                                    ("DS", "Disability"),
                                    ("FI", "Federal employees program"),
                                    ("HM", "Health maintenance organization (HMO)"),
                                    ("LM", "Liability medical"),
                                    ("MB", "Medicare Part B"),
                                    ("MC", "Medicaid"),
                                    ("OF", "Other federal program"),
                                    ("TV", "Title V"),
                                    ("VA", "Veterans affairs plan"),
                                    ("WC", "Workers’ compensation"),
                                    ("ZZ", "Mutually defined"),
                                ],
                                max_length=2,
                                verbose_name="claim filing code",
                            ),
                        ),
                        ("payer_id", models.CharField(blank=True, max_length=20, verbose_name="payer id")),
                        (
                            "accepts_replacement",
                            models.BooleanField(
                                default=False, verbose_name="accepts replacement and void claims"
                            ),
                        ),
                        (
                            "device_dates",
                            models.CharField(
                                choices=[
                                    ("range", "First to last day of the 30 days"),
                                    ("last_day", "Last day of the 30 days alone"),
                                ],
                                default="range",
                                max_length=10,
                                verbose_name="date of device lines",
                            ),
                        ),
                        (
                            "place_of_service",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("02", "Telehealth, not in the patient’s home"),
                                    ("10", "Telehealth in the patient’s home"),
                                    ("11", "Office"),
                                    ("12", "Home"),
                                    ("19", "Off-campus outpatient hospital"),
                                    ("22", "On-campus outpatient hospital"),
                                    ("49", "Independent clinic"),
                                    ("50", "Federally qualified health center"),
                                    ("71", "Public health clinic"),
                                    ("72", "Rural health clinic"),
                                ],
                                max_length=2,
                                verbose_name="place of service",
                            ),
                        ),
                        (
                            "usage",
                            models.CharField(
                                choices=[("test", "Test"), ("production", "Production")],
                                default="test",
                                max_length=10,
                                verbose_name="claims are sent as",
                            ),
                        ),
                        ("retired", models.BooleanField(default=False)),
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
                            models.UniqueConstraint(fields=("practice", "slug"), name="one_payer_per_slug"),
                            models.UniqueConstraint(
                                models.F("practice"),
                                django.db.models.functions.text.Lower("name"),
                                name="one_payer_per_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "\\S")), name="payer_has_a_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("slug__regex", "^[a-z0-9][a-z0-9-]*$"),
                                    models.Q(("slug", "none"), _negated=True),
                                ),
                                name="payer_slug_has_its_shape",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("payer_id", ""), ("payer_id__regex", "^[0-9A-Z]{2,20}$"), _connector="OR"
                                ),
                                name="payer_id_has_its_shape",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("filing_code__in", ("MB",)), ("kind", "medicare")),
                                    models.Q(
                                        ("filing_code__in", ("16", "12", "13", "BL", "CI", "HM")),
                                        ("kind", "medicare_advantage"),
                                    ),
                                    models.Q(("filing_code__in", ("MC", "HM", "TV")), ("kind", "medicaid")),
                                    models.Q(
                                        (
                                            "filing_code__in",
                                            ("CI", "11", "12", "13", "14", "15", "BL", "FI", "HM", "ZZ"),
                                        ),
                                        ("kind", "commercial"),
                                    ),
                                    models.Q(
                                        ("filing_code__in", ("CH", "FI", "OF", "VA")), ("kind", "federal")
                                    ),
                                    models.Q(
                                        ("filing_code__in", ("WC", "AM", "DS", "LM", "11", "ZZ")),
                                        ("kind", "other"),
                                    ),
                                    models.Q(("filing_code__in", ("",)), ("kind", "self_pay")),
                                    _connector="OR",
                                ),
                                name="payer_is_filed_under_its_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "place_of_service__in",
                                        ["", "02", "10", "11", "12", "19", "22", "49", "50", "71", "72"],
                                    )
                                ),
                                name="payer_place_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("device_dates__in", ["range", "last_day"]),
                                    ("usage__in", ["test", "production"]),
                                ),
                                name="payer_settings_are_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("usage", "production"), _negated=True),
                                    models.Q(("payer_id", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="production_has_a_payer_id",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
