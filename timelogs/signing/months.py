"""The months that a session touches: locked in the one order, asked whether they are open, counted anew."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, timedelta

from accounts.models import Membership
from dispatch import outbox
from foundation.months import months_between
from foundation.refusals import Refused, StaleRow
from timelogs.counting import counted
from timelogs.counting.eligibility import Eligibility, eligibility
from timelogs.counting.segments import standing
from timelogs.counting.sums import counted_microseconds
from timelogs.intervals import Span, microseconds, span_of
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import (
    MonthShut,
    hold_patient_months,
    hold_person,
    pass_gate,
    shut_month,
)
from timelogs.models import PatientMonth, TimeEntry, TimeSegment
from timelogs.note.drafts import room_for, spans_of

TIME_CHANGED = "timelogs.time_changed"


def lock_all(
    entry: TimeEntry, *, by: Membership, at: datetime, seconds: int | None = None, correcting: bool = False
) -> list[PatientMonth]:
    """Gate, person and patient-months of everything the entry touches, in the one order. `seconds`: of the correction;
    the months that minutes added to it reach are among them, and must be open too."""
    months = lock_gate(entry, at=at, seconds=seconds, correcting=correcting)
    more = _reached(entry, seconds, at)
    pass_gate(entry.practice, more, signed=correcting)
    return hold_patient_months(entry.patient, {*months, *more})


def lock_gate(
    entry: TimeEntry, *, at: datetime, seconds: int | None = None, correcting: bool = False
) -> list[date]:
    """Gate and person; the months that the entry touches. Where `seconds` are recorded, the gates of the months around
    are shared too: minutes that are added may come to lie in an earlier one, which nobody asks for behind a later."""
    months = months_of(entry, at)
    around = months_between(*_around(entry, seconds, at), tz=entry.practice.tz) if seconds else ()
    pass_gate(entry.practice, months, signed=correcting, perhaps=around)
    hold_person(entry.author.user_id)
    if months_of(entry, at) != months:
        raise StaleRow()
    return months


def months_of(entry: TimeEntry, at: datetime, segments: list[TimeSegment] | None = None) -> list[date]:
    """Every month that the entry's standing time, or at least its start, touches."""
    tz = entry.practice.tz
    spans = _worked(entry, at, segments)
    return sorted({month for span in spans for month in months_between(*span, tz=tz)})


def _worked(entry: TimeEntry, at: datetime, segments: list[TimeSegment] | None = None) -> list[Span]:
    own = standing(entry) if segments is None else segments
    return [(s.during.lower, s.during.upper or at) for s in own] or [(entry.started_at, entry.started_at)]


def _around(entry: TimeEntry, seconds: int, at: datetime) -> Span:
    """Its time would lie in here, whatever was measured and wherever there is room for the rest."""
    spans, length = _worked(entry, at), timedelta(seconds=seconds)
    return min(start for start, _ in spans) - length, max(end for _, end in spans) + length


def _reached(entry: TimeEntry, seconds: int | None, at: datetime) -> list[date]:
    """The months of the minutes that a correction adds. While its person is held it is where they will lie."""
    extra = (seconds or 0) - span_seconds(spans_of(entry))
    # Where there is no room for them, recording them says so.
    with suppress(Refused):
        return months_between(*room_for(entry, extra, at), tz=entry.practice.tz) if extra > 0 else []
    return []


def lock_months(entry: TimeEntry, touched: list[date], passed: list[date]) -> list[PatientMonth]:
    """The months that a draft touches by now and touched before; the gate of any that was not passed must be open."""
    pass_gate(entry.practice, set(touched) - set(passed))
    return hold_patient_months(entry.patient, {*touched, *passed})


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
