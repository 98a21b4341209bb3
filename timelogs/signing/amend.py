"""A corrected version of a signed session, and what it would change before it is saved."""

from contextlib import suppress
from copy import copy
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from timelogs.clock.escalations import carry_over
from timelogs.counting import counted, shared_minutes
from timelogs.counting.segments import standing
from timelogs.intervals import Span, clip, span_of, trimmed
from timelogs.locks import (
    hold_entry,
)
from timelogs.models import Activity, PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.note import fields
from timelogs.note.drafts import as_worked, mark_activities, room_for, set_seconds, spans_of
from timelogs.policies import (
    why_not_correct,
)
from timelogs.signing.months import eligible_seconds, lock_all
from timelogs.signing.sign import finish, prepare
from timelogs.signing.void import end

# On a copied segment, what the trigger would refuse to move anyway.
_COPIED = ("practice_id", "staff_id", "source", "evidence", "reason")


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
    months = lock_all(entry, by=by, at=at, seconds=seconds, correcting=True)
    old = hold_entry(entry)
    refuse_if(why_not_correct(old, by=by))
    if version is not None and old.version != version:
        raise StaleRow()
    segments = standing(old)
    end(old, Status.AMENDED, reason)
    decided = shared_minutes.end_all(shared_minutes.decisions_on(old), reason=reason, at=at)
    with because(reason):
        new = _copy(old, segments, by=by)
        fields.write(new, note, at=at)
        new.save()
        if seconds is not None:
            set_seconds(new, seconds=seconds, raise_reason=reason, by=by, at=at)
            new = hold_entry(new)
        own = mark_activities(new)
        shared_minutes.carry_over(decided, old, shared_minutes.care(segments), new)
        prepare(new, own, at=at)
        return finish(new, own, months, by=by, at=at)


def _copy(old: TimeEntry, segments: list[TimeSegment], *, by: Membership) -> TimeEntry:
    values = {
        name: getattr(old, name)
        for name in (*fields.NOTE_FIELDS, "data_facts", "data_seen_at", "raise_reason", "started_at")
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
    carry_over(old, new)
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
