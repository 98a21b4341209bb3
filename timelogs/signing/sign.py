"""Making a draft final. A signed session never changes; corrections are new rows."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Membership
from accounts.practice_policies import policies_for
from foundation.refusals import Refused, StaleRow, refuse_if
from patients.selectors import care_plan_on
from timelogs.clock.acts import end_clock
from timelogs.counting import counted
from timelogs.intervals import seconds as span_seconds
from timelogs.intervals import span_of
from timelogs.locks import hold_entry
from timelogs.models import Evidence, PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.note import fields, handovers, reviewed
from timelogs.note.drafts import mark_activities, set_seconds
from timelogs.policies import (
    Problem,
    problems,
    why_not_change,
)
from timelogs.signing.months import lock_gate, lock_months, months_of, seconds_after, store_all


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
    months = lock_gate(entry, at=at, seconds=seconds)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if version is not None and entry.version != version:
        raise StaleRow("This draft was changed on another screen. Compare the two and choose.")
    end_clock(entry, at)
    if seconds is not None:
        entry = set_seconds(entry, seconds=seconds, raise_reason=raise_reason, by=by, at=at)
    segments = mark_activities(entry)
    prepare(entry, segments, at=at)
    held = lock_months(entry, months_of(entry, at, segments), months)
    return finish(entry, segments, held, by=by, at=at)


def prepare(entry: TimeEntry, segments: list[TimeSegment], *, at: datetime) -> None:
    """What concerns the note alone, before the patient's months are locked: nobody else who signs waits for it."""
    practice = entry.practice
    limits = policies_for(practice, on=practice.today(at))
    if found := problems(entry, list(map(span_of, segments)), at=at, limits=limits):
        raise NotReady(found)
    reviewed.keep(entry, at)
    _mark_late(entry, segments, limits, at)
    entry.care_plan = care_plan_on(entry.enrollment, practice.today(entry.started_at))


def finish(
    entry: TimeEntry, segments: list[TimeSegment], months: list[PatientMonth], *, by: Membership, at: datetime
) -> TimeEntry:
    """The signature, in the order of the months' locks, and what the months count with it."""
    spans, at = list(map(span_of, segments)), _after_the_last(entry, at)
    entry.status, entry.signed_at, entry.signed_label = Status.SIGNED, at, by.label
    entry.seconds_signed = span_seconds(spans)
    entry.signature = fields.digest(entry, spans)
    touched = [entry] if entry.supersedes is None else [entry, entry.supersedes]
    changes = [counted.change(month, touched) for month in months]
    entry.cumulative_seconds = _cumulative(entry, segments, changes)
    entry.save()
    handovers.end_of(entry, at)
    store_all(changes, at)
    return entry


def _after_the_last(entry: TimeEntry, at: datetime) -> datetime:
    """The moment of signing in the order of the lock: who waited for it signed later, whenever the click was."""
    last = TimeEntry.objects.filter(patient=entry.patient).aggregate(last=Max("signed_at"))["last"]
    return max(at, last + timedelta(microseconds=1)) if last else at


def _cumulative(entry: TimeEntry, segments: list[TimeSegment], changes: list[counted.Change]) -> int:
    """The counted seconds of the month in which the session began, this one included, as the page shows them.

    If nothing of it stands in that month, because its first minutes were left out, those of its first month.
    """
    touched = months_of(entry, entry.signed_at, segments)
    own = [each for each in changes if each.month.month in touched]
    began = [each for each in own if each.month.starts_at <= entry.started_at < each.month.ends_at]
    return seconds_after((began or own)[0])


def _mark_late(entry: TimeEntry, segments: list[TimeSegment], limits: dict[str, Any], at: datetime) -> None:
    """Late entries are marked by the calendar, not by choice; very late ones wait for another person.

    An amendment that adds no time is as late as what it corrects: its own reason and date stand beside it.
    """
    old = entry.supersedes
    if old is not None and span_seconds(map(span_of, segments)) <= old.seconds_signed:
        for name in ("late", "needs_approval", "approved_by_id", "approved_at"):
            setattr(entry, name, getattr(old, name))
        return
    entry.late = _days_late(entry, at) > limits["late_flag_days"]
    entry.needs_approval = _approval_needed(entry, segments, limits, at)
    if entry.late and old is None and not entry.late_reason.strip():
        raise NotReady([Problem("late_reason", "Say why this session is entered later.")])


def _days_late(entry: TimeEntry, at: datetime) -> int:
    return (entry.practice.today(at) - entry.practice.today(entry.started_at)).days


def approval_needed(entry: TimeEntry, segments: list[TimeSegment], *, at: datetime) -> bool:
    """Whether its time, signed now, would wait for another person: very late, or by hand where the practice says so."""
    limits = policies_for(entry.practice, on=entry.practice.today(at))
    return _approval_needed(entry, segments, limits, at)


def _approval_needed(
    entry: TimeEntry, segments: list[TimeSegment], limits: dict[str, Any], at: datetime
) -> bool:
    by_hand = any(segment.evidence == Evidence.MANUAL for segment in segments)
    return _days_late(entry, at) > limits["late_approval_days"] or (
        by_hand and limits["second_person_approval"]
    )
