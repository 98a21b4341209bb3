from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, LimitTexts, SeparatePractices

# A person sees where she works, whichever practice she is in. A function for the second, because nearly every query
# names a practice, and a sub-select there, with the policies of its own table, would be planned each time. PostgreSQL
# asks policies in the reverse order of their names: these after `one_practice`, which nearly always says yes.
OWN = f"""
CREATE POLICY her_own ON accounts_membership FOR SELECT TO {APP_ROLE} USING (user_id = (SELECT rpm_person()));
CREATE FUNCTION accounts_workplaces() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY(SELECT practice_id FROM public.accounts_membership WHERE user_id = rpm_person());
END $$;
CREATE POLICY her_own ON accounts_practice FOR SELECT TO {APP_ROLE}
    USING (id = ANY ((SELECT accounts_workplaces())::uuid[]));
"""
NOT_OWN = """
DROP POLICY her_own ON accounts_practice;
DROP FUNCTION accounts_workplaces();
DROP POLICY her_own ON accounts_membership;
"""

# Of people and of invitations: a supervisor is a physician, NP or PA, and somebody else.
SUPERVISOR_IS_A_CLINICIAN = """
CREATE FUNCTION accounts_supervisor_is_a_clinician() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM accounts_membership m
        WHERE m.id = NEW.supervised_by_id AND m.role = 'qhp'
          AND m.user_id::text IS DISTINCT FROM to_jsonb(NEW) ->> 'user_id'
    ) THEN
        RAISE EXCEPTION 'membership % does not supervise', NEW.supervised_by_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER supervisor_is_a_clinician BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW WHEN (NEW.supervised_by_id IS NOT NULL) EXECUTE FUNCTION accounts_supervisor_is_a_clinician();
"""
NO_SUPERVISOR = """
DROP TRIGGER supervisor_is_a_clinician ON accounts_membership; DROP FUNCTION accounts_supervisor_is_a_clinician();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("axes", "0010_accessattemptexpiration"),
        ("sessions", "0001_initial"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        GuardModels("user", "practice", "practiceidentity", "membership", "policysetting", "preferences"),
        migrations.RunSQL(
            f"GRANT DELETE ON django_session, axes_accessattempt, axes_accesslog, axes_accessfailurelog,"
            f" axes_accessattemptexpiration TO {APP_ROLE};",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(SUPERVISOR_IS_A_CLINICIAN, NO_SUPERVISOR),
        LimitTexts("policysetting", "practiceidentity"),
        SeparatePractices(),
        migrations.RunSQL(OWN, NOT_OWN),
    ]
