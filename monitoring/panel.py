"""What the readings panel of a chart shows: one measure, some days, in words, drawn, and as a table."""

from dataclasses import dataclass
from datetime import date, timedelta

from monitoring import selectors
from monitoring.chart import Figure, draw
from monitoring.models import Reading
from monitoring.ranges import Ranges, Standing
from patients.labels import range_in_words
from patients.models import MEASURES, DeviceAssignment, Measure, Patient, TargetRange
from patients.selectors import in_force

DAYS = (7, 14, 30, 90)
TONES = {Standing.ABOVE: "above", Standing.BELOW: "below", Standing.IN: "", Standing.NO_RANGE: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """A reading with how it lies to the range of its day."""

    reading: Reading
    standing: str
    tone: str
    goal: str


@dataclass(frozen=True, slots=True)
class Panel:
    measure: str
    measures: tuple[str, ...]
    days: int
    since: date
    until: date
    goal: TargetRange | None
    summary: str
    last: Reading | None
    figure: Figure | None
    lines: tuple[Line, ...]


def panel(patient: Patient, *, until: date, measure: str = "", days: int | str = 30) -> Panel:
    """The panel of a measure over the `days` up to and with `until`; a choice that is none falls back to the first."""
    measures = measures_of(patient, until)
    measure = measure if measure in measures else (measures[0] if measures else Measure.BLOOD_PRESSURE)
    days = int(days) if str(days) in {str(n) for n in DAYS} else 30
    since = until - timedelta(days=days - 1)
    every = Reading.objects.for_practice(patient.practice).filter(patient=patient, measure=measure)
    every = every.filter(excluded_reason="").order_by("taken_at")
    rows = list(every.filter(day__gte=since, day__lte=until).select_related("device"))
    ranges = Ranges.of(patient.practice, [patient.pk])
    own = [row for row in ranges.rows if row.measure == measure]
    return Panel(
        measure=measure,
        measures=measures,
        days=days,
        since=since,
        until=until,
        goal=ranges.on(patient.pk, measure, until),
        summary=_summary(patient, measure, since, until),
        last=every.filter(day__lte=until).last(),
        figure=draw(rows, own, since=since, until=until, tz=patient.tz),
        lines=tuple(lines_of(reversed(rows), ranges)),
    )


def lines_of(rows, ranges: Ranges):
    for row in rows:
        standing = ranges.standing(row)
        goal = range_in_words(ranges.on(row.patient_id, row.measure, row.day))
        yield Line(row, standing.value.capitalize(), TONES[standing], goal)


def measures_of(patient: Patient, on: date) -> tuple[str, ...]:
    """What there are readings of, or a device for; in the order of the list of measures."""
    heard = Reading.objects.for_practice(patient.practice).filter(patient=patient).order_by()
    found = set(heard.values_list("measure", flat=True).distinct())
    held = DeviceAssignment.objects.for_practice(patient.practice).filter(in_force(on), patient=patient)
    for kind in held.values_list("device__kind", flat=True):
        found.add(MEASURES[kind][0])
    return tuple(measure for measure in Measure.values if measure in found)


def _summary(patient: Patient, measure: str, since: date, until: date) -> str:
    """`28 readings on 14 days, …` of each device; empty without readings."""
    found = [s for s in selectors.summaries(patient, since, until) if s.measure == measure and s.count]
    if len(found) == 1:
        return found[0].text
    return "; ".join(f"{s.device_label}: {s.text}" for s in found)
