from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, LimitTexts


class Migration(migrations.Migration):
    dependencies = [
        ("axes", "0010_accessattemptexpiration"),
        ("sessions", "0001_initial"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        GuardModels("user", "practice", "membership", "policysetting", "preferences"),
        migrations.RunSQL(
            f"GRANT DELETE ON django_session, axes_accessattempt, axes_accesslog, axes_accessfailurelog,"
            f" axes_accessattemptexpiration TO {APP_ROLE};",
            migrations.RunSQL.noop,
        ),
        LimitTexts("policysetting"),
    ]
