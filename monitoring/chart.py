"""The figure of one measure over some days, as points and lines ready to draw: no canvas, no script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from foundation.months import midnight
from monitoring.axis import Event
from monitoring.models import Reading, Source
from patients.labels import number
from patients.models import Measure, TargetRange
from patients.models.ranges import BOUNDS, CRITICAL

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 14, 54
# A line between two points further apart would claim days nobody measured.
BREAK = timedelta(days=2)
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of the range over the days it was in effect; past a critical one it is more urgent."""

    x1: float
    x2: float
    y: float
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One line of values. `marks` are the shapes of all its values as one path, hollow ones apart; `bands` are upright
    strokes from a day's lowest to its highest."""

    number: int
    label: str
    lines: tuple[str, ...]
    marks: str
    hollow: str
    bands: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """An event on the axis: its shape stands under the values."""

    x: float
    kind: str


@dataclass(frozen=True, slots=True)
class Figure:
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    limits: tuple[Limit, ...]
    series: tuple[Series, ...]
    beside: tuple[Beside, ...]
    points: tuple[float, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM
    # Sessions in one row under the axis, contacts in the next.
    sessions_at: int = HEIGHT - BOTTOM + 11
    contacts_at: int = HEIGHT - BOTTOM + 23


@dataclass(frozen=True, slots=True)
class DayOfReadings:
    """A day's readings thinned to their lowest and highest, of both values where there are two."""

    day: date
    count: int
    low: Decimal
    high: Decimal
    second_low: Decimal | None
    second_high: Decimal | None
    measure: str


def draw(
    rows: Sequence[Reading],
    ranges: Iterable[TargetRange],
    *,
    since: date,
    until: date,
    tz,
    events: Iterable[Event] = (),
) -> Figure | None:
    """`rows` are of one measure, oldest first, `ranges` of the same; days where the patient lives. None if empty."""
    if not rows:
        return None
    own = in_days(ranges, since, until)
    values = [value for row in rows for value in (row.value, row.second_value)]
    plot = _Plot(since, until, tz, [*values, *_bounds_of(own)])
    series = tuple(_series(plot, rows, own))
    return _figure(plot, own, series, [plot.x(row.taken_at) for row in rows], events)


def draw_days(
    days: Sequence[DayOfReadings],
    ranges: Iterable[TargetRange],
    *,
    since: date,
    until: date,
    tz,
    events: Iterable[Event] = (),
) -> Figure | None:
    """The same of days instead of readings, where these are too many to be told apart."""
    if not days:
        return None
    own = in_days(ranges, since, until)
    values = [v for day in days for v in (day.low, day.high, day.second_low, day.second_high)]
    plot = _Plot(since, until, tz, [*values, *_bounds_of(own)])
    pressure = days[0].measure == Measure.BLOOD_PRESSURE
    names = ("Systolic", "Diastolic") if pressure else (Measure(days[0].measure).label,)
    series = tuple(_band(plot, which, label, days, own) for which, label in enumerate(names, 1))
    return _figure(plot, own, series, [plot.noon(day.day) for day in days], events)


def _figure(plot: "_Plot", ranges, series, points, events) -> Figure:
    return Figure(
        x_ticks=tuple(plot.x_ticks()),
        y_ticks=tuple(plot.y_ticks()),
        limits=tuple(limit for row in ranges for limit in plot.limits(row)),
        series=series,
        beside=tuple(Beside(plot.x(event.at), event.kind) for event in events),
        points=tuple(points),
    )


def in_days(ranges: Iterable[TargetRange], since: date, until: date) -> list[TargetRange]:
    return [row for row in ranges if row.starts_on <= until and (row.ends_on is None or row.ends_on > since)]


def _bounds_of(ranges) -> list[Decimal]:
    """What must be in sight; a critical bound far away would press the values together."""
    return [bound for row in ranges for bound in (row.low, row.high, row.second_low, row.second_high)]


class _Plot:
    """Maps moments and values to the drawing's coordinates."""

    def __init__(self, since: date, until: date, tz, values: list[Decimal]):
        self.since, self.until, self.tz = since, until, tz
        self.start, self.end = midnight(since, tz=tz), midnight(until + timedelta(days=1), tz=tz)
        known = [value for value in values if value is not None]
        low, high = float(min(known)), float(max(known))
        self.step = next((s for s in _STEPS if (high - low) / s <= 6), _STEPS[-1])
        self.low = (low // self.step) * self.step
        self.high = max(-(-high // self.step) * self.step, self.low + self.step)

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def noon(self, day: date) -> float:
        start, end = midnight(day, tz=self.tz), midnight(day + timedelta(days=1), tz=self.tz)
        return self.x(start + (end - start) / 2)

    def y(self, value: Decimal | float) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def y_ticks(self):
        value = self.low
        while value <= self.high:
            yield Tick(self.y(value), number(Decimal(str(value))))
            value += self.step

    def x_ticks(self):
        days = (self.until - self.since).days + 1
        every = next(e for e in (1, 2, 5, 7, 14, 30) if days / e <= 8 or e == 30)
        for offset in range(0, days, every):
            day = self.since + timedelta(days=offset)
            yield Tick(self.x(midnight(day, tz=self.tz)), f"{day:%-d %b}")

    def limits(self, row: TargetRange):
        end = self.until + timedelta(days=1)
        first, end = max(row.starts_on, self.since), min(row.ends_on or end, end)
        x1, x2 = self.x(midnight(first, tz=self.tz)), self.x(midnight(end, tz=self.tz))
        for name in BOUNDS:
            bound, critical = getattr(row, name), name in CRITICAL
            if bound is not None and (not critical or self.low <= bound <= self.high):
                yield Limit(x1, min(x2, WIDTH - RIGHT), self.y(bound), critical)


def _series(plot: _Plot, rows: Sequence[Reading], ranges: list[TargetRange]):
    pressure = rows[0].measure == Measure.BLOOD_PRESSURE
    yield _one(plot, 1, "Systolic" if pressure else Measure(rows[0].measure).label, rows, ranges)
    if pressure:
        yield _one(plot, 2, "Diastolic", rows, ranges)


def _one(plot: _Plot, which: int, label: str, rows: Sequence[Reading], ranges: list[TargetRange]) -> Series:
    points, marks = [], {False: [], True: []}
    for row in rows:
        value = row.value if which == 1 else row.second_value
        x, y = plot.x(row.taken_at), plot.y(value)
        points.append((row.taken_at, x, y))
        side = _side(value, _limits(row.day, which, ranges))
        marks[row.source == Source.TYPED].append(_shape(which, side, x, y))
    return Series(which, label, tuple(_lines(points)), "".join(marks[False]), "".join(marks[True]))


def _band(plot: _Plot, which: int, label: str, days: Sequence[DayOfReadings], ranges) -> Series:
    bands, marks = [], []
    for day in days:
        low, high = (day.low, day.high) if which == 1 else (day.second_low, day.second_high)
        x, limits = plot.noon(day.day), _limits(day.day, which, ranges)
        bands.append(f"M{x} {plot.y(low)}V{plot.y(high) - 0.1:.1f}")
        marks += [
            _shape(which, side, x, plot.y(value))
            for value, other in ((high, "below"), (low, "above"))
            if (side := _side(value, limits)) not in {"in", other}
        ]
    return Series(which, label, (), "".join(marks), "", "".join(bands))


_LIMITS = ("low", "high", "critical_low", "critical_high")


def _limits(day: date, which: int, ranges: list[TargetRange]) -> tuple:
    """(low, high, critical low, critical high) of that day; each may be None."""
    prefix = "" if which == 1 else "second_"
    for range_ in ranges:
        if range_.starts_on <= day and (range_.ends_on is None or day < range_.ends_on):
            return tuple(getattr(range_, prefix + name) for name in _LIMITS)
    return (None,) * len(_LIMITS)


def _side(value: Decimal, limits) -> str:
    low, high, critical_low, critical_high = limits
    if _over(value, critical_high) or _over(critical_low, value):
        return "critical"
    if _over(value, high):
        return "above"
    return "below" if _over(low, value) else "in"


def _over(value: Decimal | None, bound: Decimal | None) -> bool:
    return value is not None and bound is not None and value > bound


def _shape(which: int, side: str, x: float, y: float) -> str:
    """Above points up, below down, critical has six sides; in range the first series is round, the second square."""
    if side == "critical":
        return f"M{x - 3:.1f} {y - 5.2:.1f}h6l3 5.2l-3 5.2h-6l-3 -5.2z"
    if side == "above":
        return f"M{x} {y - 5:.1f}l4.8 8.5h-9.6z"
    if side == "below":
        return f"M{x} {y + 5:.1f}l4.8 -8.5h-9.6z"
    if which == 1:
        return f"M{x - 3:.1f} {y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"
    return f"M{x - 2.7:.1f} {y - 2.7:.1f}h5.4v5.4h-5.4z"


def _lines(points) -> list[str]:
    """Runs of points without a gap, each as the points of a polyline."""
    runs, before = [], None
    for moment, x, y in points:
        if before is None or moment - before > BREAK:
            runs.append([])
        runs[-1].append(f"{x},{y}")
        before = moment
    return [" ".join(run) for run in runs if len(run) > 1]
