"""Time counted is time worked: once for a patient, once for a person, inside its month, on signed sessions only.

Once for a patient but where a reviewer has written down why two people's time counts beside each other.
"""

from audit.invariants import Invariant
from patients.invariants import newer_than_merge

_LENGTH = "extract(epoch FROM upper(s.during) - lower(s.during))"


def _overlapping(table: str, owner: str, which: str = "standing") -> str:
    """Standing spans of one owner of which one begins before the one before it ended."""
    return f"""
        SELECT id FROM (
            SELECT id, lower(during) AS starts, max(coalesce(upper(during), 'infinity')) OVER (
                PARTITION BY {owner} ORDER BY lower(during), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ended_before
            FROM {table} WHERE {which}
        ) spans WHERE starts < ended_before"""


_BY_SESSION = "(SELECT e.patient_id FROM timelogs_timeentry e WHERE e.id = h.entry_id)"

INVARIANTS = (
    Invariant(
        "no-time-after-a-merge",
        newer_than_merge(
            ("timelogs_historicaltimeentry", "h.patient_id"),
            *(
                (f"timelogs_historical{name}", _BY_SESSION)
                for name in ("timesegment", "addition", "gap", "handover", "concurrence", "escalationwork")
            ),
        ),
    ),
    Invariant(
        "merged-record-has-no-draft",
        """SELECT e.id FROM timelogs_timeentry e JOIN patients_merge m ON m.duplicate_id = e.patient_id
           WHERE m.undone_at IS NULL AND e.status = 'draft'""",
    ),
    Invariant("nobody-works-twice-at-once", _overlapping("timelogs_timesegment", "staff_id")),
    Invariant(
        "no-second-of-a-patient-twice",
        _overlapping("timelogs_countedinterval", "patient_id", "standing AND NOT concurrent"),
    ),
    Invariant("no-second-of-a-person-twice", _overlapping("timelogs_countedinterval", "staff_id")),
    Invariant(
        "counted-lies-in-its-segment-and-month",
        """SELECT i.id FROM timelogs_countedinterval i
           JOIN timelogs_timesegment s ON s.id = i.segment_id
           JOIN timelogs_patientmonth m ON m.id = i.patient_month_id
           WHERE i.standing AND (NOT s.during @> i.during OR NOT tstzrange(m.starts_at, m.ends_at) @> i.during
               OR s.entry_id <> i.entry_id OR s.staff_id <> i.staff_id OR m.patient_id <> i.patient_id)""",
    ),
    Invariant(
        "counted-stands-on-signed-sessions",
        """SELECT i.id FROM timelogs_countedinterval i
           JOIN timelogs_timesegment s ON s.id = i.segment_id
           JOIN timelogs_timeentry e ON e.id = i.entry_id
           WHERE i.standing AND (NOT s.standing OR e.status <> 'signed' OR e.patient_id <> i.patient_id
               OR (e.needs_approval AND e.approved_at IS NULL))""",
    ),
    Invariant(
        "total-within-the-wall-clock",
        """SELECT patient_month_id FROM timelogs_countedinterval WHERE standing AND NOT concurrent
           GROUP BY patient_month_id
           HAVING sum(upper(during) - lower(during)) > max(upper(during)) - min(lower(during))""",
    ),
    Invariant(
        "counted-twice-only-where-somebody-said-why",
        """SELECT i.id FROM timelogs_countedinterval i
           JOIN timelogs_countedinterval o ON o.patient_id = i.patient_id AND o.standing AND o.entry_id <> i.entry_id
               AND o.during && i.during
           WHERE i.standing AND i.concurrent AND NOT EXISTS (
               SELECT 1 FROM timelogs_concurrence c
               WHERE c.ended_at IS NULL AND c.entry_id = least(i.entry_id, o.entry_id)
                 AND c.other_id = greatest(i.entry_id, o.entry_id))
           UNION
           SELECT i.id FROM timelogs_countedinterval i WHERE i.standing AND i.concurrent AND NOT EXISTS (
               SELECT 1 FROM timelogs_countedinterval o
               WHERE o.patient_id = i.patient_id AND o.standing AND NOT o.concurrent AND o.during && i.during)""",
    ),
    Invariant(
        "who-decides-worked-in-neither",
        """SELECT c.id FROM timelogs_concurrence c
           JOIN timelogs_timeentry e ON e.id = c.entry_id JOIN accounts_membership em ON em.id = e.author_id
           JOIN timelogs_timeentry o ON o.id = c.other_id JOIN accounts_membership om ON om.id = o.author_id
           JOIN accounts_membership d ON d.id = c.decided_by_id
           WHERE d.user_id IN (em.user_id, om.user_id) OR e.patient_id <> o.patient_id""",
    ),
    Invariant(
        "only-signed-sessions-stand-decided",
        """SELECT c.id FROM timelogs_concurrence c JOIN timelogs_timeentry e ON e.id IN (c.entry_id, c.other_id)
           WHERE c.ended_at IS NULL AND e.status <> 'signed'""",
    ),
    Invariant(
        "months-of-a-patient-do-not-overlap",
        """SELECT id FROM (
               SELECT id, starts_at, lag(ends_at) OVER (PARTITION BY patient_id ORDER BY starts_at) AS ended_before
               FROM timelogs_patientmonth) months
           WHERE starts_at < ended_before""",
    ),
    Invariant(
        "signed-seconds-are-the-segments",
        f"""SELECT e.id FROM timelogs_timeentry e WHERE e.status = 'signed' AND e.seconds_signed IS DISTINCT FROM (
               SELECT floor(sum({_LENGTH})) FROM timelogs_timesegment s WHERE s.entry_id = e.id AND s.standing)""",
    ),
    # What ended has no standing segment left: its own are those that stood until the moment it ended.
    Invariant(
        "ended-sessions-keep-what-they-signed",
        f"""SELECT e.id FROM timelogs_timeentry e
            CROSS JOIN LATERAL (
                SELECT min(recorded_at) AS at FROM timelogs_historicaltimeentry h
                WHERE h.id = e.id AND h.status IN ('amended', 'voided')) ended
            WHERE e.status IN ('amended', 'voided') AND e.seconds_signed IS DISTINCT FROM (
                SELECT floor(sum({_LENGTH})) FROM timelogs_timesegment own
                CROSS JOIN LATERAL (
                    SELECT h.during, h.standing FROM timelogs_historicaltimesegment h
                    WHERE h.id = own.id AND h.recorded_at < ended.at ORDER BY h.history_id DESC LIMIT 1) s
                WHERE own.entry_id = e.id AND s.standing)""",
    ),
    Invariant(
        "ended-sessions-have-no-standing-time",
        """SELECT s.id FROM timelogs_timesegment s JOIN timelogs_timeentry e ON e.id = s.entry_id
           WHERE s.standing AND e.status IN ('amended', 'voided', 'discarded')""",
    ),
    Invariant(
        "only-drafts-run",
        """SELECT s.id FROM timelogs_timesegment s JOIN timelogs_timeentry e ON e.id = s.entry_id
           WHERE s.standing AND upper_inf(s.during) AND e.status <> 'draft'""",
    ),
    Invariant(
        "time-is-its-authors-own",
        """SELECT s.id FROM timelogs_timesegment s
           JOIN timelogs_timeentry e ON e.id = s.entry_id JOIN accounts_membership m ON m.id = e.author_id
           WHERE s.staff_id <> m.user_id""",
    ),
    Invariant(
        "what-was-left-out-is-not-counted",
        """SELECT s.id FROM timelogs_timesegment s JOIN timelogs_gap g ON g.entry_id = s.entry_id
           WHERE s.standing AND s.source = 'clock' AND g.answer <> 'added' AND s.during && g.during""",
    ),
    Invariant(
        "added-gaps-were-attested",
        """SELECT g.id FROM timelogs_gap g WHERE g.answer = 'added' AND NOT EXISTS (
               SELECT 1 FROM timelogs_timesegment s
               WHERE s.entry_id = g.entry_id AND s.evidence = 'attested' AND s.during && g.during)""",
    ),
    Invariant(
        "session-is-of-the-enrolled-patient",
        """SELECT e.id FROM timelogs_timeentry e JOIN patients_enrollment n ON n.id = e.enrollment_id
           WHERE n.patient_id <> e.patient_id""",
    ),
    Invariant(
        "care-plans-name-a-session-of-the-patient",
        """SELECT p.id FROM patients_careplan p JOIN patients_enrollment n ON n.id = p.enrollment_id
           LEFT JOIN timelogs_timeentry e ON e.id = p.session_id
           WHERE p.session_id IS NOT NULL AND e.patient_id IS DISTINCT FROM n.patient_id""",
    ),
    Invariant(
        "worked-under-a-plan-in-effect",
        """SELECT e.id FROM timelogs_timeentry e JOIN patients_careplan p ON p.id = e.care_plan_id
           JOIN accounts_practice x ON x.id = e.practice_id
           WHERE p.enrollment_id <> e.enrollment_id
              OR p.effective_on > (e.started_at AT TIME ZONE x.time_zone)::date""",
    ),
    Invariant(
        "a-correction-ends-what-it-corrects",
        """SELECT e.id FROM timelogs_timeentry e JOIN timelogs_timeentry old ON old.id = e.supersedes_id
           WHERE e.status <> 'discarded' AND old.status <> 'amended'""",
    ),
    Invariant(
        "corrections-say-why",
        """SELECT id FROM timelogs_historicaltimeentry
           WHERE history_type = '~' AND status IN ('amended', 'voided') AND coalesce(history_change_reason, '') = ''""",
    ),
    Invariant(
        "closed-month-has-a-cut-off",
        """SELECT id FROM timelogs_period
           WHERE (state IN ('closing', 'closed')) <> (cut_off_at IS NOT NULL)
              OR (state = 'reopened' AND btrim(reason) = '')""",
    ),
    Invariant(
        "additions-follow-a-signature",
        """SELECT a.id FROM timelogs_addition a JOIN timelogs_timeentry e ON e.id = a.entry_id
           WHERE e.signed_at IS NULL OR a.signed_at <= e.signed_at""",
    ),
    Invariant(
        "additions-never-change",
        """SELECT id FROM timelogs_historicaladdition WHERE history_type <> '+'
           UNION SELECT id FROM timelogs_addition WHERE version <> 1""",
    ),
    Invariant(
        "attested-by-the-author",
        """SELECT a.id FROM timelogs_addition a JOIN timelogs_timeentry e ON e.id = a.entry_id
           JOIN accounts_membership author ON author.id = e.author_id
           JOIN accounts_membership adds ON adds.id = a.author_id
           WHERE a.kind = 'attestation' AND adds.user_id <> author.user_id""",
    ),
    Invariant(
        "attested-once",
        """SELECT entry_id FROM timelogs_addition WHERE kind = 'attestation' GROUP BY entry_id HAVING count(*) > 1""",
    ),
    # Time signed after the cut-off of a month that is shut would be lost to its close, or counted behind its back.
    Invariant(
        "nothing-counts-after-the-cut-off",
        """SELECT i.id FROM timelogs_countedinterval i
           JOIN timelogs_patientmonth m ON m.id = i.patient_month_id
           JOIN timelogs_period p ON p.practice_id = m.practice_id AND p.month = m.month
           JOIN timelogs_timeentry e ON e.id = i.entry_id
           WHERE i.standing AND p.state IN ('closing', 'closed')
             AND (e.signed_at > p.cut_off_at OR i.stood_from > p.cut_off_at)""",
    ),
    Invariant(
        "reviewed-readings-are-those-of-the-note",
        """SELECT e.id FROM timelogs_timeentry e
           WHERE e.signed_at IS NOT NULL AND EXISTS (
               SELECT 1
               FROM (SELECT fact FROM jsonb_array_elements(e.data_facts) fact
                     WHERE e.data_reviewed AND NOT (fact->>'measure' = ANY (e.data_left_out))) f
               FULL JOIN (SELECT * FROM timelogs_reviewedreadings WHERE entry_id = e.id) r
                   ON r.measure = f.fact->>'measure' AND r.digest = f.fact->>'digest'
                   AND r.readings = (f.fact->>'count')::int
                   AND COALESCE(r.device_id::text, '') = COALESCE(f.fact->>'device_id', '')
               WHERE r.id IS NULL OR f.fact IS NULL)""",
    ),
)
