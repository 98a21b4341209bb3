from django.db import migrations

from foundation.dbguards import AppendOnly, GuardModels, LimitTexts, SeparatePractices
from patients.dbguards import ClosesWhenMerged

# The same table as escalations/states.py; a test compares the two. Kind of step, state before, state after.
STEPS = (
    ("merged", "open", "open"),
    ("merged", "acknowledged", "acknowledged"),
    ("merged", "referred", "referred"),
    ("merged", "answered", "answered"),
    ("raised", "open", "open"),
    ("raised", "acknowledged", "open"),
    ("raised", "referred", "referred"),
    ("raised", "answered", "open"),
    ("acknowledged", "open", "acknowledged"),
    ("acknowledged", "referred", "referred"),
    ("referred", "open", "referred"),
    ("referred", "acknowledged", "referred"),
    ("referred", "answered", "referred"),
    ("answered", "open", "answered"),
    ("answered", "acknowledged", "answered"),
    ("answered", "referred", "answered"),
    ("handed_over", "open", "open"),
    ("handed_over", "acknowledged", "open"),
    ("handed_over", "referred", "referred"),
    ("handed_over", "answered", "answered"),
    ("climbed", "open", "open"),
    ("climbed", "acknowledged", "open"),
    ("climbed", "referred", "referred"),
    ("climbed", "answered", "answered"),
    ("noted", "open", "open"),
    ("noted", "acknowledged", "acknowledged"),
    ("noted", "referred", "referred"),
    ("noted", "answered", "answered"),
    ("attempted", "open", "open"),
    ("attempted", "acknowledged", "acknowledged"),
    ("attempted", "referred", "referred"),
    ("attempted", "answered", "answered"),
    ("resolved", "open", "resolved"),
    ("resolved", "acknowledged", "resolved"),
    ("resolved", "referred", "resolved"),
    ("resolved", "answered", "resolved"),
)
ALLOWED = ", ".join(f"('{kind}', '{before}', '{after}')" for kind, before, after in STEPS)

# Each change is a step that the table allows, written before the row with the row's next version as its number; the row
# then stands as the step says. What it is about, and of whom, never changes; what is resolved stays so.
GOES_BY_STEPS = f"""
CREATE FUNCTION escalations_goes_by_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['state', 'owner_id', 'severity', 'says', 'due_at', 'topped_at', 'ask', 'outcome', 'resolved_at',
                         'version'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.state <> 'open' THEN
            RAISE EXCEPTION 'escalation % does not begin open', NEW.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'resolved' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'escalation % stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1
        FROM escalations_escalationstep s
        JOIN (VALUES {ALLOWED}) AS allowed (kind, before, after)
            ON allowed.kind = s.kind AND allowed.before = OLD.state AND allowed.after = NEW.state
        WHERE s.escalation_id = NEW.id AND s.number = NEW.version AND s.state = NEW.state
          AND s.owner_id = NEW.owner_id AND s.severity = NEW.severity AND s.due_at = NEW.due_at
          AND s.outcome = NEW.outcome
    ) THEN
        RAISE EXCEPTION 'escalation % changes without its step', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER goes_by_steps BEFORE INSERT OR UPDATE ON escalations_escalation
    FOR EACH ROW EXECUTE FUNCTION escalations_goes_by_steps();
"""

# The first step comes after the row, in the same transaction; no step is of another version than the row's.
HAS_ITS_STEP = """
CREATE FUNCTION escalations_has_its_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about_id uuid := COALESCE((to_jsonb(NEW) ->> 'escalation_id')::uuid, (to_jsonb(NEW) ->> 'id')::uuid);
BEGIN
    IF NOT EXISTS (
        SELECT 1
        FROM escalations_escalation e
        JOIN escalations_escalationstep s ON s.escalation_id = e.id AND s.number = e.version
        WHERE e.id = about_id AND s.state = e.state AND s.owner_id = e.owner_id AND s.severity = e.severity
          AND s.due_at = e.due_at
          AND e.version = (SELECT max(number) FROM escalations_escalationstep WHERE escalation_id = e.id)
    ) THEN
        RAISE EXCEPTION 'escalation % and its steps differ', about_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER has_its_step AFTER INSERT ON escalations_escalation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION escalations_has_its_step();
CREATE CONSTRAINT TRIGGER has_its_step AFTER INSERT ON escalations_escalationstep
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION escalations_has_its_step();
"""
NO_STEPS = """
DROP TRIGGER has_its_step ON escalations_escalationstep;
DROP TRIGGER has_its_step ON escalations_escalation;
DROP FUNCTION escalations_has_its_step();
"""

# A reading is attached to what was found about its own patient, and to nothing that is resolved.
READING_IS_HERS = """
CREATE FUNCTION escalations_reading_is_hers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
        FROM escalations_escalation e
        JOIN monitoring_reading r ON r.id = NEW.reading_id
        WHERE e.id = NEW.escalation_id AND e.patient_id = r.patient_id AND e.state <> 'resolved'
    ) THEN
        RAISE EXCEPTION 'reading of escalation % is not of its patient', NEW.escalation_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reading_is_hers BEFORE INSERT ON escalations_escalationreading
    FOR EACH ROW EXECUTE FUNCTION escalations_reading_is_hers();
"""

# A place of the list is given to one person and ends once.
PLACE_ENDS_ONCE = """
CREATE FUNCTION escalations_place_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['ended_at', 'version'];
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'place % is given', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER place_ends_once BEFORE UPDATE ON escalations_ladderplace
    FOR EACH ROW EXECUTE FUNCTION escalations_place_ends_once();
"""

# A record with an open escalation is not merged into another: nobody could resolve it there.
MERGE_LEAVES_NO_ESCALATION = """
CREATE FUNCTION escalations_merge_leaves_no_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM escalations_escalation WHERE patient_id = NEW.duplicate_id AND state <> 'resolved') THEN
        RAISE EXCEPTION 'record % has an open escalation', NEW.duplicate_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_record_is_settled';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER merge_leaves_no_escalation BEFORE INSERT ON patients_merge
    FOR EACH ROW EXECUTE FUNCTION escalations_merge_leaves_no_escalation();
"""


def drop(table: str, trigger: str) -> str:
    return f"DROP TRIGGER {trigger} ON {table}; DROP FUNCTION escalations_{trigger}();"


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_guards"),
        ("monitoring", "0002_guards"),
        ("escalations", "0001_initial"),
    ]

    operations = [
        GuardModels("escalation", "escalationreading", "escalationstep", "ladderplace"),
        AppendOnly("escalations_escalationreading"),
        AppendOnly("escalations_escalationstep"),
        migrations.RunSQL(GOES_BY_STEPS, drop("escalations_escalation", "goes_by_steps")),
        migrations.RunSQL(HAS_ITS_STEP, NO_STEPS),
        migrations.RunSQL(READING_IS_HERS, drop("escalations_escalationreading", "reading_is_hers")),
        migrations.RunSQL(PLACE_ENDS_ONCE, drop("escalations_ladderplace", "place_ends_once")),
        LimitTexts("escalation", "escalationstep", "ladderplace"),
        SeparatePractices(),
        ClosesWhenMerged("escalations_escalation"),
        *(
            ClosesWhenMerged(f"escalations_{name}", by="escalation_id")
            for name in ("escalationreading", "escalationstep")
        ),
        migrations.RunSQL(MERGE_LEAVES_NO_ESCALATION, drop("patients_merge", "merge_leaves_no_escalation")),
    ]
