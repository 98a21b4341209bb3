from django.db import migrations

from foundation.dbguards import GuardModels

# What may still change on a signed entry: how it ended, and who approved it.
SIGNED_IS_FINAL = """
CREATE FUNCTION timelogs_signed_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['status', 'ended_reason', 'version', 'approved_by_id', 'approved_at'];
BEGIN
    IF OLD.status IN ('amended', 'voided', 'discarded') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'entry % has ended', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status = 'signed' AND NEW.status NOT IN ('signed', 'amended', 'voided') THEN
        RAISE EXCEPTION 'entry % is signed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> 'draft' AND to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'entry % is signed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed_is_final BEFORE UPDATE ON timelogs_timeentry
    FOR EACH ROW EXECUTE FUNCTION timelogs_signed_is_final();
"""

# The time of a signed entry stands or falls; it never moves.
SIGNED_TIME_IS_FINAL = """
CREATE FUNCTION timelogs_signed_time_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['standing', 'version'];
    state text := (SELECT status FROM timelogs_timeentry WHERE id = NEW.entry_id);
BEGIN
    IF TG_OP = 'INSERT' AND state IS DISTINCT FROM 'draft' THEN
        RAISE EXCEPTION 'entry % is signed', NEW.entry_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND state IS DISTINCT FROM 'draft'
       AND (to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free OR (NEW.standing AND NOT OLD.standing)) THEN
        RAISE EXCEPTION 'entry % is signed', NEW.entry_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed_time_is_final BEFORE INSERT OR UPDATE ON timelogs_timesegment
    FOR EACH ROW EXECUTE FUNCTION timelogs_signed_time_is_final();
"""

# A counted second lies inside its month and inside the segment that earned it, and belongs to the same people.
COUNTED_IS_EARNED = """
CREATE FUNCTION timelogs_counted_is_earned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
        FROM timelogs_timesegment s
        JOIN timelogs_timeentry e ON e.id = s.entry_id
        JOIN timelogs_patientmonth m ON m.id = NEW.patient_month_id
        WHERE s.id = NEW.segment_id AND e.id = NEW.entry_id AND NOT upper_inf(s.during)
          AND s.staff_id = NEW.staff_id AND e.patient_id = NEW.patient_id AND m.patient_id = NEW.patient_id
          AND s.during @> NEW.during AND tstzrange(m.starts_at, m.ends_at) @> NEW.during
          AND (NOT NEW.standing OR (s.standing AND e.status = 'signed'))
    ) THEN
        RAISE EXCEPTION 'counted interval of entry % is not earned', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER counted_is_earned BEFORE INSERT OR UPDATE ON timelogs_countedinterval
    FOR EACH ROW EXECUTE FUNCTION timelogs_counted_is_earned();
"""


def drop(table: str, trigger: str) -> str:
    return f"DROP TRIGGER {trigger} ON {table}; DROP FUNCTION timelogs_{trigger}();"


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_guards"), ("timelogs", "0001_initial")]

    operations = [
        GuardModels("period", "patientmonth", "timeentry", "clock", "timesegment", "countedinterval"),
        migrations.RunSQL(SIGNED_IS_FINAL, drop("timelogs_timeentry", "signed_is_final")),
        migrations.RunSQL(SIGNED_TIME_IS_FINAL, drop("timelogs_timesegment", "signed_time_is_final")),
        migrations.RunSQL(COUNTED_IS_EARNED, drop("timelogs_countedinterval", "counted_is_earned")),
    ]
