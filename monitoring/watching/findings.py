"""What is found in readings that came in, and in their absence: in as many queries for a thousand as for one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.practice_policies import PolicyBook
from monitoring.findings import Cause, Finding, Severity
from monitoring.models import Reading
from monitoring.ranges import Judged, Ranges, says_what_broke
from monitoring.watching.silence import quiet_patients
from monitoring.watching.trends import FURTHEST, Trend, trends

_NO_RANGES = Ranges(())


def of_readings(practice, reading_ids: Iterable[UUID]) -> list[Finding]:
    """What these readings show, each judged by the range and the policies of its own day, however late it came.

    Excluded readings show nothing. One finding for each patient and measure, and one for each trend that one of them
    is part of, also where a later reading completes it. Asked again, it finds the same.
    """
    ids = list(reading_ids)
    given = list(_counted(practice).filter(pk__in=ids).order_by("taken_at", "pk"))
    if not given:
        return []
    ranges = Ranges.of(practice, {row.patient_id for row in given}).by_patient()
    return [*_out_of_range(given, ranges), *_trends(practice, given, ranges)]


def of_silence(practice, at: datetime) -> list[Finding]:
    """Who is silent at this moment by the practice's policy."""
    return [
        Finding(patient_id, Cause.SILENCE, Severity.WARNING, quiet.says, at)
        for patient_id, quiet in quiet_patients(practice, at).items()
        if quiet.silent
    ]


def _counted(practice):
    return Reading.objects.for_practice(practice).filter(excluded_reason="")


# Out of range ---------------------------------------------------------------------------------------------------


def _out_of_range(given: Sequence[Reading], ranges: Mapping[UUID, Ranges]) -> Iterator[Finding]:
    out: dict[tuple[UUID, str], list[tuple[Judged, Reading]]] = defaultdict(list)
    for row in given:
        judged = _of(ranges, row).judged(row)
        if judged.severity:
            out[row.patient_id, row.measure].append((judged, row))
    for (patient_id, measure), pairs in out.items():
        judged, worst = max(pairs, key=lambda pair: (pair[0].severity is Severity.CRITICAL, pair[1].taken_at))
        more = f"; {len(pairs)} readings out of range together" if len(pairs) > 1 else ""
        yield Finding(
            patient_id,
            Cause.READING,
            judged.severity,
            says_what_broke(worst, _of(ranges, worst).on(patient_id, measure, worst.day)) + more,
            at=pairs[-1][1].taken_at,
            measure=measure,
            reading_ids=tuple(row.pk for _, row in pairs),
        )


def _of(ranges: Mapping[UUID, Ranges], row: Reading) -> Ranges:
    return ranges.get(row.patient_id, _NO_RANGES)


# Trends ---------------------------------------------------------------------------------------------------------


def _trends(practice, given: Sequence[Reading], ranges: Mapping[UUID, Ranges]) -> Iterator[Finding]:
    """Those that hold one of the given readings; several of one rule are one finding with all their readings."""
    ids = {row.pk for row in given}
    rows = _around(practice, given)
    policies_on = _policies(practice, max(row.day for row in rows))
    series: dict[tuple[UUID, str], list[Reading]] = defaultdict(list)
    for row in rows:
        series[row.patient_id, row.measure].append(row)
    for (patient_id, measure), own in series.items():
        standings = [_of(ranges, row).standing(row) for row in own]
        by_rule: dict[str, list[Trend]] = defaultdict(list)
        for trend in trends(own, standings, policies_on):
            if any(row.pk in ids for row in trend.readings):
                by_rule[trend.rule].append(trend)
        for rule, found in by_rule.items():
            yield _one(patient_id, measure, rule, found)


def _one(patient_id: UUID, measure: str, rule: str, found: Sequence[Trend]) -> Finding:
    together = {row.pk: row for trend in found for row in trend.readings}
    rows = sorted(together.values(), key=lambda row: (row.taken_at, row.pk))
    latest = found[-1]
    return Finding(
        patient_id,
        Cause.TREND,
        Severity.WARNING,
        latest.says,
        at=latest.last.taken_at,
        measure=measure,
        rule=rule,
        reading_ids=tuple(row.pk for row in rows),
    )


def _around(practice, given: Sequence[Reading]) -> list[Reading]:
    """The given readings and those of their patients and measures so near that a trend could hold both."""
    near = Reading.objects.filter(
        pk__in=[row.pk for row in given],
        patient=OuterRef("patient"),
        measure=OuterRef("measure"),
        day__gte=OuterRef("day") - FURTHEST,
        day__lte=OuterRef("day") + FURTHEST,
    )
    rows = _counted(practice).filter(
        patient__in={row.patient_id for row in given},
        day__gte=min(row.day for row in given) - FURTHEST,
        day__lte=max(row.day for row in given) + FURTHEST,
    )
    return list(rows.filter(Exists(near)).order_by("taken_at", "pk"))


def _policies(practice, last: date):
    book = PolicyBook(practice, on=last)

    @cache
    def on(day: date) -> Mapping[str, Any]:
        return book.values(on=day)

    return on
