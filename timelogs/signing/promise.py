"""What a draft would add to its month if it were signed now: what its page promises is what signing gives."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from foundation.months import month_of
from timelogs.counting import counted
from timelogs.counting.eligibility import Eligibility
from timelogs.counting.segments import standing
from timelogs.models import PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.note.drafts import contact_activity, worked_at
from timelogs.signing.months import eligible_seconds
from timelogs.signing.sign import approval_needed


@dataclass(frozen=True, slots=True)
class Promise:
    """`seconds` that the month of its start would count of it; `why` the rest waits or falls, in words."""

    seconds: int
    why: str


def promise(entry: TimeEntry, *, at: datetime, measured: int, allowed: Eligibility | None = None) -> Promise:
    """Stores nothing. `measured` is the session's whole time in seconds."""
    own = standing(entry)
    if approval_needed(entry, own, at=at):
        return Promise(0, "waits for another person’s approval")
    month = _month(entry)
    signed = copy(entry)
    signed.status, signed.signed_at, signed.needs_approval = Status.SIGNED, at, False
    segments = [_as_signed(signed, segment, at) for segment in own]
    seconds = min(measured, eligible_seconds(month, counted.shares_of(month, signed, segments), allowed))
    return Promise(seconds, "" if seconds == measured else _why(entry))


def _month(entry: TimeEntry) -> PatientMonth:
    first = month_of(entry.started_at, tz=entry.practice.tz)
    rows = PatientMonth.objects.select_related("practice").filter(patient=entry.patient_id, month=first)
    return rows.first() or PatientMonth(**PatientMonth.fields_for(entry.patient, first))


def _as_signed(entry: TimeEntry, segment: TimeSegment, at: datetime) -> TimeSegment:
    """The segment as signing would leave it, in a row that is not saved."""
    row = copy(segment)
    row.entry, row.activity = entry, worked_at(entry, segment)
    row.during = DateTimeTZRange(segment.during.lower, segment.during.upper or max(at, segment.during.lower))
    return row


def _why(entry: TimeEntry) -> str:
    if contact_activity(entry):
        return "nobody was reached, or it was not about care"
    return "outside consent or order, in another month, on the day of an office visit, or counted for somebody else"
