from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards")]

    operations = [
        migrations.AddConstraint(
            model_name="policysetting",
            constraint=models.CheckConstraint(
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
                            "covered_diagnoses",
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_payers_policy_is_read_per_payer",
            ),
        ),
    ]
