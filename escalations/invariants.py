"""What always holds of escalations: each is somebody's, goes by its steps, and is open once for each cause."""

from audit.invariants import Invariant
from patients.invariants import newer_than_merge

_BY_ESCALATION = "(SELECT e.patient_id FROM escalations_escalation e WHERE e.id = h.escalation_id)"

INVARIANTS = (
    Invariant(
        "escalation-stands-as-its-last-step-says",
        """SELECT e.id FROM escalations_escalation e
           LEFT JOIN escalations_escalationstep s ON s.escalation_id = e.id AND s.number = e.version
           WHERE s.id IS NULL OR s.state <> e.state OR s.owner_id <> e.owner_id OR s.severity <> e.severity
              OR s.due_at <> e.due_at OR s.outcome <> e.outcome""",
    ),
    Invariant(
        "escalation-has-every-step",
        """SELECT e.id FROM escalations_escalation e
           WHERE e.version <> (SELECT count(*) FROM escalations_escalationstep s WHERE s.escalation_id = e.id)""",
    ),
    Invariant(
        "escalation-is-open-once-for-a-cause",
        """SELECT a.id FROM escalations_escalation a JOIN escalations_escalation b
               ON b.patient_id = a.patient_id AND b.cause = a.cause AND b.measure = a.measure AND b.rule = a.rule
              AND b.id > a.id
           WHERE a.cause <> 'person' AND a.state <> 'resolved' AND b.state <> 'resolved'""",
    ),
    Invariant(
        "a-reading-raises-its-cause-once",
        """SELECT min(a.id::text) FROM escalations_escalationreading a
               JOIN escalations_escalation e ON e.id = a.escalation_id
           WHERE e.cause <> 'person' GROUP BY a.reading_id, a.seen_version, e.cause, e.measure, e.rule
           HAVING count(*) > 1""",
    ),
    Invariant(
        "answered-by-a-clinician",
        """SELECT s.id FROM escalations_escalationstep s JOIN accounts_membership m ON m.id = s.by_id
           WHERE s.kind = 'answered' AND m.role <> 'qhp'""",
    ),
    Invariant(
        "merged-record-has-no-open-escalation",
        """SELECT e.id FROM escalations_escalation e JOIN patients_merge m ON m.duplicate_id = e.patient_id
           WHERE m.undone_at IS NULL AND e.state <> 'resolved'""",
    ),
    Invariant(
        "no-escalation-after-a-merge",
        newer_than_merge(
            ("escalations_historicalescalation", "h.patient_id"),
            *(
                (f"escalations_historical{name}", _BY_ESCALATION)
                for name in ("escalationreading", "escalationstep")
            ),
        ),
    ),
)
