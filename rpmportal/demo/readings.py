"""Rows of readings: on which days, at which moments, from which device."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from foundation.tracked import bulk_create_tracked
from monitoring.models import Reading, Source
from patients.models import Device, Measure, Patient
from rpmportal.demo import series
from rpmportal.demo.cases import Case
from rpmportal.demo.stage import Stage


@dataclass(frozen=True, slots=True)
class Kit:
    """A patient's row and devices; the second device, where there is one, is the spare."""

    patient: Patient
    devices: tuple[Device, ...]


def write(stage: Stage, cases: Sequence[Case], kits: dict[int, Kit]) -> dict[int, list[Reading]]:
    """Everybody's readings, in order of time, by the patient's number."""
    found = {
        case.number: sorted(_of(stage, case, kits[case.number]), key=lambda r: r.taken_at) for case in cases
    }
    bulk_create_tracked([row for rows in found.values() for row in rows])
    return found


def _of(stage: Stage, case: Case, kit: Kit) -> Iterator[Reading]:
    rng = stage.random(case.path, "readings")
    count = (stage.until - case.started_on).days
    level = case.baseline or series.baseline(rng, case.condition.slug)
    values = series.of_condition(rng, case.condition.slug, count, level)
    for number in range(count):
        day = case.started_on + timedelta(days=number)
        if _measures(case, day, rng):
            yield from _on(stage, case, kit, day, values[number], rng)
    yield from _at_clock_change(stage, case, kit)


def _measures(case: Case, day: date, rng: Random) -> bool:
    """Whether this is a reading day. The first day is: the device is tried out when it is handed over."""
    chance = rng.random()
    if case.silent_from and day >= case.silent_from:
        return False
    if case.days and min(case.days) <= day <= max(case.days):
        return day in case.days
    return day == case.started_on or chance < case.adherence


def _on(
    stage: Stage, case: Case, kit: Kit, day: date, values: list[series.Value], rng: Random
) -> Iterator[Reading]:
    if day in case.values:
        values = [(7.5, *case.values[day])]
    elif len(values) > 1 and (chance := rng.random()) < 0.2:
        values = values[:1] if chance < 0.15 else values[1:]
    for hour, value, second in values:
        taken_at = _moment(day, hour, kit.patient)
        if taken_at >= stage.horizon:
            continue
        row = _reading(stage, case, kit, taken_at, value, second, rng)
        yield row
        if case.pulse and row.measure == Measure.BLOOD_PRESSURE:
            yield _beside(row, kit.devices[0], Measure.HEART_RATE, series.pulse(rng))
        if case.spare and len(kit.devices) > 1 and rng.random() < 0.4:
            yield _beside(
                row, kit.devices[1], row.measure, row.value + 3, row.second_value and row.second_value + 2
            )


def _moment(day: date, hour: float, patient: Patient) -> datetime:
    clock = time(int(hour), int(hour * 60) % 60, int(hour * 3600) % 60)
    return datetime.combine(day, clock, tzinfo=patient.tz).astimezone(UTC)


def _reading(stage: Stage, case: Case, kit: Kit, taken_at: datetime, value, second, rng: Random) -> Reading:
    delay = (
        timedelta(hours=rng.uniform(3, 30)) if rng.random() < 0.03 else timedelta(seconds=rng.randint(4, 90))
    )
    return Reading(
        practice=kit.patient.practice,
        patient=kit.patient,
        device=kit.devices[0] if kit.devices else None,
        measure=case.condition.measure,
        value=Decimal(str(series.in_mmol(value) if case.mmol else value)),
        second_value=None if second is None else Decimal(second),
        source=Source.TYPED if case.typed else Source.AUTOMATIC,
        taken_at=taken_at,
        received_at=min(taken_at + timedelta(seconds=int(delay.total_seconds())), stage.horizon),
        day=taken_at.astimezone(kit.patient.tz).date(),
    )


def _beside(row: Reading, device: Device, measure: Measure, value, second=None) -> Reading:
    """Another reading of the same moment."""
    names = ("practice", "patient", "source", "taken_at", "received_at", "day")
    same = {name: getattr(row, name) for name in names}
    return Reading(**same, device=device, measure=measure, value=Decimal(value), second_value=second)


def _at_clock_change(stage: Stage, case: Case, kit: Kit) -> Iterator[Reading]:
    """Two readings either side of the hour that is missing or comes twice."""
    change = stage.clock_change() if case.night_owl else None
    for minutes, value in ((-25, 131), (25, 128)) if change else ():
        rng = stage.random(case.path, "clock change", minutes)
        yield _reading(stage, case, kit, change + timedelta(minutes=minutes), value, 79, rng)
