from django.db import migrations

from foundation.dbguards import AppendOnly, GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

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
# An interval beside another person's is of a session about which somebody decided.
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
    ) OR (NEW.standing AND NEW.concurrent AND NOT EXISTS (
        SELECT 1 FROM timelogs_concurrence c WHERE c.ended_at IS NULL AND NEW.entry_id IN (c.entry_id, c.other_id)
    )) THEN
        RAISE EXCEPTION 'counted interval of entry % is not earned', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER counted_is_earned BEFORE INSERT OR UPDATE ON timelogs_countedinterval
    FOR EACH ROW EXECUTE FUNCTION timelogs_counted_is_earned();
"""

# Words follow a signature, never a draft; an attestation is the author's own, of a session that stands.
FOLLOWS_A_SIGNATURE = """
CREATE FUNCTION timelogs_follows_a_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
        FROM timelogs_timeentry e
        JOIN accounts_membership author ON author.id = e.author_id
        JOIN accounts_membership adds ON adds.id = NEW.author_id
        WHERE e.id = NEW.entry_id AND NEW.signed_at > e.signed_at
          AND (e.status = 'signed' OR (e.status = 'voided' AND NEW.kind = 'addendum'))
          AND (NEW.kind = 'addendum' OR adds.user_id = author.user_id)
    ) THEN
        RAISE EXCEPTION 'nothing can be added to entry %', NEW.entry_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER follows_a_signature BEFORE INSERT ON timelogs_addition
    FOR EACH ROW EXECUTE FUNCTION timelogs_follows_a_signature();
"""

# A gap belongs to its session, begins when it began, ends once, and is answered once.
GAP_IS_ANSWERED_ONCE = """
CREATE FUNCTION timelogs_gap_is_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.answer <> '' OR NEW.entry_id <> OLD.entry_id OR lower(NEW.during) <> lower(OLD.during)
       OR (NOT upper_inf(OLD.during) AND NEW.during <> OLD.during) THEN
        RAISE EXCEPTION 'gap % is answered', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER gap_is_answered_once BEFORE UPDATE ON timelogs_gap
    FOR EACH ROW EXECUTE FUNCTION timelogs_gap_is_answered_once();
"""

# About two sessions of one patient, by somebody who worked in neither; it ends once and is not changed.
CONCURRENCE_IS_SOUND = """
CREATE FUNCTION timelogs_concurrence_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ended_at', 'ended_reason', 'version'];
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'concurrence % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1
        FROM timelogs_timeentry e
        JOIN accounts_membership author ON author.id = e.author_id
        JOIN timelogs_timeentry o ON o.patient_id = e.patient_id
        JOIN accounts_membership other ON other.id = o.author_id
        JOIN accounts_membership reviewer ON reviewer.id = NEW.decided_by_id
        WHERE e.id = NEW.entry_id AND o.id = NEW.other_id AND author.user_id <> other.user_id
          AND reviewer.user_id NOT IN (author.user_id, other.user_id)
    ) THEN
        RAISE EXCEPTION 'concurrence of entry % is not sound', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER concurrence_is_sound BEFORE INSERT OR UPDATE ON timelogs_concurrence
    FOR EACH ROW EXECUTE FUNCTION timelogs_concurrence_is_sound();
"""

# Of a draft, to somebody who is not its author; it ends once and is not changed.
HANDOVER_IS_OF_A_DRAFT = """
CREATE FUNCTION timelogs_handover_is_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ended_at', 'version'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
            RAISE EXCEPTION 'handover % is made', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1
        FROM timelogs_timeentry e
        JOIN accounts_membership author ON author.id = e.author_id
        JOIN accounts_membership colleague ON colleague.id = NEW.given_to_id
        WHERE e.id = NEW.entry_id AND e.status = 'draft' AND author.user_id <> colleague.user_id
    ) THEN
        RAISE EXCEPTION 'entry % cannot be handed over', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER handover_is_of_a_draft BEFORE INSERT OR UPDATE ON timelogs_handover
    FOR EACH ROW EXECUTE FUNCTION timelogs_handover_is_of_a_draft();
