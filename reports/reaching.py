"""Whom calls reached in a month: by hour of the day, how many tries a contact took, and who was not reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import connection

from foundation.months import bounds
from reports.tables import Cell, Column, Figure, Kind, Table, address, bars, share, span
from timelogs.models import LIVE_METHODS, Method, Party

CALLED = "reports:calls"
# Tries before a call are looked for this far back, whatever months are asked for.
BACK = 90
# Calls and video alone: in person nobody is tried for. A call of a session is one, answered or not.
CALLS = """
calls AS (
    SELECT entry.id AS entry_id, entry.patient_id, coalesce(entry.contact_started_at, entry.started_at) AS at,
           entry.method = ANY(%(live)s) AS answered
    FROM accounts_membership AS author
    JOIN timelogs_timeentry AS entry ON entry.author_id = author.id AND entry.status = 'signed'
        AND entry.started_at >= %(starts_at)s - interval '{back} days' AND entry.started_at < %(ends_at)s
    WHERE author.practice_id = %(practice)s AND entry.practice_id = %(practice)s
      AND entry.method = ANY(%(methods)s) AND entry.party = ANY(%(parties)s)
), runs AS (
    -- Tries since the patient's last answered call belong to the next one that is answered.
    SELECT calls.*, count(*) FILTER (WHERE answered) OVER (PARTITION BY patient_id ORDER BY at
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS run
    FROM calls
), here AS (
    SELECT runs.*, count(*) FILTER (WHERE NOT answered) OVER (PARTITION BY patient_id, run ORDER BY at
           RANGE BETWEEN interval '{back} days' PRECEDING AND CURRENT ROW) AS tries
    FROM runs
)
""".replace("{back}", str(BACK))
BY_HOUR = f"""WITH {CALLS}
SELECT extract(hour FROM at AT TIME ZONE %(zone)s)::integer AS hour, count(*), count(*) FILTER (WHERE answered)
FROM here WHERE at >= %(starts_at)s AND at < %(ends_at)s GROUP BY 1 ORDER BY 1
"""
BY_TRIES = f"""WITH {CALLS}
SELECT tries, count(*) FROM here WHERE answered AND at >= %(starts_at)s AND at < %(ends_at)s GROUP BY 1 ORDER BY 1
"""
UNREACHED = f"""WITH {CALLS}, mine AS (
    SELECT patient_id, count(*) AS called, count(*) FILTER (WHERE answered) AS answered, max(at) AS last_at,
           (array_agg(tries ORDER BY at DESC))[1] AS tries, (array_agg(answered ORDER BY at DESC))[1] AS reached
    FROM here WHERE at >= %(starts_at)s AND at < %(ends_at)s GROUP BY patient_id
)
SELECT patient_id, called, answered, tries, last_at, count(*) OVER () FROM mine WHERE NOT reached
ORDER BY tries DESC, last_at, patient_id OFFSET %(offset)s LIMIT %(limit)s
"""
# The sessions behind a number: those of an hour, or the answered ones that took so many tries.
BEHIND = f"""WITH {CALLS}
SELECT entry_id, count(*) OVER () FROM here
WHERE at >= %(starts_at)s AND at < %(ends_at)s AND answered = %(answered)s
  AND (%(hour)s::integer IS NULL OR extract(hour FROM at AT TIME ZONE %(zone)s) = %(hour)s)
  AND (%(tries)s::integer IS NULL OR tries = %(tries)s)
ORDER BY at DESC, entry_id OFFSET %(offset)s LIMIT %(limit)s
"""
# So few calls of an hour say nothing of it.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Unreached:
    """A patient whose last call of the month was not answered. `tries` since the last that was."""

    patient_id: UUID
    called: int
    answered: int
    tries: int
    last_at: datetime


def _asked(practice, month: date, sql: str, *, since: date | None = None, **more) -> list[tuple]:
    starts_at, ends_at = bounds(since or month, tz=practice.tz)[0], bounds(month, tz=practice.tz)[1]
    live = sorted(LIVE_METHODS - {Method.IN_PERSON})
    given = {
        "practice": practice.pk,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "zone": practice.time_zone,
        "live": list(map(str, live)),
        "methods": [*map(str, live), str(Method.NO_ANSWER)],
        "parties": [str(Party.PATIENT), str(Party.CAREGIVER)],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given | more)
        return cursor.fetchall()


def tables(practice, month: date, since: date | None = None) -> list[Table]:
    """By hour of the day, and by the tries that a contact took."""
    opens = partial(_opens, month, since)
    return [
        _by_hour(_asked(practice, month, BY_HOUR, since=since), opens),
        _by_tries(_asked(practice, month, BY_TRIES, since=since), opens),
    ]


def _by_hour(found: Sequence[tuple[int, int, int]], opens: Callable[..., Cell]) -> Table:
    columns = (
        Column("hour", "Hour", Kind.TEXT),
        Column("answered", "Answered"),
        Column("not_answered", "Not answered"),
        Column("per_cent", "Answered, share", Kind.SHARE),
    )
    rows = [
        (
            Cell(f"{hour:02d}:00–{hour:02d}:59", code=f"{hour:02d}"),
            opens(answered, hour=hour, answered=1),
            opens(called - answered, hour=hour, answered=0),
            Cell(share(answered, called)),
        )
        for hour, called, answered in found
    ]
    called, answered = sum(row[1] for row in found), sum(row[2] for row in found)
    figure = Figure(
        "Calls by hour of the practice’s day", bars(rows, columns, 1, 2), "answered", "not answered"
    )
    return Table(
        "hours",
        "Calls by hour",
        columns,
        rows,
        total=(
            Cell("All"),
            opens(answered, answered=1),
            opens(called - answered, answered=0),
            Cell(share(answered, called)),
        ),
        figure=figure if rows else None,
        note=best_hour(found),
        empty="No call was noted.",
    )


def best_hour(found: Sequence[tuple[int, int, int]]) -> str:
    """The hour at which the largest share was answered, of those with enough calls."""
    known = [(answered / called, -hour, called) for hour, called, answered in found if called >= ENOUGH]
    if not known:
        return f"No hour has {ENOUGH} calls yet: too few to say which is best."
    part, hour, called = max(known)
    return (
        f"Most often answered from {-hour:02d}:00 to {-hour:02d}:59: {round(100 * part)} % of {called} calls."
    )


def _by_tries(found: Sequence[tuple[int, int]], opens: Callable[..., Cell]) -> Table:
    columns = (Column("tries", "Tries before it", Kind.TEXT), Column("contacts", "Answered calls"))
    rows = [
        (
            Cell(str(tries) if tries else "None", code=str(tries)),
            opens(count, tries=tries, answered=1),
        )
        for tries, count in found
    ]
    note = f"Tries since the patient’s last answered call, looked for {BACK} days back."
    return Table(
        "tries",
        "Tries until an answer",
        columns,
        rows,
        note=note,
        empty="No call was answered.",
    )


def _opens(month: date, since: date | None, count: int, **chosen: int) -> Cell:
    return Cell(count, address(CALLED, month, **span(since), **chosen) if count else "")


def sessions(
    practice,
    month: date,
    *,
    since: date | None = None,
    hour: int | None,
    tries: int | None,
    answered: bool,
    offset: int,
    limit: int,
) -> tuple[list[UUID], int]:
    """The sessions of a number, the latest first, and how many there are."""
    chosen = {"hour": hour, "tries": tries, "answered": answered, "offset": offset, "limit": limit}
    rows = _asked(practice, month, BEHIND, since=since, **chosen)
    return [row[0] for row in rows], rows[0][1] if rows else 0


def unreached(practice, month: date, *, offset: int, limit: int) -> tuple[list[Unreached], int]:
    """Those with most tries first, and how many there are."""
    rows = _asked(practice, month, UNREACHED, offset=offset, limit=limit)
    return [Unreached(*row[:5]) for row in rows], rows[0][5] if rows else 0
