"""The program over twelve months: enrolled, active, billable, at risk, and by code. Closed months from their claims."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import dropwhile
from typing import Any
from uuid import UUID

from django.db import connection

from foundation.months import bounds, previous_month
from reports import at_risk
from reports.further import PATIENTS, TOTALS, lines_of
from reports.tables import Cell, Column, Figure, Kind, Row, Table, address, bars
from reports.timing import asked
from timelogs.models import Period, PeriodState

MEMBERS = "reports:members"
SPAN = 12
MONTHS = """
months AS (
    SELECT month, starts_at, ends_at, (month + interval '1 month')::date AS next
    FROM unnest(%(months)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS given (month, starts_at, ends_at)
), enrolled AS (
    SELECT DISTINCT month, starts_at, ends_at, next, enrollment.patient_id
    FROM months JOIN patients_enrollment AS enrollment ON enrollment.started_on < next
        AND (enrollment.ended_on IS NULL OR enrollment.ended_on > month)
    WHERE enrollment.practice_id = %(practice)s
      AND NOT EXISTS (SELECT 1 FROM patients_merge AS merge
                      WHERE merge.duplicate_id = enrollment.patient_id AND merge.undone_at IS NULL)
), active AS (
    -- The device sent something in the month, or some of its time counts.
    SELECT month, patient_id FROM enrolled
    WHERE EXISTS (SELECT 1 FROM monitoring_reading AS reading
                  WHERE reading.practice_id = %(practice)s AND reading.patient_id = enrolled.patient_id
                    AND reading.day >= month AND reading.day < next AND reading.source <> 'typed'
                    AND reading.excluded_reason = '')
       OR EXISTS (SELECT 1 FROM timelogs_patientmonth AS own
                  JOIN timelogs_countedinterval AS interval ON interval.patient_month_id = own.id AND interval.standing
                  WHERE own.patient_id = enrolled.patient_id AND own.month = enrolled.month)
), claims AS (
    SELECT period.month, claim.patient_id, claim.state, claim.id AS claim_id
    FROM timelogs_period AS period JOIN billing_claim AS claim ON claim.period_id = period.id
    WHERE period.practice_id = %(practice)s AND period.month = ANY(%(months)s::date[]) AND period.state = 'closed'
), lines AS (
    SELECT claims.*, line.code, line.units FROM claims JOIN billing_claimline AS line ON line.claim_id = claims.claim_id
    WHERE line.standing AND line.released
)
"""
COUNTS = f"""WITH {MONTHS}
SELECT month, (SELECT count(*) FROM enrolled WHERE enrolled.month = months.month),
       (SELECT count(*) FROM active WHERE active.month = months.month),
       (SELECT count(DISTINCT patient_id) FROM lines WHERE lines.month = months.month),
       (SELECT count(DISTINCT patient_id) FROM claims WHERE claims.month = months.month AND state = 'attention'),
       (SELECT count(DISTINCT patient_id) FROM claims WHERE claims.month = months.month AND state = 'on_hold')
FROM months ORDER BY month
"""
CODES = f"""WITH {MONTHS}
SELECT month, code, count(DISTINCT patient_id), sum(units)::integer FROM lines GROUP BY 1, 2
"""
WHO = {
    "enrolled": "SELECT patient_id FROM enrolled",
    "active": "SELECT patient_id FROM active",
    "billable": "SELECT DISTINCT patient_id FROM lines",
    "attention": "SELECT DISTINCT patient_id FROM claims WHERE state = 'attention'",
    "on_hold": "SELECT DISTINCT patient_id FROM claims WHERE state = 'on_hold'",
    "code": "SELECT DISTINCT patient_id FROM lines WHERE code = %(code)s",
}
BEHIND = """WITH {months}, chosen AS ({who})
SELECT patient.id, (SELECT claim_id FROM claims WHERE claims.patient_id = patient.id LIMIT 1), count(*) OVER ()
FROM chosen JOIN patients_patient AS patient ON patient.id = chosen.patient_id
ORDER BY patient.family_name, patient.given_name, patient.id OFFSET %(offset)s LIMIT %(limit)s
"""
REACHED = f"""{TOTALS}
SELECT count(*) FROM totals WHERE seconds >= %(line)s
"""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """Patients of one month. What its claims say is None while it is not closed; `reached` is None once
    it is."""

    month: date
    enrolled: int
    active: int
    billable: int | None
    attention: int | None
    on_hold: int | None
    reached: int | None
    at_risk: at_risk.Count
    codes: dict[str, tuple[int, int]] = field(default_factory=dict)


def figures(practice, last: date, *, at: datetime) -> list[MonthFigures]:
    """The twelve months that end with `last`, first first; those of the last two not closed are counted by time."""
    closed = _closed(practice, last)
    codes: dict[date, dict[str, tuple[int, int]]] = {}
    for month, code, patients, units in _asked(practice, last, CODES):
        codes.setdefault(month, {})[code] = (patients, units)
    counted = [month for month in _months(last)[-2:] if month not in closed]
    # The newest first, as the boards take it.
    risks = {month: at_risk.count(practice, month, at=at) for month in reversed(counted)}
    found = []
    for month, enrolled, active, *claims in _asked(practice, last, COUNTS):
        mine = claims if month in closed else [None] * len(claims)
        reached = _reached(practice, month) if month in counted else None
        risk = risks.get(month, at_risk.Count())
        found.append(MonthFigures(month, enrolled, active, *mine, reached, risk, codes.get(month, {})))
    return found


def tables(practice, last: date, *, at: datetime, may_open: bool) -> list[Table]:
    """Patients by month, and the released codes by month: in how many patients' months, and how many units."""
    every = figures(practice, last, at=at)
    # Months before the first patient was enrolled say nothing; the last is always there.
    found = [*dropwhile(lambda each: not each.enrolled and each.billable is None, every[:-1]), every[-1]]
    codes = sorted({code for each in found for code in each.codes})
    return [
        _patients(practice, found, may_open),
        *(_by_code(found, codes, may_open, units) for units in (False, True) if codes),
    ]


def _patients(practice, found: Sequence[MonthFigures], may_open: bool) -> Table:
    columns = (
        Column("month", "Month", Kind.TEXT),
        Column("enrolled", "Enrolled"),
        Column("active", "Active"),
        Column("billable", "Billable"),
        Column("needs_attention", "Needs attention"),
        Column("on_hold", "On hold"),
        Column("reached_a_line", "Past the first line"),
        Column("at_risk", "At risk"),
    )
    rows = [
        (
            Cell(f"{each.month:%B %Y}", code=f"{each.month:%Y-%m}"),
            *(
                _opens(getattr(each, what), each.month, may_open, what=what)
                for what in ("enrolled", "active", "billable", "attention", "on_hold")
            ),
            _reached_cell(each, may_open),
            _opens(each.at_risk.patients, each.month, may_open, what="at_risk"),
        )
        for each in found
    ]
    drawn = [(row[0], row[2], Cell(int(row[1].value or 0) - int(row[2].value or 0))) for row in rows]
    heads = (columns[0], columns[2], Column("", "not active"))
    return Table(
        "patients",
        "Patients by month",
        columns,
        rows,
        figure=Figure(
            "Enrolled patients by month", bars(drawn, heads, 1, 2), "active", "enrolled, not active"
        ),
        note="Active: the device sent a reading in the month, or some time counts. Billable: at least one line is "
        "released. What needs attention or is on hold may be lost. These three come from the claims of closed months. "
        "Past the first line: by their time, while a month is open. At risk, while it is open: sixteen days of the "
        "device’s window are out of reach, or a line of minutes that the month before reached has a chance under "
        f"20 % or, once the month is over, was not reached.{_as_of(practice, found)}",
    )


def _as_of(practice, found: Sequence[MonthFigures]) -> str:
    """From when those at risk are, where changes after it are not in the boards' rows yet."""
    since = min((each.at_risk.since for each in found if each.at_risk.since), default=None)
    return (
        f" They are as of {since.astimezone(practice.tz):%H:%M}; later changes are on their way."
        if since
        else ""
    )


def _reached_cell(each: MonthFigures, may_open: bool) -> Cell:
    opens = each.reached and may_open
    return Cell(each.reached, address(PATIENTS, each.month, least=lines_of(each.month)[0]) if opens else "")


def _by_code(found: Sequence[MonthFigures], codes: Sequence[str], may_open: bool, units: bool) -> Table:
    columns = (Column("month", "Month", Kind.TEXT), *(Column(code, code) for code in codes))
    rows = [_code_row(each, codes, may_open, units) for each in found if each.billable is not None]
    slug, title = (
        ("units", "Units released, by code") if units else ("codes", "Patients with a released line, by code")
    )
    return Table(slug, title, columns, rows)


def _code_row(each: MonthFigures, codes: Sequence[str], may_open: bool, units: bool) -> Row:
    cells = [Cell(f"{each.month:%B %Y}", code=f"{each.month:%Y-%m}")]
    for code in codes:
        patients, sum_of_units = each.codes.get(code, (0, 0))
        cells.append(
            _opens(sum_of_units if units else patients, each.month, may_open, what="code", code=code)
        )
    return tuple(cells)


def _opens(count: int | None, month: date, may_open: bool, **chosen) -> Cell:
    return Cell(count, address(MEMBERS, month, **chosen) if count and may_open else "")


def behind(
    practice, month: date, what: str, *, code: str = "", offset: int, limit: int
) -> tuple[list[tuple[UUID, UUID | None]], int]:
    """The patients of a number by name: [(id, the month's claim)], and how many there are."""
    sql = BEHIND.format(months=MONTHS, who=WHO[what])
    rows = _asked(practice, month, sql, months=[month], code=code, offset=offset, limit=limit)
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def _asked(
    practice, last: date, sql: str, *, months: Sequence[date] | None = None, **more: Any
) -> list[tuple]:
    months = list(months or _months(last))
    windows = [bounds(month, tz=practice.tz) for month in months]
    given = {
        "practice": practice.pk,
        "months": months,
        "starts": [w[0] for w in windows],
        "ends": [w[1] for w in windows],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given | more)
        return cursor.fetchall()


def _months(last: date) -> list[date]:
    months = [last]
    while len(months) < SPAN:
        months.insert(0, previous_month(months[0]))
    return months


def _closed(practice, last: date) -> set[date]:
    rows = Period.objects.for_practice(practice).filter(month__in=_months(last), state=PeriodState.CLOSED)
    return set(rows.values_list("month", flat=True))


def _reached(practice, month: date) -> int | None:
    """Patients whose counted time is past the first line of the month's rules; None where no rule set covers it."""
    if not (lines := lines_of(month)):
        return None
    return asked(practice, month, REACHED, {"line": lines[0] * 60})[0][0]
