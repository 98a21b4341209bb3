from django.db import migrations

from foundation.dbguards import GuardModels


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("staff", "0001_initial"),
    ]

    operations = [
        GuardModels("invitation"),
        migrations.RunSQL(
            "CREATE TRIGGER supervisor_is_a_clinician BEFORE INSERT OR UPDATE ON staff_invitation"
            " FOR EACH ROW WHEN (NEW.supervised_by_id IS NOT NULL)"
            " EXECUTE FUNCTION accounts_supervisor_is_a_clinician();",
            "DROP TRIGGER supervisor_is_a_clinician ON staff_invitation;",
        ),
    ]
