"""Making a draft final. A signed session never changes; corrections are new rows."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from accounts.models import Membership
from accounts.practice_policies import policies_for
from foundation.refusals import Refused, StaleRow, refuse_if
from patients.selectors import care_plan_on
from timelogs.clock.acts import end_clock
from timelogs.counting import counted
from timelogs.counting.segments import standing
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import (
    hold_entry,
)
from timelogs.models import Evidence, PatientMonth, Status, TimeEntry
from timelogs.note import fields, handovers, reviewed
from timelogs.note.drafts import mark_activities, set_seconds, spans_of
from timelogs.policies import (
    Problem,
    problems,
    why_not_change,
)
from timelogs.signing.months import eligible_seconds, lock_all, lock_also, months_of, recount_all


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
        months = lock_also(entry, months, at)
    mark_activities(entry)
    return sign_locked(entry, months, by=by, at=at)


def sign_locked(entry: TimeEntry, months: list[PatientMonth], *, by: Membership, at: datetime) -> TimeEntry:
    spans = spans_of(entry)
    if found := problems(entry, spans, at=at):
        raise NotReady(found)
    reviewed.keep(entry, at)
    _mark_late(entry, at)
    at = _after_the_last(entry, at)
    entry.status, entry.signed_at, entry.signed_label = Status.SIGNED, at, by.label
    entry.seconds_signed = span_seconds(spans)
    entry.signature = fields.digest(entry, spans)
    entry.care_plan = care_plan_on(entry.enrollment, entry.practice.today(entry.started_at))
    entry.cumulative_seconds = _cumulative(entry, months)
    entry.save()
    handovers.end_of(entry, at)
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
    entry.late = _days_late(entry, at) > limits["late_flag_days"]
    entry.needs_approval = approval_needed(entry, at=at)
    if entry.late and old is None and not entry.late_reason.strip():
        raise NotReady([Problem("late_reason", "Say why this session is entered later.")])


def _days_late(entry: TimeEntry, at: datetime) -> int:
    return (entry.practice.today(at) - entry.practice.today(entry.started_at)).days


def approval_needed(entry: TimeEntry, *, at: datetime) -> bool:
    """Whether its time, signed now, would wait for another person: very late, or by hand where the practice says so."""
    limits = policies_for(entry.practice, on=entry.practice.today(at))
    by_hand = any(s.evidence == Evidence.MANUAL for s in standing(entry))
    return _days_late(entry, at) > limits["late_approval_days"] or (
        by_hand and limits["second_person_approval"]
    )
