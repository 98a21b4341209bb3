"""Alerts, closes, decisions and claims: each once, each on its evidence."""

from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "one-alert-per-line",
        """SELECT max(id::text) FROM billing_thresholdalert WHERE withdrawn_at IS NULL
           GROUP BY patient_month_id, minutes, kind = 'no_contact' HAVING count(*) > 1""",
    ),
    # Consent, order and visits only take away from what is counted, so fewer counted seconds than the line's is
    # always wrong; unless the work that would withdraw the alert still waits in the outbox.
    Invariant(
        "reached-alert-has-its-minutes",
        """SELECT a.id FROM billing_thresholdalert a
           WHERE a.kind = 'reached' AND a.withdrawn_at IS NULL AND a.minutes * 60 > coalesce((
                   SELECT extract(epoch FROM sum(upper(i.during) - lower(i.during)))
                   FROM timelogs_countedinterval i WHERE i.patient_month_id = a.patient_month_id AND i.standing), 0)
             AND NOT EXISTS (
                   SELECT 1 FROM dispatch_outboxmessage o WHERE o.topic = 'timelogs.time_changed'
                   AND o.done_at IS NULL AND o.body ->> 'patient_month' = a.patient_month_id::text)""",
    ),
    Invariant(
        "closed-month-is-near-nothing",
        """SELECT a.id FROM billing_thresholdalert a JOIN timelogs_patientmonth m ON m.id = a.patient_month_id
           JOIN timelogs_period p ON p.practice_id = m.practice_id AND p.month = m.month
           WHERE a.withdrawn_at IS NULL AND a.kind IN ('near', 'no_contact') AND p.state = 'closed'""",
    ),
    Invariant(
        "one-selection-per-run-and-patient",
        "SELECT max(id::text) FROM billing_codeselection GROUP BY run_id, patient_id HAVING count(*) > 1",
    ),
    Invariant(
        "one-claim-per-patient-and-month",
        "SELECT max(id::text) FROM billing_claim GROUP BY period_id, patient_id, payer HAVING count(*) > 1",
    ),
    Invariant(
        "claim-rests-on-its-own-decision",
        """SELECT c.id FROM billing_claim c JOIN billing_codeselection s ON s.id = c.selection_id
           WHERE s.patient_id <> c.patient_id OR s.period_id <> c.period_id OR s.payer <> c.payer""",
    ),
    Invariant(
        "claim-rests-on-the-latest-decision",
        """SELECT c.id FROM billing_claim c JOIN billing_codeselection newer ON newer.supersedes_id = c.selection_id
           WHERE c.state <> 'exported'""",
    ),
    Invariant(
        "approved-claim-is-not-held",
        """SELECT c.id FROM billing_claim c JOIN billing_hold h ON h.claim_id = c.id
           WHERE c.state IN ('approved', 'exported') AND h.lifted_at IS NULL AND h.code = ''""",
    ),
    Invariant(
        "approved-claim-has-a-released-line",
        """SELECT c.id FROM billing_claim c WHERE c.state IN ('approved', 'exported') AND NOT EXISTS (
               SELECT 1 FROM billing_claimline l WHERE l.claim_id = c.id AND l.standing AND l.released)""",
    ),
    Invariant(
        "no-service-claimed-twice",
        """SELECT max(l.id::text) FROM billing_claimline l JOIN billing_claim c ON c.id = l.claim_id
           WHERE l.standing AND l.released GROUP BY c.patient_id, l.code, l.service_on HAVING count(*) > 1""",
    ),
    # The time of an export after the merge: what was sent on both before is told, and cannot be taken back.
    Invariant(
        "no-month-exported-again-after-a-merge",
        """SELECT c.id FROM patients_merge m
           JOIN billing_claim c ON c.patient_id = m.remaining_id
           JOIN billing_claim earlier ON earlier.patient_id = m.duplicate_id AND earlier.period_id = c.period_id
           WHERE m.undone_at IS NULL
             AND EXISTS (SELECT 1 FROM billing_release r WHERE r.claim_id = earlier.id)
             AND EXISTS (SELECT 1 FROM billing_release r WHERE r.claim_id = c.id AND r.released_at > m.merged_at)
             AND 2 = (SELECT count(DISTINCT l.claim_id) FROM billing_claimline l
                 WHERE l.claim_id IN (c.id, earlier.id) AND l.standing AND l.released
                   AND l.code IN ('99470', '99457', '99458'))""",
    ),
    Invariant(
        "blocked-code-has-no-released-line",
        """SELECT l.id FROM billing_claimline l JOIN billing_hold h ON h.claim_id = l.claim_id AND h.code = l.code
           WHERE l.standing AND l.released AND h.slug = 'by-hand' AND h.lifted_at IS NULL""",
    ),
    Invariant(
        "released-by-rule-or-forced-by-two",
        """SELECT l.id FROM billing_claimline l JOIN billing_claim c ON c.id = l.claim_id
           JOIN billing_codeselection s ON s.id = c.selection_id LEFT JOIN billing_force f ON f.id = l.force_id
           WHERE l.standing AND l.released AND c.state <> 'exported' AND CASE WHEN l.force_id IS NULL
               THEN NOT coalesce(s.decision -> 'released' ? l.code, false)
               ELSE f.claim_id <> l.claim_id OR f.code <> l.code OR f.confirmed_at IS NULL OR f.ended_at IS NOT NULL
                   OR f.selection_id <> c.selection_id END""",
    ),
    Invariant(
        "forced-by-two-different-people",
        """SELECT f.id FROM billing_force f JOIN accounts_membership a ON a.id = f.asked_by_id
           JOIN accounts_membership b ON b.id = f.confirmed_by_id WHERE a.user_id = b.user_id""",
    ),
    Invariant(
        "line-is-of-its-claims-patient",
        """SELECT l.id FROM billing_claimline l JOIN billing_claim c ON c.id = l.claim_id
           JOIN billing_codeselection s ON s.id = l.selection_id
           WHERE s.patient_id <> c.patient_id OR s.period_id <> c.period_id""",
    ),
    Invariant(
        "running-close-has-its-gate-shut",
        """SELECT r.id FROM billing_closerun r JOIN timelogs_period p ON p.id = r.period_id
           WHERE r.state = 'running' AND p.state <> 'closing'""",
    ),
    Invariant(
        "close-run-adds-up",
        """SELECT id FROM billing_closerun WHERE (state = 'done') <> (finished_at IS NOT NULL AND done = total)
              AND state <> 'failed'""",
    ),
)
