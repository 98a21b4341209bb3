"""What a policy of watching would have found in the week before, had it held then. Reads only, and bounded."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from monitoring.models import Reading
from monitoring.ranges import Ranges
from monitoring.watching.silence import quiet_patients
from monitoring.watching.trends import WEIGHT_GAIN, trends
from patients.models import Measure
from patients.selectors import enrolled

WEEK = timedelta(days=7)
# Whose readings one request looks at.
MOST_PATIENTS = 300


def silent_counts(practice, at, days: tuple[int, int]) -> tuple[int, int]:
    """How many are silent at this moment by each number of days; 0 is off."""
    quiet = [each.days for each in quiet_patients(practice, at).values()]
    before, after = (sum(bool(n) and found >= n for found in quiet) for n in days)
    return before, after


def whom(practice, today: date) -> tuple[list[UUID], int]:
    """(The patients looked at, how many are enrolled)."""
    ids = sorted(enrolled(practice, today))
    return ids[:MOST_PATIENTS], len(ids)


def trend_counts(
    practice, today: date, patient_ids: list[UUID], both: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> tuple[Counter, Counter]:
    """For each set of policies: {kind of trend: in how many measures of patients it was completed in the week}."""
    furthest = max(max(values["weight_gain_days"], values["repeated_days"]) for values in both)
    rows = Reading.objects.for_practice(practice).filter(
        patient__in=patient_ids,
        excluded_reason="",
        day__gt=today - WEEK - timedelta(days=furthest),
        day__lte=today,
    )
    series: dict[tuple[UUID, str], list[Reading]] = defaultdict(list)
    for row in rows.order_by("taken_at", "pk"):
        series[row.patient_id, row.measure].append(row)
    ranges = Ranges.of(practice, patient_ids).by_patient()
    before, after = (_count(series, ranges, values, since=today - WEEK) for values in both)
    return before, after


def _count(series, ranges: Mapping[UUID, Ranges], values: Mapping[str, Any], *, since: date) -> Counter:
    found: Counter = Counter()
    for (patient_id, _), rows in series.items():
        own = ranges.get(patient_id, Ranges(()))
        standings = [own.standing(row) for row in rows]
        recent = [each for each in trends(rows, standings, lambda _: values) if each.last.day > since]
        found.update({_kind(each.rule) for each in recent})
    return found


def _kind(rule: str) -> str:
    return Measure.WEIGHT if rule == WEIGHT_GAIN else "repeated"
