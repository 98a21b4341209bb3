"""The forecast as tables: in minutes and days, and with codes for who may see them. Nobody's name stands in it."""

from datetime import date, datetime

from billing.rules import NoRuleSet, ruleset_for
from foundation.months import last_day
from reports.forecast import days, minutes
from reports.tables import Cell, Column, Figure, Kind, Table, bars

CHANCES = (
    Column("there", "There already"),
    Column("likely", "Likely (80 % and more)"),
    Column("open", "Open"),
    Column("unlikely", "Unlikely (under 20 %)"),
)


def tables(practice, *, at: datetime, codes: bool) -> list[Table]:
    """Of the month and the device windows that run."""
    time = minutes.forecast(practice, at=at)
    readings = days.forecast(practice, today=practice.today(at))
    return [_minutes(time, codes), _days(readings), _last_days(readings)]


def _minutes(found: minutes.Forecast, codes: bool) -> Table:
    columns = (
        Column("line", "By the end of the month", Kind.TEXT),
        *CHANCES,
        Column("expected", "Expected in all"),
    )
    names = _codes(found.month) if codes else {}
    rows = [
        (
            Cell(f"{line.minutes} min{names.get(line.minutes, '')}", code=str(line.minutes)),
            Cell(line.there), *(_known(line.expected, n) for n in (line.likely, line.open, line.unlikely)),
            _known(line.expected, round(line.expected or 0)),
        )
        for line in found.lines
    ]  # fmt: skip
    if not found.cases:
        rows = []
    known = rows and all(line.expected is not None for line in found.lines)
    return Table(
        "minutes", "Counted time", columns, rows, note=_note(found),
        figure=Figure("Patients expected by the end of the month", bars(rows, columns, 5), "", "") if known else None,
        empty="There is no past month to learn from yet.",
    )  # fmt: skip


def _note(found: minutes.Forecast) -> str:
    text = (
        f"Patients: {found.patients:,}, as of this morning; past months: {found.cases:,}. Minutes can be reached until "
        f"{last_day(found.month):%-d %B}. "
    )
    if found.seconds is None:
        return text + "There are too few past months to say how much time is to come."
    hours = round(found.seconds / 3600)
    return text + f"From here past months took about {hours:,} {'hour' if hours == 1 else 'hours'} more."


def _known(expected: float | None, value: int) -> Cell:
    return Cell(value if expected is not None else None)


def _codes(month: date) -> dict[int, str]:
    """{minutes: the code that they reach}, where a rule set covers the month."""
    try:
        management = ruleset_for(month).management
    except NoRuleSet:
        return {}
    found = {step.at_least: f" ({step.code})" for step in management.steps}
    further = management.addon
    return dict.fromkeys(management.minute_lines, f" ({further.code})" if further else "") | found


def _days(found: days.Forecast) -> Table:
    columns = (
        Column("days", "In the 30-day window", Kind.TEXT), *CHANCES,
        Column("lost", "Not any more"), Column("expected", "Expected in all"),
    )  # fmt: skip
    row = (
        Cell("16 days with readings", code="16"), Cell(found.there),
        *(_known(found.expected, n) for n in (found.likely, found.open, found.unlikely)),
        Cell(found.lost), _known(found.expected, round(found.expected or 0)),
    )  # fmt: skip
    return Table(
        "days", "Days with readings", columns, [row] if found.patients else [],
        note=f"Patients with a window that runs: {found.patients:,}. Not any more: too few days are left.",
        empty="No device window runs.",
    )  # fmt: skip


def _last_days(found: days.Forecast) -> Table:
    columns = (Column("day", "Day", Kind.TEXT), Column("patients", "Patients"))
    rows = [
        (Cell(f"{day:%a %-d %b}", code=day.isoformat()), Cell(count))
        for day, count in found.last_days.items()
    ]
    return Table(
        "last-days", "Last day for 16 days", columns, rows,
        note="From this day on a reading has to come every day, or sixteen are out of reach.",
        empty="No device window is still short of 16 days.",
    )  # fmt: skip
