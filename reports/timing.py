"""A month's worked seconds in SQL, each once: counted, or under the reason for which it is not. The same as the month's
totals, for the whole practice at once, of which nothing comes to Python but sums and the rows of one page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.practice_policies import policies_for
from billing.decisions.second_count import DAYS, PAPERS
from foundation.months import bounds, last_day, next_month, previous_month
from timelogs.counting.counted import countable_activities

COUNTED, UNSIGNED = "counted", "not-signed"
# Signed, and under whatever reason not counted.
LEFT_OUT = "left-out"
_CHOSEN, _TIME = ((Path(__file__).parent / "sql" / name).read_text() for name in ("chosen.sql", "time.sql"))
TIME = f"{DAYS}, {_CHOSEN}, {PAPERS}, {_TIME}"


@dataclass(frozen=True, slots=True)
class Cell:
    """The exact seconds of one person in one role, activity, class of evidence, week and outcome (`why`)."""

    staff_id: UUID
    name: str
    role: str
    activity: str
    evidence: str
    week: date
    why: str
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class Worked:
    """A session's seconds in the month: those asked for, and all of them."""

    entry_id: UUID
    began: datetime
    seconds: int
    whole: int


def given(practice, month: date, since: date | None = None) -> dict[str, Any]:
    """What the SQL of `TIME` asks for, of the month or of all from `since` to it, which have the same policies."""
    ends_at = bounds(month, tz=practice.tz)[1]
    first = since or month
    return _policies(practice, month) | {
        "practice": practice.pk,
        "starts_at": bounds(first, tz=practice.tz)[0],
        "ends_at": ends_at,
        "first": first,
        "next": next_month(month),
        "zone": practice.time_zone,
    }


def _policies(practice, month: date) -> dict[str, Any]:
    """What decides which time of a month counts."""
    policies = policies_for(practice, on=last_day(month))
    return {
        "activities": sorted(map(str, countable_activities(practice, on=month))),
        "transcripts": policies["transcripts"],
        "visits_out": policies["same_day_visit"] != "count",
    }


def spans(practice, since: date, month: date) -> list[tuple[date, date]]:
    """The months from `since` to `month` as runs, (first, last), of those with the same policies, the latest first."""
    found = [(month, month)]
    policies = _policies(practice, month)
    while (first := found[-1][0]) > since:
        before = previous_month(first)
        if (theirs := _policies(practice, before)) == policies:
            found[-1] = (before, found[-1][1])
        else:
            found.append((before, before))
            policies = theirs
    return found


def asked(
    practice, month: date, select: str, more: Mapping[str, Any] | None = None, *, since: date | None = None
) -> list[tuple]:
    """The rows of a query on `shares`."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {TIME} {select}", {**given(practice, month, since), **(more or {})})
        return cursor.fetchall()


_DAY = "(lower(during) AT TIME ZONE %(zone)s)::date"


def _monday(day: str) -> str:
    """The one on or before; 1 January 1900 was one. For each segment of a month it is quicker than `date_trunc`."""
    return f"{day} - ({day} - date '1900-01-01') %% 7"


CELLS = f"""
SELECT staff_id, person.name, role, activity, evidence, week, why, seconds
FROM (SELECT staff_id, role, activity, evidence, {_monday("day")} AS week, why, extract(epoch FROM sum(took)) AS seconds
      FROM (SELECT shares.*, {_DAY} AS day FROM shares) AS dated GROUP BY 1, 2, 3, 4, 5, 6) AS sums
JOIN accounts_user AS person ON person.id = staff_id
"""


def cells(practice, month: date, since: date | None = None) -> list[Cell]:
    """The month, or all from `since` to it, by person, role, activity, evidence, week and outcome. A segment is of the
    week in which it begins."""
    runs = spans(practice, since or month, month)
    return [Cell(*row) for first, last in runs for row in asked(practice, last, CELLS, since=first)]


# The sessions behind a number. Each name is a condition on `shares`; one that was not asked for holds for every row.
CONDITIONS = {
    "staff": "staff_id = %(staff)s",
    "role": "role = %(role)s",
    "activity": "activity = %(activity)s",
    "evidence": "evidence = %(evidence)s",
    "why": "why = %(why)s",
    "week": f"{_monday(_DAY)} = %(week)s",
    "day": f"{_DAY} = %(day)s",
    # Some of it between 22:00 and 06:00.
    "night": """(
        (lower(during) AT TIME ZONE %(zone)s)::time NOT BETWEEN '06:00' AND '21:59:59.999999'
        OR (upper(during) AT TIME ZONE %(zone)s)::time > '22:00'
        OR (upper(during) AT TIME ZONE %(zone)s)::date > (lower(during) AT TIME ZONE %(zone)s)::date)""",
}
SESSIONS = """
, found AS (
    SELECT entry_id, min(lower(during)) AS began, extract(epoch FROM sum(took) FILTER (WHERE {chosen})) AS seconds,
           extract(epoch FROM sum(took)) AS whole
    FROM shares GROUP BY entry_id HAVING bool_or({chosen})
)
SELECT entry_id, began, floor(seconds)::integer, floor(whole)::integer, count(*) OVER () FROM found
ORDER BY began DESC, entry_id OFFSET %(offset)s LIMIT %(limit)s
"""


def sessions(
    practice, month: date, chosen: Mapping[str, Any], *, since: date | None = None, offset: int, limit: int
) -> tuple[list[Worked], int]:
    """Those with time of the kind that was chosen, the latest first, and how many there are.

    Where policies changed on the way, a session over that midnight is told with each of its parts.
    """
    runs = spans(practice, since or month, month)
    select = _select_of(chosen)
    if len(runs) == 1:
        return _sessions(practice, *runs[0], select, {**chosen, "offset": offset, "limit": limit})
    found, before = [], 0
    for first, last in runs:
        ask = partial(_sessions, practice, first, last, select)
        _, whole = ask({**chosen, "offset": 0, "limit": 1})
        if before < offset + limit and before + whole > offset:
            here = {"offset": max(offset - before, 0), "limit": limit - len(found)}
            found += ask({**chosen, **here})[0]
        before += whole
    return found, before if found else 0


def _select_of(chosen: Mapping[str, Any]) -> str:
    conditions = [CONDITIONS[name] for name in chosen]
    if "why" not in chosen:
        conditions.append(f"why <> '{UNSIGNED}'")
    elif chosen["why"] == LEFT_OUT:
        conditions[list(chosen).index("why")] = f"why NOT IN ('{COUNTED}', '{UNSIGNED}')"
    return SESSIONS.format(chosen=" AND ".join(conditions))


def _sessions(
    practice, first: date, last: date, select: str, more: Mapping[str, Any]
) -> tuple[list[Worked], int]:
    rows = asked(practice, last, select, more, since=first)
    return [Worked(*row[:4]) for row in rows], rows[0][4] if rows else 0
