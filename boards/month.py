"""The month board: how many patients stand where, and whose they are, counted in the database.

Of an open month by the summaries, of a closed one by its claims; both give the same columns, so that every count has a
list of the same patients behind it (`boards.month_list`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing.claims.queue import Preview, Reason, Split
from billing.labels import TONES, hold_words
from billing.models import ClaimState
from boards.lines import lead_minutes, line_in_sql, span_in_words
from boards.models import Outlook
from boards.refresh import fresh
from foundation.months import last_day
from patients.models import Site
from payers.models import NO_PAYER
from payers.selectors import payer_names
from timelogs.counting.totals import LINES

MOST_ROWS = 25
CONTACT_MINUTES = 10
TONE = {
    Outlook.READY: TONES[ClaimState.READY],
    Outlook.ATTENTION: TONES[ClaimState.ATTENTION],
    Outlook.GATHERING: TONES[ClaimState.NOTHING],
    Outlook.NOTHING: TONES[ClaimState.NOTHING],
}

# `open` of a closed month is false: nothing can be reached in it any more.
_SUMMARIES = f"""
    SELECT s.patient_id, s.name, s.outlook AS state, s.reasons, s.seconds, s.nurse_id, s.clinician_id, s.payer,
        s.site_id, {line_in_sql("s.seconds")} AS line, s.device_days = 15 AS fifteen,
        coalesce(s.unreachable_from <= %(today)s AND s.window_until >= %(today)s, false) AS lost,
        s.live_contact_on IS NULL AND s.seconds >= {CONTACT_MINUTES * 60} AS no_contact
    FROM boards_patientsummary s WHERE s.practice_id = %(practice)s AND s.month = %(month)s
"""
_CLAIMS = """
    SELECT c.patient_id, p.family_name || ', ' || p.given_name AS name, c.state,
        ARRAY(SELECT DISTINCT h.slug FROM billing_hold h WHERE h.claim_id = c.id AND h.lifted_at IS NULL) AS reasons,
        (f.facts->>'clinical_staff_seconds')::int + (f.facts->>'qhp_seconds')::int AS seconds,
        n.staff_id AS nurse_id, w.user_id AS clinician_id, c.payer,
        coalesce((SELECT x.site_id FROM patients_patientsite x WHERE x.patient_id = c.patient_id
            AND x.starts_on <= %(last)s ORDER BY x.starts_on DESC LIMIT 1),
            (SELECT x.id FROM patients_site x WHERE x.practice_id = c.practice_id AND x.main
            AND x.starts_on <= %(last)s)) AS site_id,
        NULL::int AS line, false AS fifteen, false AS lost, false AS no_contact
    FROM billing_claim c
    JOIN timelogs_period r ON r.id = c.period_id
    JOIN patients_patient p ON p.id = c.patient_id
    JOIN billing_codeselection f ON f.id = c.selection_id
    LEFT JOIN LATERAL (SELECT i.staff_id FROM timelogs_countedinterval i
        JOIN timelogs_patientmonth o ON o.id = i.patient_month_id
        WHERE i.patient_id = c.patient_id AND o.month = r.month
        GROUP BY i.staff_id ORDER BY sum(upper(i.during) - lower(i.during)) DESC, i.staff_id LIMIT 1) n ON true
    LEFT JOIN LATERAL (SELECT m.user_id FROM patients_enrollment e
        JOIN accounts_membership m ON m.id = coalesce(e.supervising_id, e.ordering_id)
        WHERE e.patient_id = c.patient_id AND e.started_on <= %(last)s ORDER BY e.started_on DESC LIMIT 1) w ON true
    WHERE c.practice_id = %(practice)s AND r.month = %(month)s
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of one month as SQL, and what it is given."""

    sql: str
    given: Mapping[str, Any]

    @classmethod
    def of(cls, practice, month: date, *, closed: bool, on: date) -> "Source":
        given = {"practice": practice.pk, "month": month, "today": on, "last": last_day(month)}
        given["lead"] = 60 * lead_minutes(practice, on)
        return cls(_CLAIMS if closed else _SUMMARIES, given)

    def asked(self, select: str, **more: Any) -> list[tuple]:
        """Rows of a SELECT from `people`."""
        with connection.cursor() as cursor:
            cursor.execute(f"WITH people AS MATERIALIZED ({self.sql}) {select}", {**self.given, **more})
            return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Stand:
    """How a month stands for so many patients: a state of the open month, with the tone of its tag."""

    outlook: Outlook
    count: int

    @property
    def word(self) -> str:
        return "Ready to review" if self.outlook == Outlook.READY else self.outlook.label

    @property
    def tone(self) -> str:
        return TONE[self.outlook]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list of counts: what it says, how many, and what the list behind it is asked."""

    words: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table: a nurse, physician, payer or site, and how her patients stand."""

    words: str
    query: str
    patients: int
    seconds: int
    ready: int
    attention: int
    rest: int


@dataclass(frozen=True, slots=True)
class Table:
    """`more`: how many lines are not shown, each with fewer patients than those that are."""

    title: str
    head: str
    of: str
    groups: list[Group]
    more: int


@dataclass(frozen=True, slots=True)
class Board:
    patients: int
    states: list[Stand]
    reasons: list[Reason]
    near: list[Line]
    tables: list[Table]


_STATES = "SELECT state, count(*) FROM people GROUP BY state"
_REASONS = "SELECT reason, count(*) FROM people CROSS JOIN unnest(reasons) AS reason GROUP BY reason"
_NEAR = """SELECT line, count(*), count(*) FILTER (WHERE fifteen), count(*) FILTER (WHERE lost),
    count(*) FILTER (WHERE no_contact) FROM people GROUP BY line"""
# What counts as ready in a closed month was decided to be: approved or exported since.
READY = ("ready", "approved", "exported")
ATTENTION = ("attention", "on_hold")
_GROUPED = """
    SELECT grouping(nurse_id, clinician_id, payer, site_id), nurse_id, clinician_id, payer, site_id, count(*),
        sum(seconds), count(*) FILTER (WHERE state = ANY(%(ready)s)), count(*) FILTER (WHERE state = ANY(%(attention)s))
    FROM people GROUP BY GROUPING SETS ((nurse_id), (clinician_id), (payer), (site_id))
    ORDER BY count(*) DESC, 2, 3, 4, 5
