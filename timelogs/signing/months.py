"""The months that a session touches: locked in the one order, asked whether they are open, counted anew."""

from datetime import date, datetime

from accounts.models import Membership
from dispatch import outbox
from foundation.months import months_between
from foundation.refusals import StaleRow
from timelogs.counting import counted
from timelogs.counting.eligibility import eligibility
from timelogs.counting.segments import standing
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import (
    MonthShut,
    hold_patient_months,
    hold_person,
    pass_gate,
    shut_month,
)
from timelogs.models import PatientMonth, TimeEntry

TIME_CHANGED = "timelogs.time_changed"


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


def lock_also(new: TimeEntry, held: list[PatientMonth], at: datetime) -> list[PatientMonth]:
    """The held months and any that added minutes reach; their gate must be open too."""
    more = set(months_of(new, at)) - {row.month for row in held}
    pass_gate(new.practice, more, signed=new.supersedes_id is not None)
    return sorted([*held, *hold_patient_months(new.patient, more)], key=lambda row: row.month)


def why_shut(entry: TimeEntry, *, at: datetime) -> str | None:
    """Why its month lets nobody amend or void it now, before anybody types."""
    period = shut_month(entry.practice, months_of(entry, at))
    return MonthShut(period, signed=True).message if period else None


def recount_all(months: list[PatientMonth], at: datetime) -> None:
    """What these months hold, counted anew; whoever waits for it is told. Under their locks."""
    for month in months:
        counted.recount(month, at=at)
        outbox.send(month.practice, TIME_CHANGED, patient_month=str(month.pk))


def eligible_seconds(month: PatientMonth, shares: list[counted.Share]) -> int:
    """The shares' seconds inside consent and order, without excluded days."""
    allowed = eligibility(month.practice, month.patient_id, month.month)
    return span_seconds(part for share in shares for part in allowed.keep(share.span))
