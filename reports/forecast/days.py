"""How many of the device windows that run will probably have sixteen days, by how past stretches of 30 days went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from reports.forecast.curve import NEEDED, Curve, days_chance, days_learned

# Stretches of the past, and patients whose stretches are looked at: what is learned needs no more.
STRETCHES, PATIENTS = 4, 500
PAST = """
WITH stretches AS (
    SELECT number, %(today)s::date - 30 * number - 1 AS until, %(today)s::date - 30 * number - 31 AS since
    FROM generate_series(0, %(stretches)s - 1) AS number
), people AS (
    SELECT DISTINCT patient_id FROM patients_enrollment WHERE practice_id = %(practice)s
    ORDER BY patient_id LIMIT %(patients)s
), whom AS (
    -- Enrolled all the while, with a device that had sent before.
    SELECT number, since, until, enrollment.patient_id
    FROM stretches CROSS JOIN people
    JOIN patients_enrollment AS enrollment ON enrollment.patient_id = people.patient_id
        AND enrollment.started_on <= since AND (enrollment.ended_on IS NULL OR enrollment.ended_on > until)
    WHERE EXISTS (SELECT 1 FROM monitoring_reading AS reading
                  WHERE reading.practice_id = %(practice)s AND reading.patient_id = enrollment.patient_id
                    AND reading.day <= since + 1 AND reading.source <> 'typed' AND reading.excluded_reason = '')
), sent AS (
    SELECT number, whom.patient_id, reading.device_id,
           array_agg(DISTINCT reading.day - since) FILTER (WHERE reading.day IS NOT NULL) AS days
    FROM whom LEFT JOIN monitoring_reading AS reading
        ON reading.practice_id = %(practice)s AND reading.patient_id = whom.patient_id
        AND reading.day > since AND reading.day <= until AND reading.source <> 'typed' AND reading.excluded_reason = ''
    GROUP BY 1, 2, 3
)
SELECT DISTINCT ON (number, patient_id) coalesce(days, '{}') FROM sent
ORDER BY number, patient_id, cardinality(days) DESC NULLS LAST
"""
NOW = """
SELECT least(device_days, %(needed)s), window_until - %(today)s::date,
       coalesce(unreachable_from <= %(today)s::date, false), count(*)
FROM boards_patientsummary
WHERE practice_id = %(practice)s AND month = %(month)s AND window_until >= %(today)s::date
  AND started_on <= %(today)s::date AND (ended_on IS NULL OR ended_on > %(today)s::date)
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Window:
    """So many windows that have `had` days, and `left` after today. `lost`: sixteen are out of reach."""

    had: int
    left: int
    lost: bool
    count: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Patients with a window that runs, by their chance of sixteen days.

    `last_days`: {day: patients for whom a reading has to come on it and on each day after}.
    """

    patients: int
    there: int
    likely: int
    open: int
    unlikely: int
    lost: int
    expected: float | None
    last_days: dict[date, int]


def forecast(practice, *, today: date) -> Forecast:
    """Of the windows as the boards know them."""
    given = {
        "practice": practice.pk,
        "today": today,
        "month": today.replace(day=1),
        "needed": NEEDED,
        "stretches": STRETCHES,
        "patients": PATIENTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAST, given)
        past = [days for (days,) in cursor.fetchall()]
        cursor.execute(NOW, given)
        now = [Window(*row) for row in cursor.fetchall()]
    return summed(days_learned(past), now, today=today)


def summed(curves: Sequence[Curve], now: Sequence[Window], *, today: date) -> Forecast:
    """Windows by their chance."""
    running = [each for each in now if not each.lost and each.had < NEEDED]
    # Today may still bring one: with none left after it, it alone may be the sixteenth.
    chances = [
        (days_chance(curves, each.had, max(each.left, NEEDED - each.had)), each.count) for each in running
    ]
    there = sum(each.count for each in now if each.had >= NEEDED)
    known = [(chance, count) for chance, count in chances if chance is not None]
    return Forecast(
        patients=sum(each.count for each in now),
        there=there,
        likely=sum(n for chance, n in known if chance >= 0.8),
        open=sum(n for chance, n in known if 0.2 <= chance < 0.8),
        unlikely=sum(n for chance, n in known if chance < 0.2),
        lost=sum(each.count for each in now if each.lost and each.had < NEEDED),
        expected=there + sum(chance * n for chance, n in known) if len(known) == len(chances) else None,
        last_days=_last_days(running, today),
    )


def _last_days(running: Sequence[Window], today: date) -> dict[date, int]:
    """The day on which sixteen are out of reach unless a reading came on it and on each day after."""
    found: dict[date, int] = {}
    for each in running:
        day = max(today + timedelta(days=each.left - (NEEDED - each.had) + 1), today)
        found[day] = found.get(day, 0) + each.count
    return dict(sorted(found.items()))