"""
# What `grouping` says of each set: a bit for each column that it is not grouped by.
SETS = {0b0111: "nurse", 0b1011: "clinician", 0b1101: "payer", 0b1110: "site"}
TITLES = {"nurse": "By nurse", "clinician": "By physician, NP or PA", "payer": "By payer", "site": "By site"}
HEADS = {"nurse": "Nurse", "clinician": "Practitioner", "payer": "Payer", "site": "Site"}
NOBODY = {
    "nurse": "No time signed",
    "clinician": "Nobody recorded",
    "payer": "No coverage",
    "site": "No site",
}
NONE = "none"


def month_board(practice, month: date, *, closed: bool, on: date) -> Board:
    """In six queries, however many patients there are."""
    source = Source.of(practice, month, closed=closed, on=on)
    states = dict(source.asked(_STATES))
    return Board(
        patients=sum(states.values()),
        states=[] if closed else _stands(states, over=last_day(month) < on),
        reasons=_reasons(dict(source.asked(_REASONS))),
        near=[] if closed else _near(source, running=month <= on <= last_day(month)),
        tables=_tables(practice, source.asked(_GROUPED, ready=list(READY), attention=list(ATTENTION))),
    )


def preview(practice, month: date) -> Preview | None:
    """What a close would come to now: who is still gathering would have nothing to bill. None without figures."""
    at = timezone.now()
    if fresh(practice, month, at=at).missing:
        return None
    source = Source.of(practice, month, closed=False, on=practice.today(at))
    counts = Counter(dict(source.asked(_STATES)))
    counts[Outlook.NOTHING] += counts.pop(Outlook.GATHERING, 0)
    shown = (ClaimState.READY, ClaimState.ATTENTION, ClaimState.NOTHING)
    splits = [Split(state, state.label, TONES[state], counts[state.value]) for state in shown]
    return Preview(splits, _reasons(dict(source.asked(_REASONS))))


def _stands(counts: Mapping[str, int], *, over: bool) -> list[Stand]:
    """In a month that is over nothing is gathered any more."""
    shown = [each for each in Outlook if each != Outlook.GATHERING or not over or counts.get(each)]
    return [Stand(each, counts.get(each, 0)) for each in shown]


def _reasons(counts: Mapping[str, int]) -> list[Reason]:
    rows = [Reason(slug, hold_words(slug), n) for slug, n in counts.items()]
    return sorted(rows, key=lambda reason: (-reason.count, reason.words))


def _near(source: Source, *, running: bool) -> list[Line]:
    """In a month that is over no time is added but late, and no window runs."""
    rows, lead = source.asked(_NEAR), source.given["lead"] // 60
    by_line = {line: count for line, count, *_ in rows if line}
    fifteen, lost, no_contact = (sum(row[at] for row in rows) for at in (2, 3, 4))
    lines = [
        Line(span_in_words(line, lead), by_line[line], f"near={line}") for line in LINES if by_line.get(line)
    ]
    lines += [Line("15 days of readings", fifteen, "near=days")] if fifteen else []
    lines += (
        [Line(f"No live contact, {CONTACT_MINUTES} min or more", no_contact, "near=contact")]
        if no_contact
        else []
    )
    lines += [Line("16 days of this window out of reach", lost, "near=lost")] if lost and running else []
    return lines


def _tables(practice, rows: list[tuple]) -> list[Table]:
    of: dict[str, list[tuple]] = {name: [] for name in TITLES}
    for grouped, *keys, patients, seconds, ready, attention in rows:
        name = SETS[grouped]
        key = keys[list(TITLES).index(name)]
        of[name].append((key, patients, int(seconds or 0), ready, attention))
    words = _words(practice, of)
    tables = []
    for name, title in TITLES.items():
        groups = [
            Group(
                words[name].get(key, NOBODY[name] if _is_none(key) else str(key)),
                f"{name}={NONE if _is_none(key) else key}",
                patients,
                seconds,
                ready,
                attention,
                patients - ready - attention,
            )
            for key, patients, seconds, ready, attention in of[name][:MOST_ROWS]
        ]
        if len(groups) > 1 or name != "site":
            tables.append(Table(title, HEADS[name], name, groups, max(len(of[name]) - MOST_ROWS, 0)))
    return tables


def _is_none(key) -> bool:
    return key in (None, "", NO_PAYER)


def _words(practice, of: Mapping[str, list[tuple]]) -> dict[str, dict]:
    """What each key is called."""
    people = {key for name in ("nurse", "clinician") for key, *_ in of[name][:MOST_ROWS] if key}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    sites = dict(Site.objects.for_practice(practice).values_list("pk", "name"))
    return {"nurse": names, "clinician": names, "payer": payer_names(practice), "site": sites}
