from django.db import migrations

from foundation.dbguards import AppendOnly, GuardModels, LimitTexts, SeparatePractices

# Asked by one person, confirmed by another; for holds that judgement cures alone; on the claim as it was asked about,
# while its month is closed and before it is approved. Confirmed once, ended once, else never changed.
FORCE_IS_SOUND = """
CREATE FUNCTION billing_force_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    confirmation text[] := ARRAY['confirmed_by_id', 'confirmed_at', 'confirmed_reason'];
    free text[] := confirmation || ARRAY['ended_by_id', 'ended_at', 'ended_reason', 'version'];
    begins boolean := TG_OP = 'INSERT';
    confirms boolean := NEW.confirmed_at IS NOT NULL;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        confirms := NEW.confirmed_at IS NOT NULL AND OLD.confirmed_at IS NULL;
        IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
           OR (OLD.confirmed_at IS NOT NULL AND (OLD.confirmed_by_id, OLD.confirmed_at, OLD.confirmed_reason)
               IS DISTINCT FROM (NEW.confirmed_by_id, NEW.confirmed_at, NEW.confirmed_reason)) THEN
            RAISE EXCEPTION 'force % is decided', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM accounts_membership asks JOIN accounts_membership confirms ON confirms.user_id = asks.user_id
               WHERE asks.id = NEW.asked_by_id AND confirms.id = NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'force % is confirmed by who asked', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF jsonb_typeof(NEW.holds) <> 'array' OR NEW.holds = '[]' OR NOT NEW.holds <@
       '["dual-99091-review", "episode-review", "payer-code", "payer-diagnosis", "straddles-rule-sets"]' THEN
        RAISE EXCEPTION 'no judgement cures the holds of force %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF (begins OR confirms) AND NOT EXISTS (
        SELECT 1 FROM billing_claim c JOIN timelogs_period p ON p.id = c.period_id
        WHERE c.id = NEW.claim_id AND c.selection_id = NEW.selection_id AND p.state = 'closed'
          AND c.state NOT IN ('approved', 'exported')
          AND NOT EXISTS (SELECT 1 FROM billing_hold h WHERE h.claim_id = c.id
                          AND (h.code = NEW.code OR (h.code = '' AND h.slug <> 'by-hand'))
                          AND h.lifted_at IS NULL AND NOT NEW.holds ? h.slug)) THEN
        RAISE EXCEPTION 'the claim of force % is not as it was asked about', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER force_is_sound BEFORE INSERT OR UPDATE ON billing_force
    FOR EACH ROW EXECUTE FUNCTION billing_force_is_sound();
"""

