"""What the devices said: summaries for a note, reading days for the rules, the 30-day windows of the device codes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from foundation.months import last_day
from monitoring.models import Reading, Source
from monitoring.ranges import Ranges, Standing
from patients.models import MEASURES, UNITS, DeviceAssignment, Enrollment, Measure, Patient
from patients.words import number

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """One device and measure over `[since, until]`, both days included. A silent device has count 0 and no values.

    `device_id` is None for values typed without a device. `days` are days with readings, `days_above` those with
    at least one reading above the range of that day.
    """

    device_id: UUID | None
    device_label: str
    measure: str
    since: date
    until: date
    count: int
    days: int
    low: Decimal | None
    high: Decimal | None
    second_low: Decimal | None
    second_high: Decimal | None
    days_out_of_range: int
    days_above: int
    text: str

    def as_json(self) -> dict:
        """The same as JSON types: ids and numbers as text, dates as ISO."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def _plain(value):
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def summaries(patient: Patient, since: date, until: date) -> list[DeviceSummary]:
    """Every device's readings in `[since, until]` that were not excluded; devices that stayed silent come last."""
    rows = list(
        readings_of(patient, since=since, until=until).filter(excluded_reason="").select_related("device")
    )
    heard = summarize(rows, Ranges.of(patient.practice, [patient.pk]), since, until)
    return heard + _silent(patient, {row.device_id for row in rows}, since, until)


def summarize(rows: Iterable[Reading], ranges: Ranges, since: date, until: date) -> list[DeviceSummary]:
    """One summary for each device and measure of readings already at hand. No database."""
    grouped: dict[tuple, list[Reading]] = defaultdict(list)
    for row in rows:
        grouped[row.device, row.measure].append(row)
    heard = [_summary(*key, group, ranges, since, until) for key, group in grouped.items()]
    heard.sort(key=lambda s: (list(Measure.values).index(s.measure), s.device_label))
    return heard


def readings_of(patient: Patient, *, since: date, until: date):
    """A patient's readings by the day where the patient lives, both days included, oldest first."""
    rows = Reading.objects.for_practice(patient.practice).filter(
        patient=patient, day__gte=since, day__lte=until
    )
    return rows.order_by("taken_at", "measure")


def _summary(device, measure, rows: list[Reading], ranges: Ranges, since: date, until: date) -> DeviceSummary:
    judged = [(row.day, ranges.standing(row)) for row in rows]
    above = {day for day, standing in judged if standing is Standing.ABOVE}
    out = above | {day for day, standing in judged if standing is Standing.BELOW}
    firsts, seconds = [r.value for r in rows], [r.second_value for r in rows if r.second_value is not None]
    facts = {
        "device_id": device.pk if device else None,
        "device_label": str(device) if device else "Typed in, no device",
        "measure": str(measure),
        "since": since,
        "until": until,
        "count": len(rows),
        "days": len({row.day for row in rows}),
        "low": min(firsts),
        "high": max(firsts),
        "second_low": min(seconds, default=None),
        "second_high": max(seconds, default=None),
        "days_out_of_range": len(out),
        "days_above": len(above),
    }
    return DeviceSummary(**facts, text=_in_words(facts))


def _silent(patient: Patient, heard: set, since: date, until: date) -> list[DeviceSummary]:
    held = Q(ends_on=None) | Q(ends_on__gt=since)
    rows = DeviceAssignment.objects.for_practice(patient.practice).filter(
        held, patient=patient, starts_on__lte=until
    )
    devices = {row.device for row in rows.select_related("device") if row.device_id not in heard}
    nothing = dict.fromkeys(("low", "high", "second_low", "second_high"))
    counts = dict.fromkeys(("count", "days", "days_out_of_range", "days_above"), 0)
    return [
        DeviceSummary(
            device_id=device.pk,
            device_label=str(device),
            measure=str(MEASURES[device.kind][0]),
            since=since,
            until=until,
            **nothing,
            **counts,
            text="no readings",
        )
        for device in sorted(devices, key=str)
    ]


def _in_words(facts: dict) -> str:
    """`28 readings on 14 days, 132–158/82–96 mmHg, 6 days above range`."""
    parts = [f"{_counted(facts['count'], 'reading')} on {_counted(facts['days'], 'day')}"]
    spans = [(facts["low"], facts["high"]), (facts["second_low"], facts["second_high"])]
    values = "/".join(_span(low, high) for low, high in spans if low is not None)
    parts.append(f"{values} {UNITS[facts['measure']]}")
    out, above = facts["days_out_of_range"], facts["days_above"]
    if out and out == above:
        parts.append(f"{_counted(above, 'day')} above range")
    elif out:
        parts.append(
            f"{_counted(out, 'day')} out of range" + (f", {above} of them above" if above else " (below)")
        )
    return ", ".join(parts)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _span(low: Decimal, high: Decimal) -> str:
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def _automatic(practice):
    return Reading.objects.for_practice(practice).filter(source=Source.AUTOMATIC, excluded_reason="")


