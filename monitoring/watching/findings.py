"""What is found in readings that came in, and in their absence: in as many queries for a thousand as for one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.practice_policies import PolicyBook
from monitoring.findings import Cause, Finding, Severity
from monitoring.models import Reading
from monitoring.ranges import Ranges, says_what_broke
from monitoring.watching.silence import quiet_patients
from monitoring.watching.trends import FURTHEST, Trend, trends

_NO_RANGES = Ranges(())
Policies = Callable[[date], Mapping[str, Any]]


def of_readings(practice, reading_ids: Iterable[UUID], *, at: datetime | None = None) -> list[Finding]:
    """What these readings show, each judged by the range and the policies of its own day, however late it came.

    Excluded readings show nothing. One finding for each patient and measure, and one for each trend that one of them
    is part of, also where a later reading completes it. What was old when it came is no more than a warning, and says
    of when it is. `at`: when a reading that was changed since is looked at. Asked again, it finds the same.
    """
    ids = list(reading_ids)
    given = list(_counted(practice).filter(pk__in=ids).order_by("taken_at", "pk"))
    if not given:
        return []
    ranges = Ranges.of(practice, {row.patient_id for row in given}).by_patient()
    rows = _around(practice, given)
    arrived = _arrived(practice, given, at)
    last = max(row.day for row in rows)
    policies_on = _policies(practice, max([last, *(practice.today(moment) for moment in arrived.values())]))
    late = {row.pk for row in given if _is_old(row, arrived[row.pk], practice, policies_on)}
    return [*_out_of_range(given, ranges, late), *_trends(given, rows, ranges, late, policies_on)]


def of_silence(practice, at: datetime) -> list[Finding]:
    """Who is silent at this moment by the practice's policy."""
    return [
        Finding(patient_id, Cause.SILENCE, Severity.WARNING, quiet.says, at)
        for patient_id, quiet in quiet_patients(practice, at).items()
        if quiet.silent
    ]


def _counted(practice):
    return Reading.objects.for_practice(practice).filter(excluded_reason="")


# Old when it came -----------------------------------------------------------------------------------------------


def _arrived(practice, given: Sequence[Reading], at: datetime | None) -> dict[UUID, datetime]:
    """When each became known as it is now: when it came, or when it was corrected, which is now."""
    return {row.pk: at if at is not None and row.version > 1 else row.received_at for row in given}


def _is_old(row: Reading, arrived: datetime, practice, policies_on: Policies) -> bool:
    """Whether it came too late for anybody to hurry: by the policy of the day on which it came. 0 days is off."""
    days = policies_on(practice.today(arrived))["old_reading_days"]
    return bool(days) and arrived - row.taken_at > timedelta(days=days)


def _says_when(rows: Iterable[Reading]) -> str:
    """Behind what was found in old readings alone."""
    days = sorted(row.day for row in rows)
    taken = f"{days[0]:%d-%b-%Y}" if days[0] == days[-1] else f"{days[0]:%d-%b-%Y} to {days[-1]:%d-%b-%Y}"
    return f". Came late: taken {taken}"


# Out of range ---------------------------------------------------------------------------------------------------


def _out_of_range(
    given: Sequence[Reading], ranges: Mapping[UUID, Ranges], late: set[UUID]
) -> Iterator[Finding]:
    out: dict[tuple[UUID, str], list[tuple[Severity, Reading]]] = defaultdict(list)
    for row in given:
        if severity := _of(ranges, row).judged(row).severity:
            out[row.patient_id, row.measure].append((severity, row))
    for (patient_id, measure), pairs in out.items():
        # Of what came in time before what came late.
        severity, worst = max(
            pairs,
            key=lambda pair: (pair[1].pk not in late, pair[0] is Severity.CRITICAL, pair[1].taken_at),
        )
        more = f"; {len(pairs)} readings out of range together" if len(pairs) > 1 else ""
        when = _says_when(row for _, row in pairs) if worst.pk in late else ""
        yield Finding(
            patient_id,
            Cause.READING,
            Severity.WARNING if worst.pk in late else severity,
            says_what_broke(worst, _of(ranges, worst).on(patient_id, measure, worst.day)) + more + when,
            at=pairs[-1][1].taken_at,
            measure=measure,
            reading_ids=tuple(row.pk for _, row in pairs),
            versions=tuple(row.version for _, row in pairs),
        )


def _of(ranges: Mapping[UUID, Ranges], row: Reading) -> Ranges:
    return ranges.get(row.patient_id, _NO_RANGES)


# Trends ---------------------------------------------------------------------------------------------------------


def _trends(
    given: Sequence[Reading],
    rows: Sequence[Reading],
    ranges: Mapping[UUID, Ranges],
    late: set[UUID],
    policies_on: Policies,
) -> Iterator[Finding]:
    """Those that hold one of the given readings; several of one rule are one finding with all their readings."""
    ids = {row.pk for row in given}
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
            yield _one(patient_id, measure, rule, found, late)


def _one(patient_id: UUID, measure: str, rule: str, found: Sequence[Trend], late: set[UUID]) -> Finding:
    together = {row.pk: row for trend in found for row in trend.readings}
    rows = sorted(together.values(), key=lambda row: (row.taken_at, row.pk))
    latest = found[-1]
    return Finding(
        patient_id,
        Cause.TREND,
        Severity.WARNING,
        latest.says + (_says_when(rows) if latest.last.pk in late else ""),
        at=latest.last.taken_at,
        measure=measure,
        rule=rule,
        reading_ids=tuple(row.pk for row in rows),
        versions=tuple(row.version for row in rows),
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


def _policies(practice, last: date) -> Policies:
    book = PolicyBook(practice, on=last)

    @cache
    def on(day: date) -> Mapping[str, Any]:
        return book.values(on=day)

    return on
