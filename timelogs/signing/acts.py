"""Signing, and what may follow it: amend, void, approve. Signed entries never change; corrections are new rows."""

from contextlib import suppress
from copy import copy
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from accounts.models import Membership
from accounts.practice_policies import policies_for
from dispatch import outbox
from foundation.context import because
from foundation.months import months_between
from foundation.refusals import Refused, StaleRow, refuse_if
from timelogs.clock.acts import end_clock
from timelogs.counting import counted, shared_minutes
from timelogs.counting.eligibility import eligibility
from timelogs.counting.segments import standing, switch_off
from timelogs.intervals import Span, clip, span_of, trimmed
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import (
    MonthShut,
    hold_entry,
    hold_patient_months,
    hold_person,
    pass_gate,
    shut_month,
)
from timelogs.models import Activity, Evidence, PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.note import fields
from timelogs.note.drafts import as_worked, mark_activities, room_for, set_seconds, spans_of
from timelogs.policies import (
    Problem,
    problems,
    why_no_reason,
    why_not_approve,
    why_not_change,
    why_not_correct,
)

TIME_CHANGED = "timelogs.time_changed"
# On a copied segment, what the trigger would refuse to move anyway.
_COPIED = ("practice_id", "staff_id", "source", "evidence", "reason")


class NotReady(Refused):
    """The note lacks something; `problems` names each field and what to do."""

    def __init__(self, found: list[Problem]):
        self.problems = found
        super().__init__(found[0].message, field=found[0].field)


@transaction.atomic
def sign(
    entry: TimeEntry,
    *,
    version: int | None,
    by: Membership,
    at: datetime,
    seconds: int | None = None,
    raise_reason: str = "",
) -> TimeEntry:
    """Make the draft final: stop its clock, check it, count its time, ask for the alerts.

    `seconds` records another length than measured. Raises `NotReady` with every problem, `StaleRow` for an old
    version, `Refused` when the month is not open.
    """
    months = lock_all(entry, by=by, at=at)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if version is not None and entry.version != version:
        raise StaleRow("This draft was changed on another screen. Compare the two and choose.")
    end_clock(entry, at)
    if seconds is not None:
        entry = set_seconds(entry, seconds=seconds, raise_reason=raise_reason, by=by, at=at)
        months = _also(entry, months, at)
    mark_activities(entry)
    return _sign_locked(entry, months, by=by, at=at)


def lock_all(
    entry: TimeEntry, *, by: Membership, at: datetime, correcting: bool = False
) -> list[PatientMonth]:
    """Gate, person and patient-months of everything the entry touches, in the one order."""
    months = months_of(entry, at)
    pass_gate(entry.practice, months, signed=correcting)
    hold_person(entry.author.user_id)
    if months_of(entry, at) != months:
        raise StaleRow()
    return hold_patient_months(entry.patient, months)


def months_of(entry: TimeEntry, at: datetime) -> list[date]:
    """Every month that the entry's standing time, or at least its start, touches."""
    tz = entry.practice.tz
    spans = [(s.during.lower, s.during.upper or at) for s in standing(entry)] or [
        (entry.started_at, entry.started_at)
    ]
    return sorted({month for span in spans for month in months_between(*span, tz=tz)})


def _sign_locked(entry: TimeEntry, months: list[PatientMonth], *, by: Membership, at: datetime) -> TimeEntry:
    spans = spans_of(entry)
    if found := problems(entry, spans, at=at):
        raise NotReady(found)
    _mark_late(entry, at)
    at = _after_the_last(entry, at)
    entry.status, entry.signed_at, entry.signed_label = Status.SIGNED, at, by.label
    entry.seconds_signed = span_seconds(spans)
    entry.signature = fields.digest(entry, spans)
    entry.cumulative_seconds = _cumulative(entry, months)
    entry.save()
    recount_all(months, at)
    return entry


