"""Who is on the caseload, in which order and why: counted, ordered, filtered and cut into pages in one statement.

What a page then shows of its 25 patients is read from where it stands (`boards.rows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection

from accounts.models import Membership
from accounts.permissions import Permission, may
from boards.filters import Filters, narrowed
from boards.lines import lead_minutes, near_in_sql
from foundation.months import last_day

PER_PAGE = 25
LAST_DAYS = 7


class Show(StrEnum):
    """The counters, which are filters too: word of the address, and what the page calls it."""

    ATTENTION = "attention"
    DRAFTS = "drafts"
    NO_CONTACT = "no-contact"
    NEAR = "near"
    SILENT = "silent"
    REVIEW = "review"
    ESCALATIONS = "escalations"

    @property
    def label(self) -> str:
        return {
            Show.ATTENTION: "Needs attention",
            Show.DRAFTS: "Drafts to sign",
            Show.NO_CONTACT: "No live contact yet",
            Show.NEAR: "Close to a line",
            Show.SILENT: "Silent patients",
            Show.REVIEW: "Plans to review",
            Show.ESCALATIONS: "Open escalations",
        }[self]

    @property
    def column(self) -> str:
        return self.name.lower()


class Rank(IntEnum):
    """Why somebody stands where she does. In this order."""

    UNSEEN = 0
    ANSWERED = 1
    ATTENTION = 2
    SILENT = 3
    DRAFT = 4
    NO_CONTACT = 5
    NEAR = 6
    REST = 7


# Somebody saw to an escalation of the latest reading, and nothing came since.
_RESOLVED = """EXISTS (SELECT 1 FROM escalations_escalation x
            JOIN escalations_escalationreading a ON a.escalation_id = x.id
            JOIN monitoring_reading g ON g.id = a.reading_id
            WHERE x.patient_id = s.patient_id AND x.state = 'resolved' AND g.taken_at = s.latest_reading_at)"""
_PEOPLE = f"""
WITH drafts AS (
    SELECT DISTINCT e.patient_id FROM timelogs_timeentry e JOIN accounts_membership m ON m.id = e.author_id
    WHERE e.practice_id = %(practice)s AND e.status = 'draft' AND m.user_id = %(user)s
), waiting AS (
    SELECT e.patient_id, bool_or(e.severity = 'critical' AND e.state = 'open') AS unseen,
        bool_or(e.state = 'answered' AND m.user_id = %(user)s) AS answered
    FROM escalations_escalation e JOIN accounts_membership m ON m.id = e.owner_id
    WHERE e.practice_id = %(practice)s AND e.state <> 'resolved' AND e.cause <> 'silence' GROUP BY e.patient_id
), people AS (
    SELECT s.patient_id, s.name, s.last_contact_on, greatest(s.severity, s.escalation) AS level,
        s.severity > 0 AS attention,
        d.patient_id IS NOT NULL AS drafts,
        s.live_contact_on IS NULL AS no_contact,
        {near_in_sql("s.seconds")} AS near,
        coalesce(s.silent_from <= %(now)s, false) AS silent,
        coalesce(s.review_from <= %(today)s, false) AS review,
        s.escalation > 0 AS escalations,
        coalesce(w.unseen, false) OR (s.severity = 2 AND s.escalation = 0 AND NOT {_RESOLVED}) AS unseen,
        coalesce(w.answered, false) AS answered,
        left(md5(concat_ws('|', s.patient_id, s.seconds, s.severity, s.latest_reading_at, s.live_contact_on,
            s.escalation, w.unseen, w.answered, d.patient_id, s.silent_from <= %(now)s)), 6) AS mark
    FROM boards_patientsummary s
    LEFT JOIN drafts d ON d.patient_id = s.patient_id
    LEFT JOIN waiting w ON w.patient_id = s.patient_id
    WHERE s.practice_id = %(practice)s AND s.month = %(month)s
        AND s.started_on <= %(today)s AND (s.ended_on IS NULL OR s.ended_on > %(today)s) {{filters}}
), ranked AS MATERIALIZED (
    SELECT *, CASE WHEN unseen THEN {Rank.UNSEEN} WHEN answered THEN {Rank.ANSWERED}
        WHEN level > 0 THEN {Rank.ATTENTION} WHEN silent THEN {Rank.SILENT} WHEN drafts THEN {Rank.DRAFT}
        WHEN no_contact AND %(days_left)s <= {LAST_DAYS} THEN {Rank.NO_CONTACT}
        WHEN near THEN {Rank.NEAR} ELSE {Rank.REST} END AS rank
    FROM people
)
"""
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {show.column})" for show in Show)
_PAGE = f"""
SELECT counted.*, shown.patient_id, shown.rank, shown.last_contact_on, shown.mark
FROM (SELECT count(*) FILTER (WHERE {{show}}), {_COUNTS} FROM ranked) AS counted
LEFT JOIN LATERAL (
    SELECT patient_id, rank, last_contact_on, mark, row_number() OVER () AS place FROM (
        SELECT * FROM ranked WHERE {{show}}
        ORDER BY rank, level DESC, last_contact_on NULLS FIRST, name, patient_id
        LIMIT {PER_PAGE} OFFSET %(offset)s
    ) AS cut
) AS shown ON true ORDER BY shown.place
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One patient of a page, why she stands there, and a mark that changes with what she is ordered by."""

    patient_id: UUID
    rank: Rank
    last_contact_on: date | None
    mark: str


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the caseload, and how many each counter counts; both after the filters."""

    page: Page
    places: list[Place]
    counters: list[tuple[Show, int]]
    today: date
    days_left: int
    # Minutes before a line from which somebody is near it; 0 where nobody is, or it is not shown.
    lead: int

    @property
    def marks(self) -> str:
        """Of the page's rows, as the question carries it whether they changed."""
        return "".join(place.mark for place in self.places)


