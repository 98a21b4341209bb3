"""Months by their counted minutes: which stopped short of a further unit, and what was counted without reaching a code.

For billers. What a month holds is what it holds; the report says where time went, not where more is wanted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from billing.labels import hold_words
from billing.rules import NoRuleSet, ruleset_for
from reports.tables import Cell, Column, Figure, Kind, Table, address, bars, share
from reports.timing import asked
from timelogs.models import Period, PeriodState

PATIENTS = "reports:patients"
# Lower ends of the bands, in minutes; the first begins with the first counted second.
MINUTES = (0, 10, 20, 25, 30, 35, 40, 60, 80)
FURTHER_UNIT = "99458"
JUST_SHORT, FURTHER = 35, 40
TOTALS = """
, totals AS (
    SELECT patient_id,
           floor(coalesce(extract(epoch FROM sum(took) FILTER (WHERE why = 'counted')), 0))::integer AS seconds
    FROM shares GROUP BY patient_id
)
"""
# A month's claims have a line of the code that is released.
RELEASED = """
EXISTS (SELECT 1 FROM billing_claimline AS line JOIN billing_claim AS claim ON claim.id = line.claim_id
        JOIN timelogs_period AS period ON period.id = claim.period_id
        WHERE claim.patient_id = totals.patient_id AND period.practice_id = %(practice)s AND period.month = %(month)s
          AND line.standing AND line.released AND line.code = %(code)s)
"""
BANDS = f"""{TOTALS}
SELECT width_bucket(seconds, %(edges)s::integer[]) AS band, count(*), sum(seconds)::bigint,
       count(*) FILTER (WHERE seconds >= %(further)s AND NOT {RELEASED})
FROM totals WHERE seconds > 0 GROUP BY 1
"""
# Per line of the rules: months whose last line it is, and the seconds counted beyond it.
BEYOND = f"""{TOTALS}
SELECT band, count(*), sum(seconds - coalesce((%(edges)s::integer[])[band], 0))::bigint
FROM (SELECT seconds, width_bucket(seconds, %(edges)s::integer[]) AS band FROM totals WHERE seconds > 0) AS months
GROUP BY band
"""
HELD = f"""{TOTALS}
SELECT slug, count(*), coalesce(sum(seconds), 0)::bigint
FROM (SELECT DISTINCT hold.slug, claim.id, claim.patient_id
      FROM billing_hold AS hold JOIN billing_claim AS claim ON claim.id = hold.claim_id
      JOIN timelogs_period AS period ON period.id = claim.period_id
      WHERE period.practice_id = %(practice)s AND period.month = %(month)s AND hold.lifted_at IS NULL) AS holds
LEFT JOIN totals USING (patient_id) GROUP BY slug ORDER BY 2 DESC, 1
"""
BEHIND = """{totals}
SELECT patient_id, seconds, count(*) OVER () FROM totals WHERE {chosen}
ORDER BY seconds DESC, patient_id OFFSET %(offset)s LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Band:
    months: int = 0
    seconds: int = 0
    without_unit: int = 0


def bands(practice, month: date) -> dict[int, Band]:
    """{lower end in minutes: the months between it and the next}."""
    edges = [max(minutes * 60, 1) for minutes in MINUTES]
    more = {"edges": edges, "month": month, "code": FURTHER_UNIT, "further": FURTHER * 60}
    found = {MINUTES[row[0] - 1]: Band(*row[1:]) for row in asked(practice, month, BANDS, more)}
    return {minutes: found.get(minutes, Band()) for minutes in MINUTES}


def tables(practice, month: date, *, closed: bool, may_open: bool) -> list[Table]:
    """How many months lie in which band, those just short of a further unit, and, once closed, those without it."""
    found = bands(practice, month)
    return [_bands(found, month, may_open), _short(found, month, closed, may_open)]


def _bands(found: Mapping[int, Band], month: date, may_open: bool) -> Table:
    columns = (
        Column("minutes", "Counted in the month", Kind.TEXT),
        Column("patients", "Patients"),
        Column("seconds", "Time together", Kind.TIME),
    )
    ends = dict(zip(MINUTES, MINUTES[1:], strict=False))
    rows = [
        (
            Cell(_band_words(minutes, ends.get(minutes)), code=str(minutes)),
            _opens(band.months, month, may_open, band=minutes),
            Cell(band.seconds),
        )
        for minutes, band in found.items()
    ]
    figure = Figure("Patients by the counted time of their month", bars(rows, columns, 1), "", "")
    return Table("bands", "Patients by counted time", columns, rows, figure=figure)


def _band_words(since: int, until: int | None) -> str:
    if not since:
        return f"Under {until} min"
    return f"{since} min to under {until} min" if until else f"{since} min and more"


def _opens(count: int, month: date, may_open: bool, **chosen) -> Cell:
    return Cell(count, address(PATIENTS, month, **chosen) if count and may_open else "")


