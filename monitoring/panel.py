"""What the readings panel of a chart shows: one measure, some days, in words, drawn, and as a table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef

from foundation.months import midnight
from monitoring import selectors
from monitoring.axis import Event, events
from monitoring.chart import DayOfReadings, Figure, draw, draw_days
from monitoring.days import Strip, strip
from monitoring.findings import Severity
from monitoring.models import Reading
from monitoring.ranges import Judged, Ranges, Standing, judge
from patients.labels import number, range_in_words
from patients.models import MEASURES, UNITS, DeviceAssignment, Measure, Patient, TargetRange
from patients.selectors import in_force

DAYS = (7, 14, 30, 90)
# More cannot be told apart in the drawing, and would make the page heavy: then each day is one stroke and one row.
MOST_POINTS = 120
TONES = {Standing.ABOVE: "above", Standing.BELOW: "below", Standing.IN: "", Standing.NO_RANGE: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """A reading with how it lies to the range of its day."""

    reading: Reading
    standing: str
    tone: str
    goal: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day's readings, their lowest and highest, and how these lie to the range of the day."""

    day: date
    count: int
    values: str
    standing: str
    tone: str
    x: float


@dataclass(frozen=True, slots=True)
class Panel:
    """`lines` are (reading's line, where it lies in the drawing); where there are too many, `day_lines` instead."""

    measure: str
    measures: tuple[str, ...]
    days: int
    since: date
    until: date
    goal: TargetRange | None
    summary: str
    last: Reading | None
    figure: Figure | None
    lines: tuple[tuple[Line, float], ...]
    day_lines: tuple[DayLine, ...]
    events: tuple[Event, ...]
    strip: Strip | None


def panel(patient: Patient, *, until: date, measure: str = "", days: int | str = 30) -> Panel:
    """The panel of a measure over the `days` up to and with `until`; a choice that is none falls back to the first."""
    measures = measures_of(patient, until)
    measure = measure if measure in measures else (measures[0] if measures else Measure.BLOOD_PRESSURE)
    days = int(days) if str(days) in {str(n) for n in DAYS} else 30
    since = until - timedelta(days=days - 1)
    ranges = Ranges.of(patient.practice, [patient.pk])
    happened = _events(patient, since, until)
    summed = [s for s in selectors.summaries(patient, since, until) if s.measure == measure and s.count]
    shown = {"since": since, "until": until, "tz": patient.tz, "events": happened}
    return Panel(
        measure=measure,
        measures=measures,
        days=days,
        since=since,
        until=until,
        goal=ranges.on(patient.pk, measure, until),
        summary=_summary(summed),
        last=None
        if summed
        else _readings(patient, measure).filter(day__lte=until).order_by("taken_at").last(),
        **_drawn(patient, measure, ranges, sum(s.count for s in summed), shown),
        events=tuple(happened),
        strip=strip(patient, until),
    )


def _readings(patient: Patient, measure: str):
    rows = Reading.objects.for_practice(patient.practice).filter(patient=patient, measure=measure)
    return rows.filter(excluded_reason="")


def _drawn(patient: Patient, measure: str, ranges: Ranges, count: int, shown: dict) -> dict:
    """The figure and the rows of its table, newest first; each row knows where it lies in the figure."""
    own = [row for row in ranges.rows if row.measure == measure]
    rows = _readings(patient, measure).filter(day__gte=shown["since"], day__lte=shown["until"])
    if count > MOST_POINTS:
        thinned = list(_by_day(rows, measure))
        figure = draw_days(thinned, own, **shown)
        lines = [_day_line(*pair, patient, ranges) for pair in zip(thinned, figure.points, strict=True)]
        return {"figure": figure, "lines": (), "day_lines": tuple(reversed(lines))}
    found = list(rows.order_by("taken_at"))
    figure = draw(found, own, **shown)
    placed = zip(lines_of(found, ranges), figure.points if figure else (), strict=True)
    return {"figure": figure, "lines": tuple(reversed(list(placed))), "day_lines": ()}


def _by_day(rows, measure: str) -> Iterator[DayOfReadings]:
    figures = {
        "count": Count("pk"),
        "low": Min("value"),
        "high": Max("value"),
        "second_low": Min("second_value"),
        "second_high": Max("second_value"),
    }
    for row in rows.values("day").annotate(**figures).order_by("day"):
        yield DayOfReadings(measure=measure, **row)


@dataclass(frozen=True, slots=True)
class _Extreme:
    """The highest or the lowest of a day, as a reading is judged."""

    measure: str
    value: object
    second_value: object
    day: date


def _day_line(day: DayOfReadings, x: float, patient: Patient, ranges: Ranges) -> DayLine:
    range_ = ranges.on(patient.pk, day.measure, day.day)
    pairs = ((day.high, day.second_high), (day.low, day.second_low))
    found = [judge(_Extreme(day.measure, *pair, day.day), range_) for pair in pairs]
    judged = max(found, key=_urgency)
    spans = [(day.low, day.high), (day.second_low, day.second_high)]
    values = "/".join(f"{number(low)}–{number(high)}" for low, high in spans if low is not None)
    return DayLine(day.day, day.count, f"{values} {UNITS[day.measure]}", judged.words, tone_of(judged), x)


def _urgency(judged: Judged) -> tuple:
    return (
        judged.severity is Severity.CRITICAL,
        judged.severity is not None,
        judged.standing is Standing.ABOVE,
    )


def tone_of(judged: Judged) -> str:
    return "critical" if judged.severity is Severity.CRITICAL else TONES[judged.standing]


def _events(patient: Patient, since: date, until: date) -> list[Event]:
    start, end = midnight(since, tz=patient.tz), midnight(until + timedelta(days=1), tz=patient.tz)
    return events(patient, start, end)


def lines_of(rows: Iterable[Reading], ranges: Ranges) -> Iterator[Line]:
    for row in rows:
        judged = ranges.judged(row)
        goal = range_in_words(ranges.on(row.patient_id, row.measure, row.day))
        yield Line(row, judged.words, tone_of(judged), goal)


def measures_of(patient: Patient, on: date) -> tuple[str, ...]:
    """What there are readings of, or a device for; in the order of the list of measures. However many readings."""
    own = Reading.objects.for_practice(patient.practice).filter(patient=OuterRef("pk"))
    asked = {measure: Exists(own.filter(measure=measure)) for measure in Measure.values}
    row = Patient.objects.for_practice(patient.practice).filter(pk=patient.pk).values(**asked).get()
    found = {measure for measure, heard in row.items() if heard}
    held = DeviceAssignment.objects.for_practice(patient.practice).filter(in_force(on), patient=patient)
    for kind in held.values_list("device__kind", flat=True):
        found.add(MEASURES[kind][0])
    return tuple(measure for measure in Measure.values if measure in found)


def _summary(found: list[selectors.DeviceSummary]) -> str:
    """`28 readings on 14 days, …` of each device; empty without readings."""
    if len(found) == 1:
        return found[0].text
    return "; ".join(f"{s.device_label}: {s.text}" for s in found)
