"""What the devices said: summaries for a note, and the readings that make reading days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Max, Q

from foundation.months import last_day
from monitoring.models import Reading, Source
from monitoring.ranges import Ranges, Standing
from patients.labels import number
from patients.models import MEASURES, UNITS, DeviceAssignment, Measure, Patient


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


def automatic(practice):
    """Readings that make reading days: sent by the device itself, and not excluded."""
    return Reading.objects.for_practice(practice).filter(source=Source.AUTOMATIC, excluded_reason="")


def auto_days_in_month(practice, month: date, patient_ids: Iterable[UUID]) -> dict[UUID, int]:
    """{patient: number of reading days in the calendar month}, whatever the device; patients without are left out."""
    rows = automatic(practice).filter(
        patient_id__in=list(patient_ids), day__gte=month, day__lte=last_day(month)
    )
    counted = rows.values("patient_id").annotate(days=Count("day", distinct=True))
    return {row["patient_id"]: row["days"] for row in counted}


def latest_readings(practice, patient_ids: Iterable[UUID]) -> dict[UUID, Reading]:
    """{patient: the newest reading that was not excluded}, typed ones too, in one query."""
    rows = Reading.objects.for_practice(practice).filter(patient_id__in=list(patient_ids), excluded_reason="")
    newest = rows.order_by("patient_id", "-taken_at").distinct("patient_id")
    return {row.patient_id: row for row in newest}


def last_automatic_days(practice, patient_ids: Iterable[UUID]) -> dict[UUID, date]:
    """{patient: the last reading day}, to tell who fell silent."""
    rows = automatic(practice).filter(patient_id__in=list(patient_ids)).values("patient_id")
    return {row["patient_id"]: row["last"] for row in rows.annotate(last=Max("day"))}
