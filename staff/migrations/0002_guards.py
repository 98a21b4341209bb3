from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts, SeparatePractices

# An emergency is opened once and only ever shortened.
EMERGENCY_IS_KEPT = """
CREATE FUNCTION staff_emergency_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ends_at', 'ended_early', 'version'];
BEGIN
    IF OLD.ended_early OR NEW.ends_at > OLD.ends_at OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'emergency % is written down', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER emergency_is_kept BEFORE UPDATE ON staff_emergency
    FOR EACH ROW EXECUTE FUNCTION staff_emergency_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("staff", "0001_initial"),
    ]

    operations = [
        GuardModels("invitation", "emergency"),
        migrations.RunSQL(
            "CREATE TRIGGER supervisor_is_a_clinician BEFORE INSERT OR UPDATE ON staff_invitation"
            " FOR EACH ROW WHEN (NEW.supervised_by_id IS NOT NULL)"
            " EXECUTE FUNCTION accounts_supervisor_is_a_clinician();",
            "DROP TRIGGER supervisor_is_a_clinician ON staff_invitation;",
        ),
        LimitTexts("emergency"),
        migrations.RunSQL(
            EMERGENCY_IS_KEPT,
            "DROP TRIGGER emergency_is_kept ON staff_emergency; DROP FUNCTION staff_emergency_is_kept();",
        ),
        SeparatePractices(),
    ]
