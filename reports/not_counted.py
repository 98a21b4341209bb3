"""Time of a month that does not count, and why."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from reports.staff_time import BEHIND
from reports.tables import Cell, Column, Figure, Kind, Table, address, bars, share, span
from reports.timing import COUNTED, LEFT_OUT, UNSIGNED, cells
from reports.timing import Cell as Seconds
from timelogs.counting.totals import REASONS


def tables(practice, month: date, since: date | None = None) -> list[Table]:
    """By reason and by person."""
    found = cells(practice, month, since)
    opens = partial(address, BEHIND, month, **span(since))
    return [_by_reason(found, opens), _by_person(found, opens)]


def _by_reason(found: Sequence[Seconds], opens: Callable[..., str]) -> Table:
    columns = (Column("reason", "Reason", Kind.TEXT), Column("seconds", "Time", Kind.TIME))
    sums: dict = defaultdict(int)
    for cell in found:
        sums[cell.why] += cell.seconds
    rows = [
        (Cell(_sentence(words), code=slug), Cell(int(sums[slug]), opens(why=slug)))
        for slug, words in REASONS.items()
        if sums[slug]
    ]
    rows.sort(key=lambda row: -row[1].value)
    whole = sum(seconds for slug, seconds in sums.items() if slug != COUNTED)
    figure = Figure("Time that does not count, by reason", bars(rows, columns, 1), "", "") if rows else None
    return Table(
        "reason",
        "By reason",
        columns,
        rows,
        total=(Cell("All"), Cell(int(whole))),
        figure=figure,
        empty="All time counts.",
    )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _by_person(found: Sequence[Seconds], opens: Callable[..., str]) -> Table:
    columns = (
        Column("person", "Person", Kind.TEXT),
        Column("signed_seconds", "Signed", Kind.TIME),
        Column("not_counted_seconds", "Of it not counted", Kind.TIME),
        Column("not_counted_per_cent", "Share", Kind.SHARE),
        Column("unsigned_seconds", "Not signed", Kind.TIME),
    )
    people: dict = defaultdict(lambda: defaultdict(int))
    for cell in found:
        people[cell.name, str(cell.staff_id)][cell.why] += cell.seconds
    rows = []
    for (name, staff), sums in sorted(people.items()):
        signed = sum(n for why, n in sums.items() if why != UNSIGNED)
        out = signed - sums[COUNTED]
        left_out = opens(staff=staff, why=LEFT_OUT)
        unsigned = opens(staff=staff, why=UNSIGNED)
        rows.append(
            (
                Cell(name),
                Cell(int(signed), opens(staff=staff) if signed else ""),
                Cell(int(out), left_out if out else ""),
                Cell(share(out, signed)),
                Cell(int(sums[UNSIGNED]), unsigned if sums[UNSIGNED] else ""),
            )
        )
    return Table("person", "By person", columns, rows)