def _after_the_last(entry: TimeEntry, at: datetime) -> datetime:
    """The moment of signing in the order of the lock: who waited for it signed later, whenever the click was."""
    last = TimeEntry.objects.filter(patient=entry.patient).aggregate(last=Max("signed_at"))["last"]
    return max(at, last + timedelta(microseconds=1)) if last else at


def _cumulative(entry: TimeEntry, months: list[PatientMonth]) -> int:
    """The counted seconds of the month in which the session began, this one included, as the page shows them.

    If nothing of it stands in that month, because its first minutes were left out, those of its first month.
    """
    touched = months_of(entry, entry.signed_at)
    own = [row for row in months if row.month in touched]
    began = [row for row in own if row.starts_at <= entry.started_at < row.ends_at]
    month = (began or own)[0]
    also = entry if counted.counts(entry) else None
    return eligible_seconds(month, counted.shares_now(month, also=also))


def eligible_seconds(month: PatientMonth, shares: list[counted.Share]) -> int:
    """The shares' seconds inside consent and order, without excluded days."""
    allowed = eligibility(month.practice, month.patient_id, month.month)
    return span_seconds(part for share in shares for part in allowed.keep(share.span))


def _mark_late(entry: TimeEntry, at: datetime) -> None:
    """Late entries are marked by the calendar, not by choice; very late ones wait for another person.

    An amendment that adds no time is as late as what it corrects: its own reason and date stand beside it.
    """
    practice, old = entry.practice, entry.supersedes
    if old is not None and span_seconds(spans_of(entry)) <= old.seconds_signed:
        for name in ("late", "needs_approval", "approved_by_id", "approved_at"):
            setattr(entry, name, getattr(old, name))
        return
    limits = policies_for(practice, on=practice.today(at))
    days = (practice.today(at) - practice.today(entry.started_at)).days
    by_hand = any(s.evidence == Evidence.MANUAL for s in standing(entry))
    entry.late = days > limits["late_flag_days"]
    entry.needs_approval = days > limits["late_approval_days"] or (
        by_hand and limits["second_person_approval"]
    )
    if entry.late and old is None and not entry.late_reason.strip():
        raise NotReady([Problem("late_reason", "Say why this session is entered later.")])


def recount_all(months: list[PatientMonth], at: datetime) -> None:
    """What these months hold, counted anew; whoever waits for it is told. Under their locks."""
    for month in months:
        counted.recount(month, at=at)
        outbox.send(month.practice, TIME_CHANGED, patient_month=str(month.pk))


@transaction.atomic
def void(entry: TimeEntry, *, reason: str, by: Membership, at: datetime) -> TimeEntry:
    """Take a signed session out of the month. It stays readable, with the reason."""
    months = lock_all(entry, by=by, at=at, correcting=True)
    entry = hold_entry(entry)
    refuse_if(why_not_correct(entry, by=by))
    _end(entry, Status.VOIDED, reason)
    shared_minutes.end_all(shared_minutes.decisions_on(entry), reason=reason, at=at)
    recount_all(months, at)
    return entry


def _end(entry: TimeEntry, status: Status, reason: str) -> None:
    refuse_if(why_no_reason(reason), field="reason")
    with because(reason):
        entry.status, entry.ended_reason = status, reason.strip()
        entry.save()
        switch_off(entry)


@transaction.atomic
def amend(
    entry: TimeEntry,
    *,
    note: dict,
    seconds: int | None,
    reason: str,
    by: Membership,
    at: datetime,
    version: int | None = None,
) -> TimeEntry:
    """A corrected version of a signed session: a new row that points at the old one. Returns the new one.

    `seconds` None keeps the time as it is. Raises as `sign` does.
    """
    months = lock_all(entry, by=by, at=at, correcting=True)
    old = hold_entry(entry)
    refuse_if(why_not_correct(old, by=by))
    if version is not None and old.version != version:
        raise StaleRow()
    segments = standing(old)
    _end(old, Status.AMENDED, reason)
    decided = shared_minutes.end_all(shared_minutes.decisions_on(old), reason=reason, at=at)
    with because(reason):
        new = _copy(old, segments, by=by)
        fields.write(new, note)
        new.save()
        if seconds is not None:
            set_seconds(new, seconds=seconds, raise_reason=reason, by=by, at=at)
            new = hold_entry(new)
        mark_activities(new)
        shared_minutes.carry_over(decided, old, shared_minutes.care(segments), new)
        touched = _also(new, months, at)
        return _sign_locked(new, touched, by=by, at=at)


