"""What of a record's time must be settled before it is merged into another: minutes are never moved."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.urls import reverse

from foundation.months import month_of
from patients.merging import Point, to_settle
from patients.models import Patient
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


def _undecided_sessions(duplicate: Patient, entries) -> Iterator[Point]:
    """Signed, in a month that nothing was decided of yet."""
    tz = duplicate.practice.tz
    starts = entries.filter(status=Status.SIGNED).values_list("started_at", flat=True)
    counts = Counter(month_of(start, tz=tz) for start in starts)
    counted = CountedInterval.objects.filter(practice=duplicate.practice_id, patient=duplicate, standing=True)
    months = set(counts) | set(counted.values_list("patient_month__month", flat=True).distinct())
    for month in not_closed(duplicate, months):
        many = "1 signed session" if counts[month] == 1 else f"{counts[month] or 'Some'} signed sessions"
        yield Point(
            f"{many} of {month:%B %Y} count on it, and that month is not closed: have their authors void them and log "
            "them on the record that remains (Log past session), or merge once the month is closed and exported",
            reverse("chart", args=[duplicate.pk]),
        )


def not_closed(duplicate: Patient, months: Iterable[date]) -> list[date]:
    """Of these months, those about which nothing was decided yet."""
    months = set(months)
    closed = Period.objects.for_practice(duplicate.practice_id).filter(
        month__in=months, state=PeriodState.CLOSED
    )
    return sorted(months - set(closed.values_list("month", flat=True)))