"""

# A session and a version of the care plan name each other. Both keys are made here, on the floor that knows both tables;
# they hold the practice and the enrollment, so that neither can lead into another one's.
PLANS_AND_SESSIONS = """
ALTER TABLE timelogs_timeentry ADD CONSTRAINT timelogs_timeentry_of_enrollment UNIQUE (practice_id, enrollment_id, id);
ALTER TABLE patients_careplan ADD CONSTRAINT patients_careplan_of_enrollment UNIQUE (practice_id, enrollment_id, id);
ALTER TABLE patients_careplan ADD CONSTRAINT patients_careplan_session
    FOREIGN KEY (practice_id, enrollment_id, session_id)
    REFERENCES timelogs_timeentry (practice_id, enrollment_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE patients_signaturerequest ADD CONSTRAINT patients_signaturerequest_session
    FOREIGN KEY (practice_id, enrollment_id, session_id)
    REFERENCES timelogs_timeentry (practice_id, enrollment_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE timelogs_timeentry ADD CONSTRAINT timelogs_timeentry_care_plan
    FOREIGN KEY (practice_id, enrollment_id, care_plan_id)
    REFERENCES patients_careplan (practice_id, enrollment_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_PLANS_AND_SESSIONS = """
ALTER TABLE timelogs_timeentry DROP CONSTRAINT timelogs_timeentry_care_plan;
ALTER TABLE patients_signaturerequest DROP CONSTRAINT patients_signaturerequest_session;
ALTER TABLE patients_careplan DROP CONSTRAINT patients_careplan_session;
ALTER TABLE patients_careplan DROP CONSTRAINT patients_careplan_of_enrollment;
ALTER TABLE timelogs_timeentry DROP CONSTRAINT timelogs_timeentry_of_enrollment;
"""

# Nobody worked under a plan that began after that day.
PLAN_WAS_IN_EFFECT = """
CREATE FUNCTION timelogs_plan_was_in_effect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.care_plan_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM patients_careplan p JOIN accounts_practice x ON x.id = p.practice_id
        WHERE p.id = NEW.care_plan_id AND p.effective_on <= (NEW.started_at AT TIME ZONE x.time_zone)::date
    ) THEN
        RAISE EXCEPTION 'plan of entry % was not in effect', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_was_in_effect BEFORE INSERT OR UPDATE OF care_plan_id, started_at ON timelogs_timeentry
    FOR EACH ROW EXECUTE FUNCTION timelogs_plan_was_in_effect();
"""

# A record with a draft, and with its clock, is not merged into another. Of the rest patients says it itself.
MERGE_LEAVES_NO_DRAFT = """
CREATE FUNCTION timelogs_merge_leaves_no_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM timelogs_timeentry WHERE patient_id = NEW.duplicate_id AND status = 'draft') THEN
        RAISE EXCEPTION 'record % has a draft', NEW.duplicate_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_record_is_settled';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER merge_leaves_no_draft BEFORE INSERT ON patients_merge
    FOR EACH ROW EXECUTE FUNCTION timelogs_merge_leaves_no_draft();
"""
OF_A_SESSION = (
    "timesegment",
    "addition",
    "gap",
    "handover",
    "concurrence",
    "reviewedreadings",
    "escalationwork",
)

# What was reviewed is of the session's own patient: one key holds both.
REVIEWED_OF_THE_PATIENT = """
ALTER TABLE timelogs_timeentry ADD CONSTRAINT timelogs_timeentry_of_patient UNIQUE (practice_id, patient_id, id);
ALTER TABLE timelogs_reviewedreadings ADD CONSTRAINT timelogs_reviewedreadings_of_patient
    FOREIGN KEY (practice_id, patient_id, entry_id)
    REFERENCES timelogs_timeentry (practice_id, patient_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NOT_OF_THE_PATIENT = """
ALTER TABLE timelogs_reviewedreadings DROP CONSTRAINT timelogs_reviewedreadings_of_patient;
ALTER TABLE timelogs_timeentry DROP CONSTRAINT timelogs_timeentry_of_patient;
"""

# Written with the signature, while the note is still a draft; its figures are those of the readings, counted here once
# more, or those that the version kept which it corrects.
REVIEWED_IS_WHAT_WAS_READ = """
CREATE FUNCTION timelogs_reviewed_is_what_was_read() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text[] := ARRAY['id', 'version', 'entry_id'];
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM timelogs_timeentry e
        WHERE e.id = NEW.entry_id AND e.status = 'draft' AND e.patient_id = NEW.patient_id AND e.data_reviewed
          AND e.data_from = NEW.since AND e.data_until = NEW.until AND e.data_seen_at = NEW.seen_at
          AND NOT NEW.measure = ANY (e.data_left_out)
    ) THEN
        RAISE EXCEPTION 'entry % does not say that these were reviewed', NEW.entry_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM timelogs_timeentry e JOIN timelogs_reviewedreadings kept_then ON kept_then.entry_id = e.supersedes_id
        WHERE e.id = NEW.entry_id AND to_jsonb(kept_then) - own = to_jsonb(NEW) - own
    ) THEN
        RETURN NEW;
    END IF;
    IF NEW.readings = 0 THEN
        PERFORM 1 FROM patients_deviceassignment a
        WHERE a.patient_id = NEW.patient_id AND a.device_id = NEW.device_id
          AND a.starts_on <= NEW.until AND (a.ends_on IS NULL OR a.ends_on > NEW.since)
          AND NOT EXISTS (
            SELECT 1 FROM monitoring_figures(NEW.practice_id, NEW.patient_id, NEW.since, NEW.until, NEW.seen_at) f
            WHERE f.device_id = NEW.device_id
          );
    ELSE
        PERFORM 1
        FROM monitoring_figures(NEW.practice_id, NEW.patient_id, NEW.since, NEW.until, NEW.seen_at) f
        WHERE (f.device_id, f.measure, f.readings, f.days, f.low, f.high, f.second_low, f.second_high)
              IS NOT DISTINCT FROM (NEW.device_id, NEW.measure::text, NEW.readings, NEW.days, NEW.low, NEW.high,
                                    NEW.second_low, NEW.second_high)
          AND (f.out_of_range, f.days_out_of_range, f.days_above, f.digest)
              = (NEW.out_of_range, NEW.days_out_of_range, NEW.days_above, NEW.digest::text);
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'figures of entry % are not those of its readings', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviewed_is_what_was_read';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reviewed_is_what_was_read BEFORE INSERT ON timelogs_reviewedreadings
    FOR EACH ROW EXECUTE FUNCTION timelogs_reviewed_is_what_was_read();
"""

# An escalation of the patient whose session it is.
WORK_IS_HERS = """
CREATE FUNCTION timelogs_work_is_hers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
        FROM timelogs_timeentry e
        JOIN escalations_escalation x ON x.patient_id = e.patient_id
        WHERE e.id = NEW.entry_id AND x.id = NEW.escalation_id
    ) THEN
        RAISE EXCEPTION 'escalation of entry % is not of its patient', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER work_is_hers BEFORE INSERT ON timelogs_escalationwork
    FOR EACH ROW EXECUTE FUNCTION timelogs_work_is_hers();
