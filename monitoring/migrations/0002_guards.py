from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

# Five files for a person, twenty for a practice, five megabytes for a file. Counted one after the other.
HAS_ROOM = """
CREATE FUNCTION monitoring_hold_waiting(practice uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('waiting uploads:' || practice, 58));
$$;
CREATE FUNCTION monitoring_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs int;
    all_of_them int;
BEGIN
    PERFORM monitoring_hold_waiting(NEW.practice_id);
    SELECT count(*) FILTER (WHERE uploaded_by_id = NEW.uploaded_by_id), count(*) INTO theirs, all_of_them
    FROM monitoring_waitingupload
    WHERE practice_id = NEW.practice_id AND id <> NEW.id AND octet_length(content) > 0;
    IF theirs >= 5 OR all_of_them >= 20 THEN
        RAISE EXCEPTION 'no room for waiting upload %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER has_room BEFORE INSERT OR UPDATE ON monitoring_waitingupload
    FOR EACH ROW WHEN (octet_length(NEW.content) > 0) EXECUTE FUNCTION monitoring_has_room();
ALTER TABLE monitoring_waitingupload
    ADD CONSTRAINT waiting_upload_is_no_longer CHECK (octet_length(content) <= 5242880);
"""
NO_ROOM = """
ALTER TABLE monitoring_waitingupload DROP CONSTRAINT waiting_upload_is_no_longer;
DROP TRIGGER has_room ON monitoring_waitingupload;
DROP FUNCTION monitoring_has_room();
DROP FUNCTION monitoring_hold_waiting(uuid);
"""

# What one patient's readings of some days, taken up to a moment, come to by device and measure: the same for a page, for a
# signature, and for the trigger that holds both together. The bounds of a range are in range; both at once is above.
FIGURES = """
CREATE FUNCTION monitoring_figures(practice uuid, whose uuid, since date, until date, seen timestamptz)
RETURNS TABLE (device_id uuid, measure text, readings int, days int, low numeric, high numeric, second_low numeric,
               second_high numeric, out_of_range int, days_out_of_range int, days_above int, digest text)
LANGUAGE sql STABLE AS $$
    SELECT r.device_id, r.measure::text, count(*)::int, count(DISTINCT r.day)::int,
           min(r.value), max(r.value), min(r.second_value), max(r.second_value),
           (count(*) FILTER (WHERE j.above OR j.below))::int,
           (count(DISTINCT r.day) FILTER (WHERE j.above OR j.below))::int,
           (count(DISTINCT r.day) FILTER (WHERE j.above))::int,
           encode(sha256(convert_to(string_agg(l.line, E'\\n' ORDER BY l.line COLLATE "C"), 'UTF8')), 'hex')
    FROM monitoring_reading r
    LEFT JOIN patients_targetrange t
        ON t.patient_id = r.patient_id AND t.measure = r.measure
        AND t.starts_on <= r.day AND (t.ends_on IS NULL OR r.day < t.ends_on)
    CROSS JOIN LATERAL (
        SELECT COALESCE(r.value > t.high, false) OR COALESCE(r.second_value > t.second_high, false) AS above,
               COALESCE(r.value < t.low, false) OR COALESCE(r.second_value < t.second_low, false) AS below
    ) j
    CROSS JOIN LATERAL (
        SELECT to_char(r.taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || ' ' || r.value::numeric(9, 2)
               || ' ' || COALESCE(r.second_value::numeric(9, 2)::text, '-') || ' ' || r.source AS line
    ) l
    WHERE r.practice_id = $1 AND r.patient_id = $2 AND r.day BETWEEN $3 AND $4 AND r.taken_at <= $5
      AND r.excluded_reason = ''
    GROUP BY r.device_id, r.measure
$$;
"""
NO_FIGURES = "DROP FUNCTION monitoring_figures(uuid, uuid, date, date, timestamptz);"


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("monitoring", "0001_initial"),
    ]

    operations = [
        GuardModels("importbatch", "reading", "waitingupload", "parkedreading", "fileshape"),
        migrations.RunSQL(HAS_ROOM, NO_ROOM),
        migrations.RunSQL(FIGURES, NO_FIGURES),
        LimitTexts("reading", "parkedreading"),
        SeparatePractices(),
        ClosesWhenMerged("monitoring_reading"),
    ]
