"""What a patient's month comes to, added up by the database: as `totals` has it, without explaining each session.

When time may count at all is said in `eligibility`; here come only the spans that it leaves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from foundation.months import bounds
from patients.models import Patient
from timelogs.counting.contacts import may_hold
from timelogs.counting.eligibility import Eligibility, eligibility
from timelogs.counting.evidence import Mix, mix
from timelogs.intervals import Span
from timelogs.models import LIVE_METHODS, NOT_CARE, Method, PatientMonth

_COUNTED = """
    SELECT s.evidence, e.care_plan_id, (extract(epoch FROM sum(upper(part) - lower(part))) * 1000000)::bigint
    FROM timelogs_patientmonth m
    JOIN timelogs_countedinterval i ON i.patient_month_id = m.id AND i.standing
    JOIN unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) may (starts, ends)
        ON i.during && tstzrange(starts, ends)
    CROSS JOIN LATERAL (SELECT i.during * tstzrange(starts, ends) AS part) cut
    JOIN timelogs_timesegment s ON s.id = i.segment_id
    JOIN timelogs_timeentry e ON e.id = i.entry_id
    WHERE m.patient_id = %(patient)s AND m.month = %(month)s
    GROUP BY s.evidence, e.care_plan_id
"""
_WORKED = """
    SELECT count(DISTINCT e.id), coalesce(extract(epoch FROM sum(
        upper(s.during * tstzrange(%(from)s, %(until)s)) - lower(s.during * tstzrange(%(from)s, %(until)s))
    )) * 1000000, 0)::bigint
    FROM timelogs_timeentry e JOIN timelogs_timesegment s ON s.entry_id = e.id AND s.standing
    WHERE e.patient_id = %(patient)s AND e.status = 'signed' AND s.during && tstzrange(%(from)s, %(until)s)
"""
# Signed talks and chats about care of the month, and calls that nobody answered: as `contacts` says it.
_TALKS = """
    SELECT e.method, at, e.contact_seconds, a.user_id
    FROM timelogs_timeentry e
    JOIN accounts_membership a ON a.id = e.author_id
    CROSS JOIN LATERAL (SELECT coalesce(e.contact_started_at, e.started_at) AS at) moment
    WHERE e.patient_id = %(patient)s AND e.status = 'signed'
        AND NOT (e.needs_approval AND e.approved_at IS NULL) AND at >= %(from)s AND at < %(until)s
        AND (e.method = %(tried)s OR (
            e.method = ANY (%(live)s) AND NOT e.topics <@ %(no_care)s::varchar[]
            AND (e.party = 'patient' OR (e.party = 'caregiver' AND e.party_name ~ '\\S'))))
        AND EXISTS (SELECT FROM timelogs_timesegment s
            WHERE s.entry_id = e.id AND s.standing AND s.during && tstzrange(%(from)s, %(until)s))
    ORDER BY at, e.started_at
"""


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A patient's month as a page shows it above its sessions.

    `by_plan` are counted microseconds by version of the care plan, `left_out` is signed time that does not count.
    """

    seconds: int
    known_by: Mix
    by_plan: Mapping[UUID | None, int]
    sessions: int
    left_out: int
    live_contact_on: date | None
    live_chat: bool
    attempted: bool


def month_sum(patient: Patient, month: date, allowed: Eligibility | None = None) -> MonthSum:
    """In a constant number of queries, which read sums and the month's contacts, not its sessions.

    `allowed`: when the patient's time may count, where it is at hand.
    """
    practice = patient.practice
    window, allowed = bounds(month, tz=practice.tz), allowed or eligibility(practice, patient.pk, month)
    by_evidence, by_plan = Counter[str](), Counter[UUID | None]()
    for evidence, plan_id, length in _counted(patient.pk, month, allowed.keep(window)):
        by_evidence[evidence] += length
        by_plan[plan_id] += length
    whole = sum(by_evidence.values())
    sessions, worked = _worked(patient.pk, window)
    live_contact_on, live_chat, attempted = _contacts(patient.pk, window, allowed)
    return MonthSum(
        seconds=whole // 1_000_000,
        known_by=mix(by_evidence),
        by_plan=by_plan,
        sessions=sessions,
        left_out=(worked - whole) // 1_000_000,
        live_contact_on=live_contact_on,
        live_chat=live_chat,
        attempted=attempted,
    )


def counted_microseconds(month: PatientMonth, allowed: Iterable[Span]) -> int:
    """The exact length of what counts in the month, inside spans that do not overlap."""
    return sum(length for _, _, length in _counted(month.patient_id, month.month, allowed))


def _counted(patient_id: UUID, month: date, allowed: Iterable[Span]) -> list[tuple[str, UUID | None, int]]:
    """(evidence, care plan, microseconds)"""
    spans = list(allowed)
    asked = {"starts": [start for start, _ in spans], "ends": [end for _, end in spans]}
    return _asked(_COUNTED, {**asked, "patient": patient_id, "month": month})


def _worked(patient_id: UUID, window: Span) -> tuple[int, int]:
    """(how many signed sessions have time in the month, microseconds)"""
    (found,) = _asked(_WORKED, {"patient": patient_id, "from": window[0], "until": window[1]})
    return found


def _contacts(patient_id: UUID, window: Span, allowed: Eligibility) -> tuple[date | None, bool, bool]:
    """(the day of the last live contact, whether somebody chatted, whether somebody tried)"""
    asked = {"patient": patient_id, "from": window[0], "until": window[1], "tried": Method.NO_ANSWER}
    live = [*LIVE_METHODS, Method.LIVE_CHAT]
    rows = _asked(_TALKS, {**asked, "live": live, "no_care": list(NOT_CARE)})
    held = [row for row in rows if row[0] != Method.NO_ANSWER and may_hold(row[0], row[1], allowed)]
    found: list[tuple[datetime, datetime, UUID]] = []
    for method, at, length, user_id in held:
        goes_on = any(person != user_id and at < ends for _, ends, person in found)
        if method != Method.LIVE_CHAT and not goes_on:
            found.append((at, at + timedelta(seconds=length or 0), user_id))
    day = found[-1][0].astimezone(allowed.tz).date() if found else None
    chatted = any(method == Method.LIVE_CHAT for method, *_ in held)
    return day, chatted, any(method == Method.NO_ANSWER for method, *_ in rows)


def _asked(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