# At the end of the transaction: no blocked code has a released line, a forced line has its two people on the claim's
# own decision, without them no more is released than that decision releases and nothing beside it holds, and further
# units go with their base. Asked for each code again when the claim itself points to another decision.
BY_HAND_IS_KEPT = """
CREATE FUNCTION billing_code_is_released_soundly(asked_id uuid, asked_code text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Where no practice is told at the end of the transaction, nothing would be found and everything let pass.
    IF NOT EXISTS (SELECT 1 FROM billing_claim c WHERE c.id = asked_id) THEN
        RAISE EXCEPTION 'claim % is not seen here', asked_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM billing_claimline l JOIN billing_hold h ON h.claim_id = l.claim_id AND h.code = l.code
               WHERE l.claim_id = asked_id AND l.code = asked_code AND l.standing AND l.released
                 AND h.slug = 'by-hand' AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'a code of claim % is blocked', asked_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM billing_claimline l JOIN billing_force f ON f.id = l.force_id
               JOIN billing_claim c ON c.id = l.claim_id
               WHERE l.claim_id = asked_id AND l.code = asked_code AND l.standing
                 AND (f.claim_id <> l.claim_id OR f.code <> l.code OR f.confirmed_at IS NULL OR f.ended_at IS NOT NULL
                      OR f.selection_id <> c.selection_id)) THEN
        RAISE EXCEPTION 'a code of claim % is not forced', asked_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM billing_claimline l JOIN billing_claim c ON c.id = l.claim_id
               JOIN billing_codeselection s ON s.id = c.selection_id
               WHERE l.claim_id = asked_id AND l.code = asked_code AND l.standing AND l.released
                 AND l.force_id IS NULL AND c.state <> 'exported'
               GROUP BY s.id HAVING sum(l.units) > coalesce((s.decision -> 'released' ->> asked_code)::int, 0)
                   OR EXISTS (SELECT 1 FROM billing_hold h WHERE h.claim_id = asked_id AND h.code = asked_code
                              AND h.lifted_at IS NULL
                              AND NOT coalesce(s.decision -> 'held' -> asked_code ? h.slug, false))) THEN
        RAISE EXCEPTION 'a code of claim % is not released by the rules', asked_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF asked_code = '99458' AND EXISTS (
        SELECT 1 FROM billing_claimline l WHERE l.claim_id = asked_id AND l.standing AND l.released
        HAVING bool_or(l.code = '99458') AND NOT bool_or(l.code = '99457')) THEN
        RAISE EXCEPTION 'further units of claim % are released without their base', asked_id
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION billing_by_hand_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_code_is_released_soundly(NEW.claim_id, NEW.code);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER by_hand_is_kept AFTER INSERT OR UPDATE ON billing_claimline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.standing AND NEW.released) EXECUTE FUNCTION billing_by_hand_is_kept();
CREATE CONSTRAINT TRIGGER by_hand_is_kept AFTER INSERT OR UPDATE ON billing_hold DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.slug = 'by-hand' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION billing_by_hand_is_kept();
CREATE CONSTRAINT TRIGGER by_hand_is_kept AFTER UPDATE ON billing_force DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION billing_by_hand_is_kept();
CREATE FUNCTION billing_claim_is_released_soundly() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own_key text := CASE TG_TABLE_NAME WHEN 'billing_claim' THEN 'id' ELSE 'claim_id' END;
    changed_id uuid := to_jsonb(NEW) ->> own_key;
BEGIN
    PERFORM billing_code_is_released_soundly(changed_id, released.code)
    FROM (SELECT DISTINCT l.code FROM billing_claimline l
          WHERE l.claim_id = changed_id AND l.standing AND l.released) released;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER decision_is_that_of_its_lines AFTER UPDATE ON billing_claim DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.selection_id IS DISTINCT FROM NEW.selection_id)
    EXECUTE FUNCTION billing_claim_is_released_soundly();
CREATE CONSTRAINT TRIGGER base_is_kept AFTER UPDATE ON billing_claimline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.standing AND OLD.released AND NOT (NEW.standing AND NEW.released))
    EXECUTE FUNCTION billing_claim_is_released_soundly();
"""
NOT_KEPT = """
DROP TRIGGER by_hand_is_kept ON billing_claimline;
DROP TRIGGER by_hand_is_kept ON billing_hold;
DROP TRIGGER by_hand_is_kept ON billing_force;
DROP TRIGGER decision_is_that_of_its_lines ON billing_claim;
DROP TRIGGER base_is_kept ON billing_claimline;
DROP FUNCTION billing_by_hand_is_kept();
DROP FUNCTION billing_claim_is_released_soundly();
DROP FUNCTION billing_code_is_released_soundly(uuid, text);
"""

# Nobody approves a claim with her own time in it, in whatever role she logged that.
APPROVER_DID_NOT_LOG = """
CREATE FUNCTION billing_approver_did_not_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM accounts_membership m
        JOIN timelogs_timesegment s ON s.staff_id = m.user_id
        JOIN timelogs_timeentry e ON e.id = s.entry_id AND e.patient_id = NEW.patient_id
        JOIN timelogs_period p ON p.id = NEW.period_id
        JOIN accounts_practice pr ON pr.id = NEW.practice_id
        WHERE m.id = NEW.approved_by_id AND e.practice_id = NEW.practice_id
          AND e.status IN ('signed', 'amended', 'voided')
          AND s.during && tstzrange(p.month::timestamp AT TIME ZONE pr.time_zone,
                                    (p.month + interval '1 month')::timestamp AT TIME ZONE pr.time_zone)
    ) THEN
        RAISE EXCEPTION 'claim % is approved by who logged its time', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approver_did_not_log BEFORE INSERT OR UPDATE ON billing_claim
    FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION billing_approver_did_not_log();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("timelogs", "0002_guards"),
        ("billing", "0001_initial"),
    ]

    operations = [
        GuardModels(
            "thresholdalert", "closerun", "codeselection", "claim", "claimline", "hold", "force", "release"
        ),
        AppendOnly("billing_release"),
        LimitTexts("hold", "force"),
        migrations.RunSQL(
            FORCE_IS_SOUND,
            "DROP TRIGGER force_is_sound ON billing_force; DROP FUNCTION billing_force_is_sound();",
        ),
        migrations.RunSQL(BY_HAND_IS_KEPT, NOT_KEPT),
        migrations.RunSQL(
            APPROVER_DID_NOT_LOG,
            "DROP TRIGGER approver_did_not_log ON billing_claim; DROP FUNCTION billing_approver_did_not_log();",
        ),
        SeparatePractices(),
    ]
