"""The figure of one measure over some days, as points and lines ready to draw: no canvas, no script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from foundation.months import midnight
from monitoring.models import Reading, Source
from patients.labels import number
from patients.models import Measure, TargetRange

WIDTH, HEIGHT = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 26
# A line between two points further apart would claim days nobody measured.
BREAK = timedelta(days=2)
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of the range over the days it was in effect."""

    x1: float
    x2: float
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: a path whose shape says above, below or in range; hollow when it was typed in."""

    path: str
    typed: bool


@dataclass(frozen=True, slots=True)
class Series:
    number: int
    label: str
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    limits: tuple[Limit, ...]
    series: tuple[Series, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def draw(
    rows: Sequence[Reading], ranges: Iterable[TargetRange], *, since: date, until: date, tz
) -> Figure | None:
    """`rows` are of one measure, oldest first, `ranges` of the same; days where the patient lives. None if empty."""
    if not rows:
        return None
    own = [row for row in ranges if row.starts_on <= until and (row.ends_on is None or row.ends_on > since)]
    plot = _Plot(since, until, tz, _values(rows, own))
    return Figure(
        x_ticks=tuple(plot.x_ticks()),
        y_ticks=tuple(plot.y_ticks()),
        limits=tuple(limit for row in own for limit in plot.limits(row)),
        series=tuple(_series(plot, rows, own)),
    )


def _values(rows, ranges) -> list[Decimal]:
    shown = [value for row in rows for value in (row.value, row.second_value)]
    bounds = [bound for row in ranges for bound in (row.low, row.high, row.second_low, row.second_high)]
    return [value for value in [*shown, *bounds] if value is not None]


class _Plot:
    """Maps moments and values to the drawing's coordinates."""

    def __init__(self, since: date, until: date, tz, values: list[Decimal]):
        self.since, self.until, self.tz = since, until, tz
        self.start, self.end = midnight(since, tz=tz), midnight(until + timedelta(days=1), tz=tz)
        low, high = float(min(values)), float(max(values))
        self.step = next((s for s in _STEPS if (high - low) / s <= 6), _STEPS[-1])
        self.low = (low // self.step) * self.step
        self.high = max(-(-high // self.step) * self.step, self.low + self.step)

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

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
        first, last = max(row.starts_on, self.since), min(row.ends_on or self.until, self.until)
        x1, x2 = self.x(midnight(first, tz=self.tz)), self.x(midnight(last + timedelta(days=1), tz=self.tz))
        for bound in (row.low, row.high, row.second_low, row.second_high):
            if bound is not None:
                yield Limit(x1, min(x2, WIDTH - RIGHT), self.y(bound))


def _series(plot: _Plot, rows: Sequence[Reading], ranges: list[TargetRange]):
    pressure = rows[0].measure == Measure.BLOOD_PRESSURE
    yield _one(plot, 1, "Systolic" if pressure else Measure(rows[0].measure).label, rows, ranges)
    if pressure:
        yield _one(plot, 2, "Diastolic", rows, ranges)


def _one(plot: _Plot, which: int, label: str, rows: Sequence[Reading], ranges: list[TargetRange]) -> Series:
    points, marks = [], []
    for row in rows:
        value = row.value if which == 1 else row.second_value
        x, y = plot.x(row.taken_at), plot.y(value)
        points.append((row.taken_at, x, y))
        marks.append(
            Mark(_shape(which, _side(value, _bounds(row, which, ranges)), x, y), row.source == Source.TYPED)
        )
    return Series(which, label, tuple(_lines(points)), tuple(marks))


def _bounds(row: Reading, which: int, ranges: list[TargetRange]):
    for range_ in ranges:
        if range_.starts_on <= row.day and (range_.ends_on is None or row.day < range_.ends_on):
            return (range_.low, range_.high) if which == 1 else (range_.second_low, range_.second_high)
    return None, None


def _side(value: Decimal, bounds) -> str:
    low, high = bounds
    if high is not None and value > high:
        return "above"
    return "below" if low is not None and value < low else "in"


def _shape(which: int, side: str, x: float, y: float) -> str:
    """Above points up, below points down; in range the first series is round, the second square."""
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