"""

# The practice's clock stays as soon as a month or a day was measured by it. Alone: whoever writes a row of the practice
# meanwhile is waited for, and who comes later waits.
CLOCK_STAYS = """
CREATE FUNCTION timelogs_clock_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_practice WHERE id = NEW.id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM timelogs_timeentry WHERE practice_id = NEW.id AND status NOT IN ('draft', 'discarded'))
       OR EXISTS (SELECT 1 FROM timelogs_patientmonth WHERE practice_id = NEW.id)
       OR EXISTS (SELECT 1 FROM timelogs_period WHERE practice_id = NEW.id AND state <> 'open')
       OR EXISTS (SELECT 1 FROM monitoring_reading r JOIN patients_patient p ON p.id = r.patient_id
                  WHERE r.practice_id = NEW.id AND p.time_zone = '') THEN
        RAISE EXCEPTION 'practice % has months by its clock', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_stays BEFORE UPDATE ON accounts_practice
    FOR EACH ROW WHEN (NEW.time_zone IS DISTINCT FROM OLD.time_zone) EXECUTE FUNCTION timelogs_clock_stays();
"""

# A patient's month is made by the practice's clock as it is: one made by a clock that is being corrected is refused. A
# day begins at the first instant of its date, also where midnight comes twice or not at all.
MADE_BY_THE_CLOCK = """
CREATE FUNCTION timelogs_made_by_the_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    zone text;
BEGIN
    SELECT time_zone INTO zone FROM accounts_practice WHERE id = NEW.practice_id FOR KEY SHARE;
    IF (NEW.starts_at AT TIME ZONE zone)::date IS DISTINCT FROM NEW.month
       OR ((NEW.starts_at - interval '1 microsecond') AT TIME ZONE zone)::date >= NEW.month
       OR (NEW.ends_at AT TIME ZONE zone)::date IS DISTINCT FROM (NEW.month + interval '1 month')::date
       OR ((NEW.ends_at - interval '1 microsecond') AT TIME ZONE zone)::date >= (NEW.month + interval '1 month')::date THEN
        RAISE EXCEPTION 'month % is not by the clock of its practice', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER made_by_the_clock BEFORE INSERT OR UPDATE ON timelogs_patientmonth
    FOR EACH ROW EXECUTE FUNCTION timelogs_made_by_the_clock();