def sees_near(by: Membership) -> bool:
    """Who is told that a month is near a line: whoever sees the month board, and logs no time."""
    return may(by, Permission.MONTH_VIEW)


def shown_to(by: Membership, show: str | None) -> Show | None:
    """The counter that an address names, where there is one and she is told of it."""
    known = set(Show) if sees_near(by) else set(Show) - {Show.NEAR}
    return Show(show) if show in known else None


def board(
    practice,
    *,
    by: Membership,
    at: datetime,
    filters: Filters,
    show: Show | None = None,
    page: str | None = None,
) -> Board:
    """In one statement; in two where a page beyond the last is asked for."""
    on = practice.today(at)
    days_left = (last_day(on.replace(day=1)) - on).days
    fragment, given = narrowed(filters, by=by)
    given |= {"practice": practice.pk, "user": by.user_id, "today": on, "now": at, "month": on.replace(day=1)}
    # Whoever can write time is not shown how little is missing: as with alerts (docs/adr/0034).
    lead = lead_minutes(practice, on) if sees_near(by) else 0
    given |= {"days_left": days_left, "lead": lead * 60}
    asked = int(page) if page and page.isdecimal() and len(page) < 7 else 1
    while True:
        total, counts, places = _asked(fragment, show, given | {"offset": max(asked - 1, 0) * PER_PAGE})
        found = Paginator(range(total), PER_PAGE).get_page(page)
        if found.number == asked or not total:
            return Board(found, places, list(zip(Show, counts, strict=True)), on, days_left, lead)
        asked = found.number


def _asked(fragment: str, show: Show | None, given: dict) -> tuple[int, Sequence[int], list[Place]]:
    statement = (_PEOPLE + _PAGE).format(filters=fragment, show=show.column if show else "true")
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows = cursor.fetchall()
    total, *counts = rows[0][: len(Show) + 1]
    places = [Place(key, Rank(rank), last, mark) for *_, key, rank, last, mark in rows if key]
    return total, counts, places


def changed(shown: str, now: Board) -> int:
    """How many rows of a page are others, or say something else, than those whose marks were shown."""
    size = 6
    before = {shown[at : at + size] for at in range(0, len(shown), size)}
    return sum(place.mark not in before for place in now.places)
