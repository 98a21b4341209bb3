"""What the devices said: summaries for a note, and the readings that make reading days."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q

from foundation.months import last_day
from monitoring.models import Reading, Source
from monitoring.ranges import Ranges, Standing
from patients.labels import number
from patients.models import MEASURES, UNITS, Device, DeviceAssignment, Measure, Patient

TYPED_IN = "Typed in, no device"
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """One device and measure over `[since, until]`, both days included. A silent device has count 0 and no values.

    `device_id` is None for values typed without a device. `days` are days with readings, `days_above` those with
    at least one reading above the range of that day; `digest` is of the values themselves, empty without any.
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
    out_of_range: int
    days_out_of_range: int
    days_above: int
    digest: str
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


def summaries(
    patient: Patient, since: date, until: date, *, seen: datetime | None = None
) -> list[DeviceSummary]:
    """Every device's readings in `[since, until]` that were not excluded; devices that stayed silent come last.

    `seen`: only those taken up to then.
    """
    rows = figures(patient, since, until, seen=seen)
    heard = {row["device_id"] for row in rows}
    devices = {device.pk: device for device in _devices(patient, heard, since, until)}
    found = [_told(row, devices.get(row["device_id"]), since, until) for row in rows]
    silent = [device for device in devices.values() if device.pk not in heard]
    return in_order(found) + [_silent(device, since, until) for device in sorted(silent, key=str)]


def figures(patient: Patient, since: date, until: date, *, seen: datetime | None = None) -> list[dict]:
    """What the database counts, by device and measure, in one query."""
    asked = [patient.practice_id, patient.pk, since, until, seen or FOREVER]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM monitoring_figures(%s, %s, %s, %s, %s)", asked)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _devices(patient: Patient, heard: set, since: date, until: date):
    """Those that spoke, and those the patient held in these days."""
    held = Q(ends_on=None) | Q(ends_on__gt=since)
    assigned = DeviceAssignment.objects.for_practice(patient.practice).filter(
        held, patient=patient, starts_on__lte=until
    )
    rows = Device.objects.for_practice(patient.practice)
    return rows.filter(Q(pk__in=heard - {None}) | Q(pk__in=assigned.values("device")))


def _told(row: dict, device: Device | None, since: date, until: date) -> DeviceSummary:
    facts = {**row, "count": row["readings"]}
    del facts["readings"]
    label = str(device) if device else TYPED_IN
    return DeviceSummary(device_label=label, since=since, until=until, text=in_words(facts), **facts)


def in_order(found: list[DeviceSummary]) -> list[DeviceSummary]:
    return sorted(found, key=lambda s: (list(Measure.values).index(s.measure), s.device_label))


def summarize(rows: Iterable[Reading], ranges: Ranges, since: date, until: date) -> list[DeviceSummary]:
    """One summary for each device and measure of readings already at hand. No database."""
    grouped: dict[tuple, list[Reading]] = defaultdict(list)
    for row in rows:
        grouped[row.device, row.measure].append(row)
    return in_order([_summary(*key, group, ranges, since, until) for key, group in grouped.items()])


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
        "device_label": str(device) if device else TYPED_IN,
        "measure": str(measure),
        "since": since,
        "until": until,
        "count": len(rows),
        "days": len({row.day for row in rows}),
        "low": min(firsts),
        "high": max(firsts),
        "second_low": min(seconds, default=None),
        "second_high": max(seconds, default=None),
        "out_of_range": sum(standing in {Standing.ABOVE, Standing.BELOW} for _, standing in judged),
        "days_out_of_range": len(out),
        "days_above": len(above),
        "digest": digest_of(rows),
    }
    return DeviceSummary(**facts, text=in_words(facts))


def _silent(device: Device, since: date, until: date) -> DeviceSummary:
    nothing = dict.fromkeys(("low", "high", "second_low", "second_high"))
    counts = dict.fromkeys(("count", "days", "out_of_range", "days_out_of_range", "days_above"), 0)
    return DeviceSummary(
        device_id=device.pk,
        device_label=str(device),
        measure=str(MEASURES[device.kind][0]),
        since=since,
        until=until,
        **nothing,
        **counts,
        digest="",
        text="no readings",
    )


def digest_of(rows: Iterable[Reading]) -> str:
    """SHA-256 of the values as they were taken, one a line: the database counts the same (`monitoring_figures`)."""
    lines = sorted(
        f"{row.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} {row.value:.2f} "
        f"{'-' if row.second_value is None else f'{row.second_value:.2f}'} {row.source}"
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def in_words(facts: dict) -> str:
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
    # A cuff sends pressure and pulse of one moment: always the same one of them.
    newest = rows.order_by("patient_id", "-taken_at", "measure", "pk").distinct("patient_id")
    return {row.patient_id: row for row in newest}


def last_automatic_days_by_kind(practice, patient_ids: Iterable[UUID]) -> dict[UUID, dict[str, date]]:
    """{patient: {kind of device: the last reading day}}, to tell which of her devices fell silent."""
    rows = automatic(practice).filter(patient_id__in=list(patient_ids)).values("patient_id", "device__kind")
    found: dict[UUID, dict[str, date]] = defaultdict(dict)
    for row in rows.annotate(last=Max("day")):
        found[row["patient_id"]][row["device__kind"]] = row["last"]
    return found


def last_automatic_days(practice, patient_ids: Iterable[UUID]) -> dict[UUID, date]:
    """{patient: the last reading day}, to tell who fell silent."""
    rows = automatic(practice).filter(patient_id__in=list(patient_ids)).values("patient_id")
    return {row["patient_id"]: row["last"] for row in rows.annotate(last=Max("day"))}
