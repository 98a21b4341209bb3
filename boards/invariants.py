"""What a summary says of somebody who is not marked is what the rows say that it is made of.

In SQL, apart from the functions by which it was made. What needs the rules of a month (its outlook, the eligibility of
time) is compared by `manage.py rebuild_boards --check`; here time is held between what it may be at most and at least.
"""

from audit.invariants import Invariant

# Rows of patients who wait for nothing.
SETTLED = """boards_patientsummary s
    JOIN accounts_practice x ON x.id = s.practice_id
    WHERE NOT EXISTS (SELECT 1 FROM boards_patientmark m WHERE m.practice_id = s.practice_id
        AND (m.patient_id = s.patient_id OR m.patient_id IS NULL) AND (m.month = s.month OR m.month IS NULL))"""

_LATEST = """(SELECT r.* FROM monitoring_reading r WHERE r.patient_id = s.patient_id AND r.excluded_reason = ''
    ORDER BY r.taken_at DESC, r.measure, r.id LIMIT 1)"""
_OUT = " OR ".join(
    f"coalesce(l.{value} {side} t.{prefix}{{critical}}{bound}, false)"
    for value, prefix in (("value", ""), ("second_value", "second_"))
    for side, bound in ((">", "high"), ("<", "low"))
)
_OPEN = """(SELECT coalesce(max(CASE e.severity WHEN 'critical' THEN 2 ELSE 1 END), 0) AS level,
        coalesce(bool_or(e.state = 'answered'), false) AS answered, min(e.due_at) AS due_at
    FROM escalations_escalation e
    WHERE e.patient_id = s.patient_id AND e.state <> 'resolved' AND e.cause <> 'silence')"""
_MONTH = """tstzrange(s.month::timestamp AT TIME ZONE x.time_zone,
    (s.month + interval '1 month')::timestamp AT TIME ZONE x.time_zone)"""
_COUNTED = f"""(SELECT coalesce(floor(sum(extract(epoch FROM upper(w.part) - lower(w.part)))), 0) AS seconds
    FROM timelogs_countedinterval i CROSS JOIN LATERAL (SELECT i.during * {_MONTH} AS part) w
    WHERE i.standing AND i.patient_id = s.patient_id)"""
# No paper says that any of it may not count: one enrollment, one consent and one order before the month's first second,
# none of which ended, and no office visit.
_ALL_COUNTS = """NOT EXISTS (SELECT 1 FROM patients_officevisit v WHERE v.patient_id = s.patient_id)
    AND EXISTS (SELECT 1 FROM patients_enrollment n JOIN patients_order o ON o.enrollment_id = n.id
        JOIN patients_consent c ON c.patient_id = n.patient_id
        WHERE n.patient_id = s.patient_id AND n.ended_on IS NULL AND c.revoked_on IS NULL AND o.withdrawn_at IS NULL
          AND o.signature = 'own' AND greatest(n.started_on, c.given_on, o.signed_on) <= s.month)"""
_DAYS = """(SELECT count(DISTINCT r.day) FROM monitoring_reading r WHERE r.patient_id = s.patient_id
    AND r.source = 'automatic' AND r.excluded_reason = ''
    AND r.day >= s.month AND r.day < s.month + interval '1 month')"""


def _differs(what: str, *, joined: str, differs: str) -> Invariant:
    return Invariant(
        f"board-says-{what}",
        f"SELECT s.patient_id FROM {SETTLED.replace('WHERE', f'{joined} WHERE', 1)} AND ({differs})",
    )


INVARIANTS = (
    _differs(
        "the-latest-reading",
        joined=f"""LEFT JOIN LATERAL {_LATEST} l ON true
            LEFT JOIN patients_targetrange t ON t.patient_id = s.patient_id AND t.measure = l.measure
                AND t.starts_on <= l.day AND (t.ends_on IS NULL OR l.day < t.ends_on)""",
        differs=f"""s.latest_reading_at IS DISTINCT FROM l.taken_at OR s.severity <> CASE
            WHEN {_OUT.format(critical="critical_")} THEN 2 WHEN {_OUT.format(critical="")} THEN 1 ELSE 0 END""",
    ),
    _differs(
        "the-gravest-escalation",
        joined=f"CROSS JOIN LATERAL {_OPEN} o",
        differs="""s.escalation <> o.level OR s.escalation_answered <> o.answered
            OR s.escalation_due_at IS DISTINCT FROM o.due_at""",
    ),
    _differs(
        "the-time-that-counts",
        joined=f"CROSS JOIN LATERAL {_COUNTED} c",
        differs=f"s.seconds > c.seconds OR (s.seconds < c.seconds AND {_ALL_COUNTS})",
    ),
    _differs("the-days-of-devices", joined="", differs=f"s.device_days <> {_DAYS}"),
    _differs(
        "who-it-is",
        joined="JOIN patients_patient p ON p.id = s.patient_id",
        differs="s.name <> p.family_name || ', ' || p.given_name OR p.practice_id <> s.practice_id",
    ),
    _differs(
        "an-enrollment",
        joined="",
        differs="""s.started_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM patients_enrollment n
            WHERE n.patient_id = s.patient_id AND n.started_on = s.started_on
              AND n.ended_on IS NOT DISTINCT FROM s.ended_on)""",
    ),
    Invariant(
        "board-forgets-nobody",
        """SELECT n.patient_id FROM patients_enrollment n
           JOIN (SELECT DISTINCT practice_id, month FROM boards_patientsummary) other
               ON other.practice_id = n.practice_id
           WHERE n.started_on < other.month + interval '1 month' AND (n.ended_on IS NULL OR n.ended_on > other.month)
             AND NOT EXISTS (SELECT 1 FROM boards_patientsummary s
                 WHERE s.patient_id = n.patient_id AND s.month = other.month)
             AND NOT EXISTS (SELECT 1 FROM boards_patientmark m WHERE m.practice_id = n.practice_id
                 AND (m.patient_id = n.patient_id OR m.patient_id IS NULL)
                 AND (m.month = other.month OR m.month IS NULL))""",
    ),
)
