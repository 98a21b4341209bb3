"""Who worked how long on what in a month, and how the time is known."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from accounts.permissions import Role
from reports.tables import Cell, Column, Figure, Kind, Row, Table, address, bars, span
from reports.timing import COUNTED, UNSIGNED, cells
from reports.timing import Cell as Seconds
from timelogs.models import Activity, Evidence

BEHIND = "reports:sessions"
TIMES = (
    Column("counted_seconds", "Counted", Kind.TIME),
    Column("not_counted_seconds", "Signed, not counted", Kind.TIME),
    Column("unsigned_seconds", "Not signed", Kind.TIME),
)


def tables(practice, month: date, since: date | None = None) -> list[Table]:
    """By person, role, activity, evidence and week."""
    found = cells(practice, month, since)
    # What each address adds to the month.
    base = span(since)
    return [
        _table(
            found,
            month,
            base,
            "person",
            "By person",
            key=lambda c: (c.name, str(c.staff_id)),
            say=_person,
            picture=True,
        ),
        _table(found, month, base, "role", "By role", key=lambda c: c.role, say=_role),
        _table(
            found,
            month,
            base,
            "activity",
            "By activity",
            key=lambda c: c.activity,
            say=_activity,
            picture=True,
        ),
        _table(
            found, month, base, "evidence", "By class of evidence", key=lambda c: c.evidence, say=_evidence
        ),
        _table(found, month, base, "week", "By week", key=lambda c: c.week, say=_week, picture=True),
        _together(found, month, base),
    ]


def _person(key) -> tuple[Cell, dict]:
    name, staff = key
    return Cell(name), {"staff": staff}


def _role(key) -> tuple[Cell, dict]:
    return Cell(Role(key).label, code=key), {"role": key}


def _activity(key) -> tuple[Cell, dict]:
    return Cell(Activity(key).label, code=key), {"activity": key}


def _evidence(key) -> tuple[Cell, dict]:
    return Cell(Evidence(key).label, code=key), {"evidence": key}


def _week(key: date) -> tuple[Cell, dict]:
    return Cell(f"{key:%-d %b} – {key + timedelta(days=6):%-d %b %Y}", code=key.isoformat()), {"week": key}


def _table(
    found: Sequence[Seconds],
    month: date,
    base: dict,
    slug: str,
    title: str,
    *,
    key: Callable,
    say: Callable,
    picture=False,
):
    columns = (Column(slug, title.removeprefix("By ").capitalize(), Kind.TEXT), *TIMES)
    grouped = defaultdict(list)
    for cell in found:
        grouped[key(cell)].append(cell)
    rows = []
    for value, group in sorted(grouped.items()):
        head, chosen = say(value)
        rows.append((head, *_times(group, month, base | chosen)))
    figure = Figure(f"{title}: signed time", bars(rows, columns, 1, 2), "counted", "signed, not counted")
    return Table(
        slug,
        title,
        columns,
        rows,
        total=(Cell("All"), *_times(found, month, base)),
        figure=figure if picture and rows else None,
    )


def _times(group: Iterable[Seconds], month: date, chosen: dict) -> Row:
    """Counted, signed without counting, and not signed: each cut once from its exact sum."""
    sums = {COUNTED: 0, "left-out": 0, UNSIGNED: 0}
    for cell in group:
        sums[cell.why if cell.why in sums else "left-out"] += cell.seconds
    return tuple(
        Cell(int(total), address(BEHIND, month, **chosen, why=why) if total else "")
        for why, total in sums.items()
    )


def _together(found: Sequence[Seconds], month: date, base: dict) -> Table:
    """Everything crossed with everything: for the file, and for who asks for one person's calls."""
    columns = (
        Column("person", "Person", Kind.TEXT),
        Column("role", "Role", Kind.TEXT),
        Column("activity", "Activity", Kind.TEXT),
        Column("evidence", "Evidence", Kind.TEXT),
        *TIMES,
    )
    grouped = defaultdict(list)
    for cell in found:
        grouped[cell.name, str(cell.staff_id), cell.role, cell.activity, cell.evidence].append(cell)
    rows = []
    for (name, staff, *rest), group in sorted(grouped.items()):
        role, activity, evidence = rest
        chosen = {"staff": staff, "role": role, "activity": activity, "evidence": evidence}
        heads = (
            Cell(name),
            Cell(Role(role).label, code=role),
            Cell(Activity(activity).label, code=activity),
            Cell(Evidence(evidence).label, code=evidence),
        )
        rows.append((*heads, *_times(group, month, base | chosen)))
    return Table("all", "By person, role, activity and class of evidence", columns, rows)
