from django.db import migrations

from foundation.dbguards import GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

# What a person is looked for by: names and MRN in small letters without accents.
PLAIN = """
CREATE FUNCTION patients_plain(family text, given text, mrn text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(normalize(lower(family || ' ' || given || ' ' || mrn), NFKD), '[\u0300-\u036f]', '', 'g');
"""
NOT_PLAIN = "DROP FUNCTION patients_plain(text, text, text);"

# A coverage names a payer of its practice; a new one none that was retired, also not at the same moment.
PAYER_IS_IN_USE = """
ALTER TABLE patients_coverage ADD CONSTRAINT coverage_names_a_payer_of_the_practice
    FOREIGN KEY (practice_id, payer) REFERENCES payers_payer (practice_id, slug)
    DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION patients_payer_is_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.payer = OLD.payer THEN
        RETURN NEW;
    END IF;
    SELECT p.retired INTO gone FROM payers_payer p
        WHERE p.practice_id = NEW.practice_id AND p.slug = NEW.payer FOR SHARE;
    IF gone THEN
        RAISE EXCEPTION 'coverage % names a payer that was retired', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payer_is_in_use BEFORE INSERT OR UPDATE ON patients_coverage
    FOR EACH ROW EXECUTE FUNCTION patients_payer_is_in_use();
"""
ANY_PAYER = """
DROP TRIGGER payer_is_in_use ON patients_coverage; DROP FUNCTION patients_payer_is_in_use();
ALTER TABLE patients_coverage DROP CONSTRAINT coverage_names_a_payer_of_the_practice;
"""

# A record that was merged takes no new row and no change: whoever writes holds the patient, as who merges does alone.
MERGED_IS_CLOSED = """
CREATE FUNCTION patients_closes_when_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys uuid[] := ARRAY[(to_jsonb(NEW) ->> TG_ARGV[0])::uuid];
    key uuid;
    record_id uuid;
BEGIN
    -- Nothing is moved out of one either.
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) ->> TG_ARGV[0])::uuid IS DISTINCT FROM keys[1] THEN
        keys := keys || (to_jsonb(OLD) ->> TG_ARGV[0])::uuid;
    END IF;
    FOREACH key IN ARRAY keys LOOP
        record_id := key;
        IF TG_ARGV[0] = 'enrollment_id' THEN
            SELECT patient_id INTO record_id FROM patients_enrollment WHERE id = key;
        ELSIF TG_ARGV[0] = 'entry_id' THEN
            SELECT patient_id INTO record_id FROM timelogs_timeentry WHERE id = key;
        ELSIF TG_ARGV[0] = 'escalation_id' THEN
            SELECT patient_id INTO record_id FROM escalations_escalation WHERE id = key;
        END IF;
        PERFORM 1 FROM patients_patient WHERE id = record_id FOR KEY SHARE;
        IF EXISTS (SELECT 1 FROM patients_merge WHERE duplicate_id = record_id AND undone_at IS NULL) THEN
            RAISE EXCEPTION 'record % was merged', record_id
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_record_is_closed', DETAIL = record_id::text;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
"""
MERGED_IS_OPEN = "DROP FUNCTION patients_closes_when_merged();"
OF_A_PATIENT = (
    "coverage",
    "enrollment",
    "consent",
    "deviceassignment",
    "targetrange",
    "officevisit",
    "otherservice",
    "surgicalglobal",
    "institutionstay",
    "attachment",
    "patientsite",
)
OF_AN_ENROLLMENT = ("diagnosis", "order", "careplan", "signaturerequest")

# Two records of which neither was merged, nor is merged into, the other way round; the one that goes is settled. A merge
# changes once, when it is undone.
MERGES_ARE_SOUND = """
CREATE FUNCTION patients_merge_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['undone_by_id', 'undone_at', 'undo_reason', 'kept', 'version'];
BEGIN
    PERFORM 1 FROM patients_patient WHERE id IN (NEW.duplicate_id, NEW.remaining_id) ORDER BY id FOR UPDATE;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.undone_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
            RAISE EXCEPTION 'merge % is made', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM patients_merge m
        WHERE m.undone_at IS NULL AND (m.duplicate_id = NEW.remaining_id OR m.remaining_id = NEW.duplicate_id)
    ) THEN
        RAISE EXCEPTION 'merge of % would follow another', NEW.duplicate_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merges_do_not_follow_one_another';
    END IF;
    IF EXISTS (SELECT 1 FROM patients_enrollment WHERE patient_id = NEW.duplicate_id AND ended_on IS NULL)
       OR EXISTS (SELECT 1 FROM patients_deviceassignment WHERE patient_id = NEW.duplicate_id AND ends_on IS NULL)
       OR EXISTS (
        SELECT 1 FROM patients_signaturerequest r JOIN patients_enrollment e ON e.id = r.enrollment_id
        WHERE e.patient_id = NEW.duplicate_id AND r.state = 'waiting'
    ) THEN
        RAISE EXCEPTION 'record % is not settled', NEW.duplicate_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_record_is_settled';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER merge_is_sound BEFORE INSERT OR UPDATE ON patients_merge
    FOR EACH ROW EXECUTE FUNCTION patients_merge_is_sound();
"""
MERGES_ARE_NOT_SOUND = """
DROP TRIGGER merge_is_sound ON patients_merge;
DROP FUNCTION patients_merge_is_sound();
"""

