"""Where the running month's counted time will probably end, by where past months stood so many days before theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from foundation.months import bounds, last_day, midnight, next_month, previous_month
from reports.forecast.curve import ENOUGH, Curve, learned
from timelogs.counting.totals import LINES

PAST = 6
# Past the last line minutes tell nothing more.
MOST = LINES[-1] + 1
STOOD = """
WITH months AS (
    SELECT month, starts_at, cut_at, cut_on
    FROM unnest(%(months)s::date[], %(starts)s::timestamptz[], %(cuts)s::timestamptz[], %(days)s::date[])
        AS given (month, starts_at, cut_at, cut_on)
), enrolled AS (
    SELECT months.*, enrollment.patient_id
    FROM months JOIN patients_enrollment AS enrollment
        ON enrollment.practice_id = %(practice)s AND enrollment.started_on <= cut_on
        AND (enrollment.ended_on IS NULL OR enrollment.ended_on > cut_on)
), stood AS (
    SELECT enrolled.month,
           coalesce(sum(extract(epoch FROM least(upper(during), cut_at) - lower(during)))
                    FILTER (WHERE lower(during) < cut_at), 0) AS before,
           coalesce(sum(extract(epoch FROM upper(during) - lower(during))), 0) AS whole
    FROM enrolled
    LEFT JOIN timelogs_patientmonth AS own ON own.patient_id = enrolled.patient_id AND own.month = enrolled.month
    LEFT JOIN timelogs_countedinterval AS interval ON interval.patient_month_id = own.id AND interval.standing
    GROUP BY enrolled.month, enrolled.patient_id
)
SELECT month, least(floor(before / 60), %(most)s)::integer, least(floor(whole / 60), %(most)s)::integer, count(*),
       sum(whole - before)::float
FROM stood GROUP BY 1, 2, 3
"""
# Below each, months are alike enough to say how much time they went on to take.
GROUPS = (1, 10, 20, 40, 60)


@dataclass(frozen=True, slots=True)
class Stood:
    """So many patient-months that had `before` minutes then and came to `whole`; `seconds` were counted in between."""

    before: int
    whole: int
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """Patients of the running month by their chance to reach a line; `expected` of all will. None: not known."""

    minutes: int
    there: int
    likely: int
    open: int
    unlikely: int
    expected: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds`: what past months, from where these stand, went on to take. `cases`: past months behind it."""

    month: date
    patients: int
    cases: int
    lines: tuple[Line, ...]
    seconds: float | None


def forecast(practice, *, at: datetime) -> Forecast:
    """As of this morning: what was counted today is added only where a line is reached."""
    today = practice.today(at)
    past, now = _stood(practice, today)
    return Forecast(
        month=today.replace(day=1),
        patients=sum(each.count for each in now),
        cases=sum(each.count for each in past),
        lines=tuple(_line(minutes, curve_of(past, minutes), now) for minutes in LINES),
        seconds=_seconds(past, now),
    )


def curves(practice, *, at: datetime) -> dict[int, Curve]:
    """{line in minutes: the chance to reach it}, as of today."""
    past, _ = _stood(practice, practice.today(at))
    return {minutes: curve_of(past, minutes) for minutes in LINES}


def curve_of(past: Iterable[Stood], minutes: int) -> Curve:
    """The chance to reach a line, of months that had not reached it yet."""
    counted: dict[int, list[int]] = {}
    for each in past:
        if each.before < minutes:
            row = counted.setdefault(each.before, [0, 0])
            row[0] += each.count
            row[1] += each.count * (each.whole >= minutes)
    return learned((before, n, reached) for before, (n, reached) in counted.items())


def _line(minutes: int, curve: Curve, now: Sequence[Stood]) -> Line:
    there = sum(each.count for each in now if each.whole >= minutes)
    rest = [(curve.chance(each.before), each.count) for each in now if each.whole < minutes]
    known = [(chance, count) for chance, count in rest if chance is not None]
    return Line(
        minutes,
        there,
        likely=sum(n for chance, n in known if chance >= 0.8),
        open=sum(n for chance, n in known if 0.2 <= chance < 0.8),
        unlikely=sum(n for chance, n in known if chance < 0.2),
        expected=there + sum(chance * n for chance, n in known) if len(known) == len(rest) else None,
    )


def _seconds(past: Sequence[Stood], now: Sequence[Stood]) -> float | None:
    """By group of minutes so far: the mean of the past, for each who stands there now."""
    taken: dict[int, list[float]] = {}
    for each in past:
        row = taken.setdefault(_group(each.before), [0, 0])
        row[0] += each.count
        row[1] += each.seconds
    groups = {_group(each.before) for each in now}
    if not all(taken.get(group, [0])[0] >= ENOUGH for group in groups):
        return None
    return sum(each.count * taken[_group(each.before)][1] / taken[_group(each.before)][0] for each in now)


def _group(minutes: int) -> int:
    return sum(minutes >= edge for edge in GROUPS)


def _stood(practice, today: date) -> tuple[list[Stood], list[Stood]]:
    """Past months as many days before their end as we are now, and the running one."""
    this, left = today.replace(day=1), (next_month(today) - today).days
    months = [this]
    while len(months) <= PAST:
        months.append(previous_month(months[-1]))
    # A month shorter than what is left begins with its first day.
    days = [max(last_day(month) - timedelta(days=left - 1), month) for month in months]
    found: tuple[list[Stood], list[Stood]] = ([], [])
    for month, *row in _asked(practice, months, days):
        found[month == this].append(Stood(*row))
    return found


def _asked(practice, months: Sequence[date], days: Sequence[date]) -> list[tuple[Any, ...]]:
    given = {
        "practice": practice.pk,
        "months": list(months),
        "starts": [bounds(month, tz=practice.tz)[0] for month in months],
        "cuts": [midnight(day, tz=practice.tz) for day in days],
        "days": list(days),
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(STOOD, given)
        return cursor.fetchall()
