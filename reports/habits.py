"""How each person's time of a month lies: by day, at night, in what lengths, and how it was written. In SQL."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from foundation.months import bounds, last_day
from timelogs.counting.totals import LINES

# Signed sessions that began in the month, by their authors, with the month's total before each signature and after it.
SIGNED = """
signed AS (
    SELECT entry.id, entry.started_at, entry.seconds_signed, entry.late, author.user_id AS staff_id,
           entry.cumulative_seconds AS after,
           coalesce(lag(entry.cumulative_seconds) OVER (
               PARTITION BY entry.patient_id ORDER BY entry.signed_at, entry.id), 0) AS before,
           EXISTS (SELECT 1 FROM timelogs_timesegment AS segment
                   WHERE segment.entry_id = entry.id AND segment.standing AND segment.source = 'manual') AS by_hand
    FROM accounts_membership AS author
    JOIN timelogs_timeentry AS entry ON entry.author_id = author.id AND entry.status = 'signed'
        AND entry.started_at >= %(starts_at)s AND entry.started_at < %(ends_at)s
    WHERE author.practice_id = %(practice)s AND entry.practice_id = %(practice)s
), crossing AS (
    -- The line that a signature took the month's total over: the last one, if several.
    SELECT signed.*, (SELECT max(line) FROM unnest(%(lines)s::integer[]) AS line
                      WHERE before < line AND after >= line) AS line
    FROM signed
)
"""
# A segment is of the day on which it begins; nights are those of the practice's clocks.
WORKED = """
person AS (SELECT DISTINCT user_id AS id FROM accounts_membership WHERE practice_id = %(practice)s
), nights AS (
    SELECT range_agg(tstzrange((day - 1 + time '22:00') AT TIME ZONE %(zone)s,
                               (day + time '06:00') AT TIME ZONE %(zone)s)) AS hours
    FROM generate_series(%(first)s::date, %(last)s::date + 1, interval '1 day') AS days (at)
    CROSS JOIN LATERAL (SELECT days.at::date AS day) AS named
), worked AS (
    SELECT segment.staff_id, segment.entry_id, segment.during * tstzrange(%(starts_at)s, %(ends_at)s) AS during
    FROM person
    JOIN timelogs_timesegment AS segment ON segment.staff_id = person.id
        AND segment.during && tstzrange(%(starts_at)s, %(ends_at)s)
    JOIN timelogs_timeentry AS entry ON entry.id = segment.entry_id AND entry.status = 'signed'
    WHERE segment.practice_id = %(practice)s AND segment.standing
)
"""
DAYS = f"""WITH {WORKED}
SELECT staff_id, who.name, (lower(during) AT TIME ZONE %(zone)s)::date AS day,
       sum(extract(epoch FROM upper(during) - lower(during))),
       sum((SELECT coalesce(sum(extract(epoch FROM upper(part) - lower(part))), 0)
            FROM unnest(tstzmultirange(during) * nights.hours) AS part))
FROM worked CROSS JOIN nights JOIN accounts_user AS who ON who.id = staff_id
GROUP BY 1, 2, 3
"""
HABITS = f"""WITH {SIGNED}, lengths AS (
    SELECT staff_id, seconds_signed, count(*) AS sessions FROM signed GROUP BY 1, 2
), most AS (
    SELECT DISTINCT ON (staff_id) staff_id, seconds_signed, sessions FROM lengths
    ORDER BY staff_id, sessions DESC, seconds_signed
)
SELECT staff_id, person.name, count(*), count(*) FILTER (WHERE late), count(*) FILTER (WHERE by_hand),
       count(line), count(*) FILTER (WHERE after < line + 60), max(most.seconds_signed), max(most.sessions)
FROM crossing JOIN most USING (staff_id) JOIN accounts_user AS person ON person.id = staff_id
GROUP BY 1, 2 ORDER BY 2, 1
"""


@dataclass(frozen=True, slots=True)
class Habits:
    """One person's sessions of a month. `crossed` are those whose signature took a month over a line, `just` those of
    them that ended less than a minute past it; `equal` sessions had the commonest `length`."""

    staff_id: UUID
    name: str
    sessions: int
    late: int
    by_hand: int
    crossed: int
    just: int
    length: int
    equal: int


@dataclass(slots=True)
class Hours:
    """One person's exact seconds by day, and of these at night."""

    name: str
    days: dict[date, Decimal] = field(default_factory=dict)
    nights: dict[date, Decimal] = field(default_factory=dict)

    def weeks(self) -> dict[date, Decimal]:
        """By the Monday of each week, of what lies in the month."""
        found: dict[date, Decimal] = {}
        for day, seconds in self.days.items():
            monday = date.fromordinal(day.toordinal() - day.weekday())
            found[monday] = found.get(monday, Decimal(0)) + seconds
        return found


def given(practice, month: date) -> dict:
    starts_at, ends_at = bounds(month, tz=practice.tz)
    return {
        "practice": practice.pk,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "zone": practice.time_zone,
        "first": month,
        "last": last_day(month),
        "lines": [minutes * 60 for minutes in LINES],
    }


def _asked(practice, month: date, sql: str, more: dict | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given(practice, month) | (more or {}))
        return cursor.fetchall()


def habits(practice, month: date) -> list[Habits]:
    """By person, in order of the names."""
    return [Habits(*row) for row in _asked(practice, month, HABITS)]


def hours(practice, month: date) -> dict[UUID, Hours]:
    """By person."""
    found: dict[UUID, Hours] = {}
    for staff_id, name, day, seconds, night in _asked(practice, month, DAYS):
        mine = found.setdefault(staff_id, Hours(name))
        mine.days[day] = seconds
        if night:
            mine.nights[day] = night
    return found


WHAT = {
    "signed": "true",
    "late": "late",
    "by_hand": "by_hand",
    "crossed": "line IS NOT NULL",
    "just": "after < line + 60",
    "length": "seconds_signed = %(length)s",
}
NOTED_SESSIONS = """
SELECT id, count(*) OVER () FROM crossing WHERE staff_id = %(staff)s AND {chosen}
ORDER BY started_at DESC, id OFFSET %(offset)s LIMIT %(limit)s
"""


def noted(
    practice, month: date, staff: UUID, what: str, *, length: int | None, offset: int, limit: int
) -> tuple[list[UUID], int]:
    """One person's sessions of a kind, the latest first, and how many there are."""
    sql = f"WITH {SIGNED} {NOTED_SESSIONS.format(chosen=WHAT[what])}"
    more = {"staff": staff, "length": length, "offset": offset, "limit": limit}
    rows = _asked(practice, month, sql, more)
    return [row[0] for row in rows], rows[0][1] if rows else 0