# Where a patient is on a day: by her latest move, else at the main site from its first day on.
SITE_ON = """
CREATE FUNCTION patients_site_on(practice uuid, patient uuid, day date) RETURNS uuid LANGUAGE sql STABLE
    RETURN coalesce(
        (SELECT m.site_id FROM patients_patientsite m WHERE m.practice_id = practice AND m.patient_id = patient
            AND m.starts_on <= day ORDER BY m.starts_on DESC LIMIT 1),
        (SELECT s.id FROM patients_site s WHERE s.practice_id = practice AND s.main AND s.starts_on <= day)
    );
"""

# A patient moves to a site on a day on which it is open; a site keeps its first day before them and ends when they left.
SITES_ARE_KEPT = """
CREATE FUNCTION patients_moved_to_an_open_site() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held patients_site;
BEGIN
    -- Held, so that it does not end meanwhile.
    SELECT * INTO held FROM patients_site WHERE id = NEW.site_id FOR SHARE;
    IF held.id IS NULL OR NEW.starts_on < held.starts_on OR NEW.starts_on >= held.ends_on THEN
        RAISE EXCEPTION 'site % is not open on the day of the move', NEW.site_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved_to_an_open_site BEFORE INSERT OR UPDATE ON patients_patientsite
    FOR EACH ROW EXECUTE FUNCTION patients_moved_to_an_open_site();

CREATE FUNCTION patients_site_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.main IS DISTINCT FROM OLD.main THEN
        RAISE EXCEPTION 'site % stays what it is', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM patients_patientsite m WHERE m.site_id = NEW.id AND m.starts_on < NEW.starts_on) THEN
        RAISE EXCEPTION 'site % has patients before its first day', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM patients_patientsite m WHERE m.site_id = NEW.id AND m.starts_on >= NEW.ends_on)
       OR (NEW.ends_on IS NOT NULL AND EXISTS (
           SELECT 1 FROM patients_enrollment e
           WHERE e.practice_id = NEW.practice_id AND (e.ended_on IS NULL OR e.ended_on > NEW.ends_on)
             AND patients_site_on(e.practice_id, e.patient_id, greatest(NEW.ends_on, e.started_on)) = NEW.id)) THEN
        RAISE EXCEPTION 'site % has patients', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER site_is_kept BEFORE UPDATE ON patients_site
    FOR EACH ROW EXECUTE FUNCTION patients_site_is_kept();
"""
SITES_ARE_NOT_KEPT = """
DROP TRIGGER site_is_kept ON patients_site; DROP FUNCTION patients_site_is_kept();
DROP TRIGGER moved_to_an_open_site ON patients_patientsite; DROP FUNCTION patients_moved_to_an_open_site();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("payers", "0002_guards"),
        ("patients", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "patient",
            "coverage",
            "enrollment",
            "diagnosis",
            "consent",
            "order",
            "careplan",
            "device",
            "deviceassignment",
            "targetrange",
            "rangetemplate",
            "officevisit",
            "otherservice",
            "surgicalglobal",
            "institutionstay",
            "attachment",
            "signaturerequest",
            "merge",
            "twopeople",
            "site",
            "patientsite",
        ),
        LimitTexts(
            "attachment",
            "signaturerequest",
            "careplan",
            "consent",
            "deviceassignment",
            "enrollment",
            "order",
            "otherservice",
            "site",
            "surgicalglobal",
            "merge",
            "twopeople",
        ),
        migrations.RunSQL(PLAIN, NOT_PLAIN),
        migrations.RunSQL(PAYER_IS_IN_USE, ANY_PAYER),
        migrations.RunSQL(SITE_ON, "DROP FUNCTION patients_site_on(uuid, uuid, date);"),
        migrations.RunSQL(SITES_ARE_KEPT, SITES_ARE_NOT_KEPT),
        SeparatePractices(),
        migrations.RunSQL(MERGED_IS_CLOSED, MERGED_IS_OPEN),
        ClosesWhenMerged("patients_patient", by="id"),
        *(ClosesWhenMerged(f"patients_{name}") for name in OF_A_PATIENT),
        *(ClosesWhenMerged(f"patients_{name}", by="enrollment_id") for name in OF_AN_ENROLLMENT),
        migrations.RunSQL(MERGES_ARE_SOUND, MERGES_ARE_NOT_SOUND),
    ]