"""


def drop(table: str, trigger: str) -> str:
    return f"DROP TRIGGER {trigger} ON {table}; DROP FUNCTION timelogs_{trigger}();"


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("monitoring", "0002_guards"),
        ("escalations", "0002_guards"),
        ("timelogs", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "period",
            "patientmonth",
            "timeentry",
            "clock",
            "timesegment",
            "countedinterval",
            "addition",
            "gap",
            "concurrence",
            "handover",
            "reviewedreadings",
            "escalationwork",
        ),
        AppendOnly("timelogs_addition"),
        AppendOnly("timelogs_escalationwork"),
        AppendOnly("timelogs_reviewedreadings"),
        migrations.RunSQL(SIGNED_IS_FINAL, drop("timelogs_timeentry", "signed_is_final")),
        migrations.RunSQL(SIGNED_TIME_IS_FINAL, drop("timelogs_timesegment", "signed_time_is_final")),
        migrations.RunSQL(COUNTED_IS_EARNED, drop("timelogs_countedinterval", "counted_is_earned")),
        migrations.RunSQL(FOLLOWS_A_SIGNATURE, drop("timelogs_addition", "follows_a_signature")),
        migrations.RunSQL(GAP_IS_ANSWERED_ONCE, drop("timelogs_gap", "gap_is_answered_once")),
        migrations.RunSQL(CONCURRENCE_IS_SOUND, drop("timelogs_concurrence", "concurrence_is_sound")),
        migrations.RunSQL(HANDOVER_IS_OF_A_DRAFT, drop("timelogs_handover", "handover_is_of_a_draft")),
        migrations.RunSQL(WORK_IS_HERS, drop("timelogs_escalationwork", "work_is_hers")),
        migrations.RunSQL(PLANS_AND_SESSIONS, NO_PLANS_AND_SESSIONS),
        migrations.RunSQL(PLAN_WAS_IN_EFFECT, drop("timelogs_timeentry", "plan_was_in_effect")),
        migrations.RunSQL(REVIEWED_OF_THE_PATIENT, NOT_OF_THE_PATIENT),
        migrations.RunSQL(
            REVIEWED_IS_WHAT_WAS_READ, drop("timelogs_reviewedreadings", "reviewed_is_what_was_read")
        ),
        migrations.RunSQL(CLOCK_STAYS, drop("accounts_practice", "clock_stays")),
        migrations.RunSQL(MADE_BY_THE_CLOCK, drop("timelogs_patientmonth", "made_by_the_clock")),
        LimitTexts("addition", "concurrence", "gap", "handover", "period", "timeentry", "timesegment"),
        SeparatePractices(),
        ClosesWhenMerged("timelogs_timeentry"),
        *(ClosesWhenMerged(f"timelogs_{name}", by="entry_id") for name in OF_A_SESSION),
        migrations.RunSQL(MERGE_LEAVES_NO_DRAFT, drop("patients_merge", "merge_leaves_no_draft")),
    ]
