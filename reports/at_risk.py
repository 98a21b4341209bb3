"""Who of an open month will most likely miss what the month before had, or cannot have sixteen days any more.

By the boards' rows and the forecast's curves; nothing is figured anew. By minutes and days alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from boards.months import open_months
from boards.refresh import Freshness, fresh
from foundation.months import last_day, previous_month
from reports.forecast.minutes import curves
from reports.further import lines_of

# Below this chance a line is called unlikely, as the forecast's page has it.
UNLIKELY = 0.2
AT_RISK = """
WITH unlikely AS (
    SELECT line, below FROM unnest(%(lines)s::integer[], %(below)s::integer[]) AS given (line, below)
), before AS (
    SELECT patient_id, seconds FROM boards_patientsummary
    WHERE practice_id = %(practice)s AND month = %(previous)s
    UNION ALL
    SELECT claim.patient_id, (decided.facts->>'clinical_staff_seconds')::int + (decided.facts->>'qhp_seconds')::int
    FROM billing_claim AS claim
    JOIN timelogs_period AS period ON period.id = claim.period_id AND period.state = 'closed'
    JOIN billing_codeselection AS decided ON decided.id = claim.selection_id
    WHERE claim.practice_id = %(practice)s AND period.month = %(previous)s
), had AS (
    SELECT patient_id, max(seconds) AS seconds FROM before GROUP BY patient_id
), found AS (
    SELECT own.patient_id, own.name, own.seconds,
           %(running)s AND coalesce(own.unreachable_from <= %(on)s AND own.window_until >= %(on)s, false) AS lost,
           (SELECT min(line) FROM unlikely WHERE had.seconds >= line * 60 AND own.seconds < below) AS line
    FROM boards_patientsummary AS own LEFT JOIN had USING (patient_id)
    WHERE own.practice_id = %(practice)s AND own.month = %(month)s
      AND NOT EXISTS (SELECT 1 FROM patients_merge m WHERE m.duplicate_id = own.patient_id AND m.undone_at IS NULL)
      AND own.started_on <= %(on)s AND (own.ended_on IS NULL OR own.ended_on > %(on)s)
)
"""
COUNT = f"{AT_RISK} SELECT count(*) FROM found WHERE lost OR line IS NOT NULL"
ROWS = f"""{AT_RISK}
SELECT patient_id, lost, line, seconds, count(*) OVER () FROM found WHERE lost OR line IS NOT NULL
ORDER BY name, patient_id OFFSET %(offset)s LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """`line`: the first line, in minutes, that the month before reached and this one will most likely not."""

    patient_id: UUID
    lost: bool
    line: int | None
    seconds: int

    @property
    def why(self) -> str:
        days = "16 days of the window are out of reach" if self.lost else ""
        time = (
            f"{self.seconds // 60} min; under {self.line} min, which the month before reached"
            if self.line
            else ""
        )
        return "; ".join(filter(None, (time, days)))


@dataclass(frozen=True, slots=True)
class Count:
    """`patients` is None of a month that is not open, and while the boards' rows are only being made. `since`: what
    changed after it is not in the rows yet."""

    patients: int | None = None
    since: datetime | None = None


def count(practice, month: date, *, at: datetime) -> Count:
    known = known_of(practice, month, at=at)
    if known is None or known.missing:
        return Count()
    return Count(_asked(COUNT, _given(practice, month, at))[0][0], known.since)


def behind(practice, month: date, *, at: datetime, offset: int, limit: int) -> tuple[list[AtRisk], int]:
    """They by name, and how many there are."""
    known = known_of(practice, month, at=at)
    if known is None or known.missing:
        return [], 0
    rows = _asked(ROWS, {**_given(practice, month, at), "offset": offset, "limit": limit})
    return [AtRisk(*row[:4]) for row in rows], rows[0][4] if rows else 0


def known_of(practice, month: date, *, at: datetime) -> Freshness | None:
    """How far the rows of the month and of the one before are in step; None where the month is not open, which is not
    begun by being asked for. The newest first: its patients may be waited for, those of the other never are."""
    today = practice.today(at)
    months = open_months(practice, today)
    if month > today or month not in months:
        return None
    asked = [month, *(each for each in months if each == previous_month(month))]
    found = [fresh(practice, each, at=at) for each in asked]
    since = [each.since for each in found if each.since]
    return Freshness(min(since, default=None), missing=any(each.missing for each in found))


def _given(practice, month: date, at: datetime) -> dict[str, Any]:
    today = practice.today(at)
    below = _unlikely_below(practice, month, at)
    return {
        "practice": practice.pk,
        "month": month,
        "previous": previous_month(month),
        "on": min(today, last_day(month)),
        "running": last_day(month) >= today,
        "lines": list(below),
        "below": list(below.values()),
    }


def _unlikely_below(practice, month: date, at: datetime) -> Mapping[int, int]:
    """{line in minutes: the seconds below which it is unlikely}. In a month that is over only late time is added."""
    lines = lines_of(month)
    if last_day(month) < practice.today(at):
        return {line: line * 60 for line in lines}
    known = curves(practice, at=at) if lines else {}
    return {line: 60 * known[line].below(UNLIKELY, line) for line in lines if line in known}


def _asked(sql: str, given: Mapping[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
