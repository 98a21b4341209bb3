"""Reading days for the rules, and the 30-day windows of the device codes. This clock is never the calendar month's."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from foundation.months import last_day
from foundation.streams import Groups, grouped
from monitoring.selectors import automatic
from patients.models import Enrollment

WINDOW = timedelta(days=30)
_DAY = timedelta(days=1)

DeviceDays = dict[UUID, set[date]]
Stretch = tuple[date, date]
"""Days on end, half-open."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window `[starts_on, ends_on]`, both included, of one enrollment: 30 days, or fewer where it ended inside.

    `devices` is {device: its reading days, in order}.
    """

    enrollment_id: UUID
    starts_on: date
    ends_on: date
    devices: dict[UUID, tuple[date, ...]]

    @property
    def best_days(self) -> int:
        """The most days of one device."""
        return max(map(len, self.devices.values()), default=0)

    @property
    def any_days(self) -> int:
        """The days of all devices together."""
        return len(set().union(*self.devices.values()))


# Reading days -----------------------------------------------------------------------------------------------


def reading_days(
    practice, since: date, until: date, patient_ids: Collection[UUID] | None
) -> Callable[[UUID], DeviceDays]:
    """{device: days} with an automatic reading in `[since, until]`, both included, on the patient's calendar.

    To be asked for each patient once, in ascending order; one query. None: everybody.
    """
    rows = automatic(practice).filter(day__gte=since, day__lte=until)
    days = grouped(rows.values("patient_id", "device_id", "day").distinct(), patient_ids, "device_id", "day")

    def of(patient_id: UUID) -> DeviceDays:
        found: DeviceDays = {}
        for row in days.take(patient_id):
            found.setdefault(row["device_id"], set()).add(row["day"])
        return found

    return of


def within(days: DeviceDays, stretches: Sequence[Stretch]) -> DeviceDays:
    """The days inside one of the stretches; devices without any are left out."""
    inside = {
        device: {day for day in its if any(start <= day < end for start, end in stretches)}
        for device, its in days.items()
    }
    return {device: its for device, its in inside.items() if its}


def clipped(days: DeviceDays, since: date, until: date) -> DeviceDays:
    """The days in `[since, until]`; devices without any are left out."""
    return within(days, [(since, until + _DAY)])


# Windows ----------------------------------------------------------------------------------------------------


def anchored(enrollments: QuerySet[Enrollment], practice) -> QuerySet[Enrollment]:
    """Each with `anchor`, the day of its first automatic reading: there its windows begin. None: no reading yet."""
    return enrollments.annotate(anchor=Subquery(_own(practice).order_by("day").values("day")[:1]))


def _own(practice):
    """Readings inside the enrollment that the query around it is about."""
    ended_on = Coalesce(OuterRef("ended_on"), Value(date.max))
    return automatic(practice).filter(
        patient=OuterRef("patient"), day__gte=OuterRef("started_on"), day__lt=ended_on
    )


def rolling_windows(
    episodes: Iterable, days: DeviceDays, month: date, served: Sequence[Stretch]
) -> list[Window]:
    """Windows whose last day lies in the month, without a gap from each episode's anchor: days 1-30, 31-60, ...

    A window stops with the last day on which the patient was served: enrolled, and agreed. One without a served day
    is none; one without any reading day is listed with none. `episodes` have an anchor; `days` reach back 30 days
    before the month.
    """
    return [
        _window(episode, start, end, days)
        for episode in episodes
        if episode.anchor
        for start, end in _rolling(episode, month, served)
    ]


def _rolling(episode, month: date, served: Sequence[Stretch]) -> Iterator[tuple[date, date]]:
    """None, one, or (in a month of 31 days, or where the episode ends) two."""
    start = episode.anchor + max((month - episode.anchor) // WINDOW - 1, 0) * WINDOW
    while start <= last_day(month) and (episode.ended_on is None or start < episode.ended_on):
        end = _stop(episode, start, start + WINDOW - _DAY, served)
        if end and month <= end <= last_day(month):
            yield start, end
        start += WINDOW


def month_windows(
    episodes: Iterable, days: DeviceDays, month: date, served: Sequence[Stretch]
) -> list[Window]:
    """The other reading: the last 30 days of the calendar month, or what the episode has of them."""
    found = []
    for episode in episodes:
        start = max(month, last_day(month) - WINDOW + _DAY, episode.started_on)
        end = _stop(episode, start, last_day(month), served)
        if episode.anchor and end:
            found.append(_window(episode, start, end, days))
    return found


WINDOWS = {"rolling_30": rolling_windows, "calendar_month": month_windows}


def _stop(episode, start: date, end: date, served: Sequence[Stretch]) -> date | None:
    """The last served day of a window of the episode; None where it has none."""
    if episode.ended_on:
        end = min(end, episode.ended_on - _DAY)
    return max(
        (min(end, until - _DAY) for since, until in served if since <= end and until > start), default=None
    )


def _window(episode, start: date, end: date, days: DeviceDays) -> Window:
    inside = clipped(days, start, end)
    return Window(episode.pk, start, end, {device: tuple(sorted(its)) for device, its in inside.items()})


# The first window -------------------------------------------------------------------------------------------


def first_windows(
    enrollments: QuerySet[Enrollment], practice, until: date, patient_ids: Collection[UUID] | None
) -> Groups:
    """Enrollments by patient, each with `first_window`: [{"device", "day"}] of the 30 days from its first reading.

    Readings after `until` are left out.
    """
    anchor_day = Coalesce("anchor", Value(date.max), output_field=DateField())
    first = _own(practice).filter(day__lt=OuterRef("first_window_ends"), day__lte=until)
    days = first.values("device_id", "day").distinct().order_by("device_id", "day")
    rows = (
        anchored(enrollments, practice)
        .exclude(anchor=None)
        .annotate(first_window_ends=anchor_day + Value(WINDOW))
        .annotate(first_window=ArraySubquery(days.values(found=JSONObject(device="device_id", day="day"))))
    )
    return grouped(rows, patient_ids, "started_on")


def days_of_devices(found: Sequence[dict[str, str]]) -> DeviceDays:
    """`first_window` as reading days."""
    days: DeviceDays = {}
    for row in found:
        days.setdefault(UUID(row["device"]), set()).add(date.fromisoformat(row["day"]))
    return days
