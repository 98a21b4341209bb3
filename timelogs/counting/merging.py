"""What of a record's time must be settled before it is merged into another: minutes are never moved."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.urls import reverse

from foundation.months import month_of
from monitoring.models import Reading, Source
from monitoring.windows import WINDOW
from patients.merging import Point, to_settle
from patients.models import Enrollment, Patient
from timelogs.models import CountedInterval, Period, PeriodState, Status, TimeEntry


@to_settle
def open_time(duplicate: Patient, at: datetime) -> Iterator[Point]:
    entries = TimeEntry.objects.for_practice(duplicate.practice_id).filter(patient=duplicate)
    for draft in entries.filter(status=Status.DRAFT).select_related("author__user"):
        day = draft.started_at.astimezone(duplicate.practice.tz)
        yield Point(
            f"A draft of {draft.author} of {day:%-d %b %Y} is open on it: she signs or discards it",
            reverse("timelogs:session", args=[draft.pk]),
        )
    yield from _undecided_sessions(duplicate, entries)
    yield from _undecided_readings(duplicate)


def _undecided_sessions(duplicate: Patient, entries) -> Iterator[Point]:
    """Signed, in a month that nothing was decided of yet."""
    tz = duplicate.practice.tz
    starts = entries.filter(status=Status.SIGNED).values_list("started_at", flat=True)
    counts = Counter(month_of(start, tz=tz) for start in starts)
    counted = CountedInterval.objects.filter(practice=duplicate.practice_id, patient=duplicate, standing=True)
    months = set(counts) | set(counted.values_list("patient_month__month", flat=True).distinct())
    for month in _not_closed(duplicate, months):
        many = "1 signed session" if counts[month] == 1 else f"{counts[month] or 'Some'} signed sessions"
        yield Point(
            f"{many} of {month:%B %Y} count on it, and that month is not closed: have their authors void them and log "
            "them on the record that remains (Log past session), or merge once the month is closed and exported",
            reverse("chart", args=[duplicate.pk]),
        )


def _undecided_readings(duplicate: Patient) -> Iterator[Point]:
    """A window of days with readings belongs to the month in which it ends; none goes on past the enrollment."""
    rows = Reading.objects.for_practice(duplicate.practice_id).filter(
        patient=duplicate, source=Source.AUTOMATIC, excluded_reason=""
    )
    months = set(rows.dates("day", "month"))
    last, ended = rows.aggregate(last=Max("day"))["last"], _last_enrolled(duplicate)
    if last and ended and ended > last:
        months.add(min(last + WINDOW, ended).replace(day=1))
    for month in _not_closed(duplicate, months):
        yield Point(
            f"Its readings belong to {month:%B %Y}, which is not closed: merge once the month is closed and exported",
            reverse("monitoring:readings", args=[duplicate.pk]),
        )


def _last_enrolled(duplicate: Patient) -> date | None:
    rows = Enrollment.objects.for_practice(duplicate.practice_id).filter(patient=duplicate)
    ended = rows.aggregate(last=Max("ended_on"))["last"]
    return ended - timedelta(days=1) if ended else None


def _not_closed(duplicate: Patient, months: Iterable[date]) -> list[date]:
    closed = Period.objects.for_practice(duplicate.practice_id).filter(
        month__in=set(months), state=PeriodState.CLOSED
    )
    return sorted(set(months) - set(closed.values_list("month", flat=True)))
