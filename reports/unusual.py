"""What a reader of a month's sessions would ask about: long days and weeks, nights, equal lengths, late notes.

What is seen, by person, and nothing about why: each has its ordinary reasons.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from accounts.practice_policies import policies_for
from foundation.months import in_words, last_day
from reports.habits import Habits, Hours, habits, hours
from reports.staff_time import BEHIND
from reports.tables import Cell, Column, Figure, Kind, Table, address, bars, length, share

NOTED = "reports:noted"
# Fewer sessions of one length are no pattern.
FEW = 3
PERSON = Column("person", "Person", Kind.TEXT)


def tables(practice, month: date) -> list[Table]:
    """One for each question, by person."""
    limits = policies_for(practice, on=last_day(month))
    people, worked = habits(practice, month), hours(practice, month)
    return [
        _long_days(worked, month, limits["staff_daily_ceiling_minutes"]),
        _long_weeks(worked, month, limits["staff_weekly_ceiling_minutes"]),
        _nights(worked, month),
        _lines(people, month),
        _lengths(people, month),
        _written(people, month),
    ]


def _long_days(worked: Mapping[UUID, Hours], month: date, limit: int) -> Table:
    columns = (PERSON, Column("day", "Day", Kind.TEXT), Column("seconds", "Signed", Kind.TIME))
    over = [
        (mine.name, day, staff, int(seconds))
        for staff, mine in worked.items()
        for day, seconds in mine.days.items()
        if int(seconds) > limit * 60
    ]
    rows = [
        (
            Cell(name),
            Cell(f"{day:%a %-d %b}", code=day.isoformat()),
            Cell(seconds, address(BEHIND, month, staff=staff, day=day)),
        )
        for name, day, staff, seconds in sorted(over)
    ]
    words = length(limit * 60)
    return Table(
        "days",
        "Days above the limit",
        columns,
        rows,
        note=f"More than {words} signed by one person for one day, by your practice’s policy.",
        empty=f"No day above {words}.",
    )


def _long_weeks(worked: Mapping[UUID, Hours], month: date, limit: int) -> Table:
    columns = (PERSON, Column("week", "Week", Kind.TEXT), Column("seconds", "Signed", Kind.TIME))
    over = [
        (mine.name, monday, staff, int(seconds))
        for staff, mine in worked.items()
        for monday, seconds in mine.weeks().items()
        if int(seconds) > limit * 60
    ]
    rows = [
        (
            Cell(name),
            Cell(f"{monday:%-d %b} – {monday + timedelta(days=6):%-d %b}", code=monday.isoformat()),
            Cell(seconds, address(BEHIND, month, staff=staff, week=monday)),
        )
        for name, monday, staff, seconds in sorted(over)
    ]
    words = length(limit * 60)
    return Table(
        "weeks",
        "Weeks above the limit",
        columns,
        rows,
        note=f"More than {words} signed by one person in one week, by your practice’s policy. Of a week that began in "
        "the month before, the days of this month are added up.",
        empty=f"No week above {words}.",
    )


def _nights(worked: Mapping[UUID, Hours], month: date) -> Table:
    columns = (
        PERSON,
        Column("night_seconds", "Between 22:00 and 06:00", Kind.TIME),
        Column("nights", "On days"),
        Column("per_cent", "Of all signed time", Kind.SHARE),
    )
    rows = [
        (
            Cell(mine.name),
            Cell(int(night), address(BEHIND, month, staff=staff, night=1)),
            Cell(len(mine.nights)),
            Cell(share(int(night), int(sum(mine.days.values())))),
        )
        for staff, mine in worked.items()
        if (night := sum(mine.nights.values())) >= 1
    ]
    rows.sort(key=lambda row: str(row[0].value))
    figure = Figure("Time signed for the night, by person", bars(rows, columns, 1), "", "") if rows else None
    return Table("nights", "Time at night", columns, rows, figure=figure, empty="No time at night.")


def _lines(people: Sequence[Habits], month: date) -> Table:
    columns = (
        PERSON,
        Column("crossed", "Sessions that took a month past 10, 20, 40, 60 or 80 min"),
        Column("just", "Of them, less than a minute past it"),
        Column("per_cent", "Share", Kind.SHARE),
    )
    rows = [
        (
            Cell(each.name),
            _opens(each.crossed, month, each, "crossed"),
            _opens(each.just, month, each, "just"),
            Cell(share(each.just, each.crossed)),
        )
        for each in people
        if each.crossed
    ]
    figure = (
        Figure("Sessions that ended less than a minute past a line", bars(rows, columns, 2), "", "")
        if rows
        else None
    )
    return Table(
        "lines",
        "Just past a line",
        columns,
        rows,
        figure=figure,
        note="Where sessions last ten minutes and end by chance, one in ten that takes a month past a line ends less "
        "than a minute past it.",
        empty="No session took a month past a line.",
    )


def _lengths(people: Sequence[Habits], month: date) -> Table:
    columns = (
        PERSON,
        Column("sessions", "Sessions"),
        Column("length_seconds", "Most frequent length", Kind.TIME),
        Column("equal", "Sessions of exactly that length"),
        Column("per_cent", "Share", Kind.SHARE),
    )
    rows = [
        (
            Cell(each.name),
            _opens(each.sessions, month, each, "signed"),
            Cell(each.length),
            _opens(each.equal, month, each, "length", length=each.length),
            Cell(share(each.equal, each.sessions)),
        )
        for each in people
        if each.equal >= FEW
    ]
    note = "Equal to the second. Time entered by hand is usually whole minutes; time of a clock seldom is."
    empty = f"Nobody has {FEW} sessions of the same length."
    return Table("lengths", "Equal lengths", columns, rows, note=note, empty=empty)


def _written(people: Sequence[Habits], month: date) -> Table:
    columns = (
        PERSON,
        Column("sessions", "Sessions"),
        Column("by_hand", "Entered by hand"),
        Column("by_hand_per_cent", "Share", Kind.SHARE),
        Column("late", "Marked late"),
        Column("late_per_cent", "Share of all", Kind.SHARE),
    )
    rows = [
        (
            Cell(each.name),
            _opens(each.sessions, month, each, "signed"),
            _opens(each.by_hand, month, each, "by_hand"),
            Cell(share(each.by_hand, each.sessions)),
            _opens(each.late, month, each, "late"),
            Cell(share(each.late, each.sessions)),
        )
        for each in people
    ]
    return Table(
        "written", "Entered by hand, and late", columns, rows, empty="No session was signed for this month."
    )


def _opens(count: int, month: date, each: Habits, what: str, **more) -> Cell:
    return Cell(count, address(NOTED, month, staff=each.staff_id, what=what, **more) if count else "")


def behind_words(what: str, seconds: int | None) -> str:
    """What the sessions of a number have in common."""
    return {
        "signed": "signed",
        "late": "marked late",
        "by_hand": "entered by hand",
        "crossed": "that took a month past 10, 20, 40, 60 or 80 min",
        "just": "that ended less than a minute past a line",
        "length": f"of exactly {in_words(seconds or 0)}",
    }[what]