def reading_days(
    practice, patient_ids: Iterable[UUID], since: date, until: date
) -> dict[UUID, dict[UUID, set[date]]]:
    """{patient: {device: days}} with an automatic, not excluded reading in `[since, until]`, both included."""
    rows = _automatic(practice).filter(patient_id__in=list(patient_ids), day__gte=since, day__lte=until)
    found: dict[UUID, dict[UUID, set[date]]] = {}
    for patient_id, device_id, day in rows.values_list("patient_id", "device_id", "day").distinct():
        found.setdefault(patient_id, {}).setdefault(device_id, set()).add(day)
    return found


def auto_days_in_month(practice, month: date, patient_ids: Iterable[UUID]) -> dict[UUID, int]:
    """{patient: number of reading days in the calendar month}, whatever the device; patients without are left out."""
    rows = _automatic(practice).filter(
        patient_id__in=list(patient_ids), day__gte=month, day__lte=last_day(month)
    )
    counted = rows.values("patient_id").annotate(days=Count("day", distinct=True))
    return {row["patient_id"]: row["days"] for row in counted}


@dataclass(frozen=True, slots=True)
class Window:
    """A 30-day window `[starts_on, ends_on]`, both included, of one enrollment.

    `devices` is {device: its reading days, in order}; `best_days` the most of one device, `any_days` all together.
    """

    enrollment_id: UUID
    starts_on: date
    ends_on: date
    best_days: int
    any_days: int
    devices: dict[UUID, tuple[date, ...]]


def windows_ending_in(
    practice, month: date, patient_ids: Iterable[UUID] | None = None
) -> dict[UUID, list[Window]]:
    """{patient: windows whose last day lies in the month}, in two queries however many patients.

    Windows run without a gap from the enrollment's first automatic reading day: days 1-30, 31-60 and so on. One
    that begins after the enrollment ended does not exist. A window without any reading day is listed with 0 days.
    """
    episodes = _anchored(practice, month, patient_ids)
    first_day = month - WINDOW + timedelta(days=1)
    days = reading_days(practice, {e.patient_id for e in episodes}, first_day, last_day(month))
    found: dict[UUID, list[Window]] = defaultdict(list)
    for episode in episodes:
        for starts_on in _starts(episode, month):
            found[episode.patient_id].append(_window(episode, starts_on, days.get(episode.patient_id, {})))
    return dict(found)


def _anchored(practice, month: date, patient_ids) -> list[Enrollment]:
    """Enrollments that a window ending in the month can belong to, each with its `anchor` day."""
    ended_on = Coalesce(OuterRef("ended_on"), Value(date.max))
    first = _automatic(practice).filter(
        patient=OuterRef("patient"), day__gte=OuterRef("started_on"), day__lt=ended_on
    )
    alive = Q(ended_on=None) | Q(ended_on__gt=month - WINDOW)
    episodes = Enrollment.objects.for_practice(practice).filter(alive, started_on__lte=last_day(month))
    if patient_ids is not None:
        episodes = episodes.filter(patient_id__in=list(patient_ids))
    anchor = Subquery(first.order_by("day").values("day")[:1])
    return list(episodes.annotate(anchor=anchor).filter(anchor__isnull=False).order_by("started_on"))


def _starts(episode, month: date) -> Iterable[date]:
    """First days of the episode's windows that end in the month: none, one, or (in a month of 31 days) two."""
    behind = max((month - episode.anchor - WINDOW).days // WINDOW.days, 0)
    start = episode.anchor + behind * WINDOW
    while start + WINDOW - timedelta(days=1) <= last_day(month):
        if start + WINDOW - timedelta(days=1) >= month and (
            episode.ended_on is None or start < episode.ended_on
        ):
            yield start
        start += WINDOW


def _window(episode, starts_on: date, devices: dict[UUID, set[date]]) -> Window:
    last = starts_on + WINDOW - timedelta(days=1)
    stop = min(last, episode.ended_on - timedelta(days=1)) if episode.ended_on else last
    inside = {
        device: tuple(sorted(d for d in days if starts_on <= d <= stop)) for device, days in devices.items()
    }
    inside = {device: days for device, days in inside.items() if days}
    return Window(
        enrollment_id=episode.pk,
        starts_on=starts_on,
        ends_on=last,
        best_days=max(map(len, inside.values()), default=0),
        any_days=len(set().union(*inside.values())),
        devices=inside,
    )


def latest_readings(practice, patient_ids: Iterable[UUID]) -> dict[UUID, Reading]:
    """{patient: the newest reading that was not excluded}, typed ones too, in one query."""
    rows = Reading.objects.for_practice(practice).filter(patient_id__in=list(patient_ids), excluded_reason="")
    newest = rows.order_by("patient_id", "-taken_at").distinct("patient_id")
    return {row.patient_id: row for row in newest}


def last_automatic_days(practice, patient_ids: Iterable[UUID]) -> dict[UUID, date]:
    """{patient: the last reading day}, to tell who fell silent."""
    rows = _automatic(practice).filter(patient_id__in=list(patient_ids)).values("patient_id")
    return {row["patient_id"]: row["last"] for row in rows.annotate(last=Max("day"))}
