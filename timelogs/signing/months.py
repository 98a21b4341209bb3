"""The months that a session touches: locked in the one order, asked whether they are open, counted anew."""

from collections.abc import Collection
from datetime import date, datetime

from accounts.models import Membership
from dispatch import outbox
from foundation.months import months_between
from foundation.refusals import StaleRow
from timelogs.counting import counted
from timelogs.counting.eligibility import Eligibility, eligibility
from timelogs.counting.segments import standing
from timelogs.counting.sums import counted_microseconds
from timelogs.intervals import microseconds, span_of
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import (
    MonthShut,
    hold_patient_months,
    hold_person,
    pass_gate,
    shut_month,
)
from timelogs.models import PatientMonth, TimeEntry, TimeSegment

TIME_CHANGED = "timelogs.time_changed"


def lock_all(
    entry: TimeEntry, *, by: Membership, at: datetime, correcting: bool = False
) -> list[PatientMonth]:
    """Gate, person and patient-months of everything the entry touches, in the one order."""
    return hold_patient_months(entry.patient, lock_gate(entry, at=at, correcting=correcting))


def lock_gate(entry: TimeEntry, *, at: datetime, correcting: bool = False) -> list[date]:
    """Gate and person; the months that the entry touches."""
    months = months_of(entry, at)
    pass_gate(entry.practice, months, signed=correcting)
    hold_person(entry.author.user_id)
    if months_of(entry, at) != months:
        raise StaleRow()
    return months


def months_of(entry: TimeEntry, at: datetime, segments: list[TimeSegment] | None = None) -> list[date]:
    """Every month that the entry's standing time, or at least its start, touches."""
    tz = entry.practice.tz
    own = standing(entry) if segments is None else segments
    spans = [(s.during.lower, s.during.upper or at) for s in own] or [(entry.started_at, entry.started_at)]
    return sorted({month for span in spans for month in months_between(*span, tz=tz)})


def lock_months(entry: TimeEntry, touched: list[date], passed: list[date]) -> list[PatientMonth]:
    """The months that a draft touches by now and touched before; the gate of any that was not passed must be open."""
    pass_gate(entry.practice, set(touched) - set(passed))
    return hold_patient_months(entry.patient, {*touched, *passed})


def lock_also(
    new: TimeEntry, segments: list[TimeSegment], held: list[PatientMonth], at: datetime
) -> list[PatientMonth]:
    """The held months and any that minutes added to a correction reach; their gate must be open too."""
    more = set(months_of(new, at, segments)) - {row.month for row in held}
    pass_gate(new.practice, more, signed=True)
    return sorted([*held, *hold_patient_months(new.patient, more)], key=lambda row: row.month)


def why_shut(entry: TimeEntry, *, at: datetime) -> str | None:
    """Why its month lets nobody amend or void it now, before anybody types."""
    period = shut_month(entry.practice, months_of(entry, at))
    return MonthShut(period, signed=True).message if period else None


def recount_all(months: list[PatientMonth], touched: Collection[TimeEntry], at: datetime) -> None:
    """What these months hold, counted anew where these sessions changed. Under their locks."""
    store_all([counted.change(month, touched) for month in months], at)


def store_all(changes: list[counted.Change], at: datetime) -> None:
    """Whoever waits for the months is told."""
    for each in changes:
        counted.store(each, at=at)
        outbox.send(each.month.practice, TIME_CHANGED, patient_month=str(each.month.pk))


def seconds_after(change: counted.Change) -> int:
    """What the month counts once the change is stored: seconds inside consent and order, without excluded days."""
    month = change.month
    allowed = eligibility(month.practice, month.patient_id, month.month)
    stored = counted_microseconds(month, allowed.keep((month.starts_at, month.ends_at)))
    gone, new = (map(span_of, change.gone), (share.span for share in change.new))
    apart = [microseconds(part for span in spans for part in allowed.keep(span)) for spans in (gone, new)]
    return (stored - apart[0] + apart[1]) // 1_000_000


def eligible_seconds(
    month: PatientMonth, shares: list[counted.Share], allowed: Eligibility | None = None
) -> int:
    """The shares' seconds inside consent and order, without excluded days."""
    allowed = allowed or eligibility(month.practice, month.patient_id, month.month)
    return span_seconds(part for share in shares for part in allowed.keep(share.span))
