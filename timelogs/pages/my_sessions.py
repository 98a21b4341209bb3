"""One person's sessions: what is unsigned, what was done today and this week, and how much of it. A page at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Case, DateTimeField, F, Q, QuerySet, Sum, When

from accounts.models import Membership
from foundation.months import midnight
from timelogs.counting.segments import pace_of
from timelogs.labels import contact_in_words
from timelogs.models import Clock, ClockState, Status, TimeEntry, TimeSegment

PAGE = 25

# As `Pace` counts one draft: seconds are cut from each session's sum.
_UNSIGNED = """
    SELECT count(*), coalesce(sum(seconds), 0) FROM (
        SELECT floor(extract(epoch FROM sum(greatest(interval '0', coalesce(
            upper(s.during), CASE c.state WHEN 'asking' THEN c.doubt_from ELSE %(at)s END
        ) - lower(s.during))))) AS seconds
        FROM timelogs_timeentry e
        JOIN accounts_membership m ON m.id = e.author_id
        LEFT JOIN timelogs_clock c ON c.entry_id = e.id
        LEFT JOIN timelogs_timesegment s ON s.entry_id = e.id AND s.standing
        WHERE e.practice_id = %(practice)s AND m.user_id = %(user)s AND e.status = 'draft'
        GROUP BY e.id
    ) AS drafts
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A session in a list: its length in whole seconds, and for a draft its age in days and its clock's state."""

    entry: TimeEntry
    seconds: int
    contact: str
    days_old: int
    clock: str


@dataclass(frozen=True, slots=True)
class Mine:
    """One page of drafts of any age, oldest first, then of signed sessions of seven days, newest first; and the sums of
    all of them, whichever page is shown."""

    page: Page
    drafts: list[Row]
    today: list[Row]
    week: list[Row]
    unsigned: int
    unsigned_seconds: int
    today_seconds: int
    week_seconds: int

    @property
    def all(self) -> list[Row]:
        return [*self.drafts, *self.today, *self.week]


def sessions_of(by: Membership, *, at: datetime, page: str | None = None) -> Mine:
    today = by.practice.today(at)
    day_start, week_start = (midnight(today - timedelta(days=ago), tz=by.practice.tz) for ago in (0, 6))
    own = TimeEntry.objects.for_practice(by.practice).filter(author__user=by.user)
    signed = Q(status=Status.SIGNED, started_at__gte=week_start)
    found = Paginator(_in_order(own.filter(signed | Q(status=Status.DRAFT))), PAGE).get_page(page)
    rows = _rows(by.practice, found.object_list, today, at)
    sums = own.filter(signed).aggregate(
        week=Sum("seconds_signed", default=0),
        today=Sum("seconds_signed", filter=Q(started_at__gte=day_start), default=0),
    )
    unsigned, unsigned_seconds = _unsigned(by, at)
    done = [row for row in rows if row.entry.status == Status.SIGNED]
    return Mine(
        found,
        [row for row in rows if row.entry.status == Status.DRAFT],
        [row for row in done if row.entry.started_at >= day_start],
        [row for row in done if row.entry.started_at < day_start],
        unsigned,
        unsigned_seconds,
        sums["today"],
        sums["week"],
    )


def _in_order(rows: QuerySet[TimeEntry]) -> QuerySet[TimeEntry]:
    return rows.select_related("patient").order_by(
        Case(When(status=Status.DRAFT, then=F("started_at")), output_field=DateTimeField()).asc(
            nulls_last=True
        ),
        "-started_at",
        "pk",
    )


def _unsigned(by: Membership, at: datetime) -> tuple[int, int]:
    """How many drafts, and their seconds together."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSIGNED, {"practice": by.practice.pk, "user": by.user_id, "at": at})
        count, seconds = cursor.fetchone()
    return count, int(seconds)


def _rows(practice, entries: Sequence[TimeEntry], today: date, at: datetime) -> list[Row]:
    drafts = [entry.pk for entry in entries if entry.status == Status.DRAFT]
    clocks, segments = Clock.objects.in_bulk(drafts), _segments(drafts)
    rows = []
    for entry in entries:
        entry.practice = entry.patient.practice = practice
        clock = clocks.get(entry.pk)
        until = clock.doubt_from if clock and clock.state == ClockState.ASKING else at
        worked = pace_of(segments[entry.pk]).until(until) // timedelta(seconds=1)
        rows.append(
            Row(
                entry,
                entry.seconds_signed if entry.status == Status.SIGNED else worked,
                contact_in_words(entry),
                (today - practice.today(entry.started_at)).days,
                ClockState(clock.state).label if clock else "",
            )
        )
    return rows


def _segments(entry_ids: list[UUID]) -> dict[UUID, list[TimeSegment]]:
    found = defaultdict(list)
    for segment in TimeSegment.objects.filter(entry__in=entry_ids, standing=True):
        found[segment.entry_id].append(segment)
    return found