def _short(found: Mapping[int, Band], month: date, closed: bool, may_open: bool) -> Table:
    columns = (
        Column("which", "Months", Kind.TEXT),
        Column("patients", "Patients"),
        Column("per_cent", "Of those from 20 min on", Kind.SHARE),
    )
    twenty = sum(band.months for minutes, band in found.items() if minutes >= 20)
    between = sum(band.months for minutes, band in found.items() if 20 <= minutes < FURTHER)
    short = found[JUST_SHORT].months
    rows = [
        (
            Cell("20 min to under 40 min", code="20-40"),
            _opens(between, month, may_open, between="20-40"),
            Cell(share(between, twenty)),
        ),
        (
            Cell("35 min to under 40 min", code="35-40"),
            _opens(short, month, may_open, band=JUST_SHORT),
            Cell(share(short, twenty)),
        ),
    ]
    if closed:
        without = sum(band.without_unit for band in found.values())
        opens = _opens(without, month, may_open, without=FURTHER_UNIT)
        rows.append(
            (Cell("40 min and more, no 99458 released", code="without"), opens, Cell(share(without, twenty)))
        )
    note = "" if closed else "Which of them have 99458 released is known when the month is closed."
    return Table("short", "Short of a further unit", columns, rows, note=note)


def beyond(practice, month: date, *, may_open: bool) -> Table | None:
    """Counted time that reached no code: below the first line, and past the last that was reached."""
    if not (lines := lines_of(month)):
        return None
    edges = [minutes * 60 for minutes in lines]
    found = {row[0]: row[1:] for row in asked(practice, month, BEYOND, {"edges": edges})}
    columns = (
        Column("line", "Last line reached", Kind.TEXT),
        Column("patients", "Patients"),
        Column("seconds_beyond", "Time past it", Kind.TIME),
    )
    rows = [
        (
            Cell(
                f"{lines[band - 1]} min" if band else f"None: under {lines[0]} min",
                code=str(lines[band - 1] if band else 0),
            ),
            _opens(found[band][0], month, may_open, line=lines[band - 1] if band else 0),
            Cell(found[band][1]),
        )
        for band in sorted(found)
    ]
    total = (
        Cell("All"),
        _opens(sum(n for n, _ in found.values()), month, may_open, least=0),
        Cell(sum(s for _, s in found.values())),
    )
    return Table(
        "beyond",
        "Counted time that reached no further line",
        columns,
        rows,
        total=total,
        note="By the minutes alone, whoever worked them: what a practitioner’s time comes to by itself is decided when "
        "the month closes.",
        empty="No time was counted in this month.",
    )


def held(practice, month: date, *, may_open: bool) -> Table | None:
    """Claims of a closed month by what holds them, and the counted time of their months; one may wait for several."""
    if not Period.objects.for_practice(practice).filter(month=month, state=PeriodState.CLOSED).exists():
        return None
    columns = (
        Column("reason", "Held because", Kind.TEXT),
        Column("claims", "Claims"),
        Column("seconds", "Counted time of their months", Kind.TIME),
    )
    rows = [
        (
            Cell(hold_words(slug), code=slug),
            Cell(claims, _queue(month, slug) if may_open else ""),
            Cell(seconds),
        )
        for slug, claims, seconds in asked(practice, month, HELD, {"month": month})
    ]
    return Table("held", "Claims held", columns, rows, empty="Nothing is held.")


def _queue(month: date, slug: str) -> str:
    return address("billing:queue", month, hold=slug)


def behind(
    practice, month: date, chosen: Mapping[str, Any], *, offset: int, limit: int
) -> tuple[list[tuple[UUID, int]], int]:
    """The patients of a number, by their time: [(id, seconds)], and how many there are."""
    condition, more = _condition(month, chosen)
    rows = asked(
        practice,
        month,
        BEHIND.format(totals=TOTALS, chosen=condition),
        {**more, "offset": offset, "limit": limit},
    )
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def _condition(month: date, chosen: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What the rows behind a number fulfill, and the values it names."""
    if chosen.get("without"):
        return f"seconds >= {FURTHER * 60} AND NOT {RELEASED}", {"month": month, "code": FURTHER_UNIT}
    since, until = _range(month, chosen)
    between = "seconds >= %(since)s" + (" AND seconds < %(until)s" if until else "")
    return between, {"since": max(since * 60, 1), "until": until and until * 60}


def _range(month: date, chosen: Mapping[str, Any]) -> tuple[int, int | None]:
    """Minutes from and below."""
    if "least" in chosen:
        return chosen["least"], None
    if chosen.get("between"):
        return 20, FURTHER
    at, ends = (chosen["line"], lines_of(month)) if "line" in chosen else (chosen["band"], MINUTES)
    return at, next((minutes for minutes in ends if minutes > at), None)


def lines_of(month: date) -> Sequence[int]:
    """The minutes at which a month earns something more; none where no rule set covers it."""
    try:
        return ruleset_for(month).management.minute_lines
    except NoRuleSet:
        return ()