def _also(new: TimeEntry, held: list[PatientMonth], at: datetime) -> list[PatientMonth]:
    """The held months and any that added minutes reach; their gate must be open too."""
    more = set(months_of(new, at)) - {row.month for row in held}
    pass_gate(new.practice, more, signed=new.supersedes_id is not None)
    return sorted([*held, *hold_patient_months(new.patient, more)], key=lambda row: row.month)


def _copy(old: TimeEntry, segments: list[TimeSegment], *, by: Membership) -> TimeEntry:
    values = {
        name: getattr(old, name) for name in (*fields.NOTE_FIELDS, "data_facts", "raise_reason", "started_at")
    }
    new = TimeEntry(
        practice=old.practice,
        patient=old.patient,
        enrollment=old.enrollment,
        # As who worked then: a nurse who has become a practitioner since has not worked as one.
        author=old.author,
        supersedes=old,
        **values,
    )
    new.save()
    for segment in segments:
        span = span_of(segment)
        values = {name: getattr(segment, name) for name in _COPIED} | {"activity": as_worked(segment)}
        TimeSegment(entry=new, during=span, **values).save()
    return new


def amend_effect(entry: TimeEntry, *, seconds: int, at: datetime) -> tuple[int, int]:
    """(counted seconds of the month before, after) if this signed session had another length. Stores nothing."""
    lookup = {
        "patient": entry.patient,
        "month": entry.started_at.astimezone(entry.practice.tz).date().replace(day=1),
    }
    month = PatientMonth.objects.select_related("practice").filter(**lookup).first()
    if month is None:
        return 0, 0
    segments, again = _as_amended(entry, seconds, at), copy(entry)
    again.signed_at = at
    left = counted.pairs_of(entry.patient_id) - shared_minutes.lost_if(entry, segments)
    after = counted.shares_if(month, again, segments, left)
    return eligible_seconds(month, counted.shares_now(month)), eligible_seconds(month, after)


def _as_amended(entry: TimeEntry, seconds: int, at: datetime) -> list[TimeSegment]:
    """Its time if it were so long, in rows that are not saved."""
    own = standing(entry)
    if seconds == entry.seconds_signed:
        return own
    kept = trimmed(spans_of(entry), seconds)
    found = [_unsaved(entry, s.activity, p) for s in own for k in kept if (p := clip(span_of(s), k))]
    if (extra := seconds - (entry.seconds_signed or 0)) > 0:
        # Where there is no room for it, amending says so.
        with suppress(Refused):
            found.append(_unsaved(entry, Activity.DATA_REVIEW, room_for(entry, extra, at)))
    return found


def _unsaved(entry: TimeEntry, activity: str, span: Span) -> TimeSegment:
    return TimeSegment(entry=entry, activity=activity, during=DateTimeTZRange(*span))


def why_shut(entry: TimeEntry, *, at: datetime) -> str | None:
    """Why its month lets nobody amend or void it now, before anybody types."""
    period = shut_month(entry.practice, months_of(entry, at))
    return MonthShut(period, signed=True).message if period else None


@transaction.atomic
def approve(entry: TimeEntry, *, by: Membership, at: datetime) -> TimeEntry:
    """Another person lets late or hand-entered time count."""
    months = lock_all(entry, by=by, at=at)
    entry = hold_entry(entry)
    refuse_if(why_not_approve(entry, by=by))
    entry.approved_by, entry.approved_at = by, at
    entry.save()
    recount_all(months, at)
    return entry
