"""Finds changes over every history table at once: newest first, a page at a time, by key and never by offset.

Each table is asked for no more rows than the page needs, by its index on (practice, recorded_at, history_id).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from audit.filters import SYSTEM, Filters
from audit.registry import Presentation
from foundation.months import midnight

COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list. `beside`: requests already shown, whose remaining rows are not shown again."""

    at: datetime
    slug: str
    history_id: int
    beside: tuple[UUID, ...] = ()

    def __str__(self):
        return "~".join(
            [self.at.isoformat(), self.slug, str(self.history_id), ",".join(map(str, self.beside))]
        )

    @classmethod
    def parse(cls, text: str) -> "Position | None":
        """None for anything that is not a position: a broken address begins at the newest."""
        try:
            at, slug, history_id, beside = text[:4000].split("~")
            # Eighteen digits fit PostgreSQL's bigint; an id that does not is no place in any list.
            number = int(history_id) if len(history_id) <= 18 else int("")
            if not slug.isidentifier():
                return None
            return cls(
                datetime.fromisoformat(at), slug, number, tuple(map(UUID, filter(None, beside.split(","))))
            )
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Key:
    """One history row, not yet read."""

    at: datetime
    slug: str
    history_id: int
    request_id: UUID
    who: str

    @property
    def position(self) -> Position:
        return Position(self.at, self.slug, self.history_id)


def keys(
    practice,
    filters: Filters,
    *,
    after: Position | None = None,
    newer: bool = False,
    without: Iterable[UUID] = (),
    limit: int,
) -> list[Key]:
    """The next `limit` rows older than `after` (or newer, then oldest first), of every table that is asked."""
    parts, params = [], []
    for presentation in filters.presentations:
        sql, values = _part(presentation, practice, filters, after, newer, list(without), limit)
        parts.append(f"({sql})")
        params += values
    if not parts:
        return []
    way = "ASC" if newer else "DESC"
    union = " UNION ALL ".join(parts)
    order = f'ORDER BY recorded_at {way}, slug COLLATE "C" {way}, history_id {way} LIMIT %s'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({union}) AS every {order}", [*params, limit])
        return [Key(*row) for row in cursor.fetchall()]


def count(practice, filters: Filters) -> int:
    """How many rows fit, counted up to COUNTED + 1."""
    parts, params = [], []
    for presentation in filters.presentations:
        where, values = _where(presentation, practice, filters)
        parts.append(
            f'(SELECT 1 FROM "{presentation.history._meta.db_table}" h WHERE {where} LIMIT {COUNTED + 1})'
        )
        params += values
    if not parts:
        return 0
    union = " UNION ALL ".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({union}) AS every LIMIT {COUNTED + 1}) AS counted", params
        )
        return cursor.fetchone()[0]


def _part(presentation: Presentation, practice, filters, after, newer, without, limit) -> tuple[str, list]:
    where, params = _where(presentation, practice, filters)
    sign, way = (">", "ASC") if newer else ("<", "DESC")
    if after is not None:
        # The first condition lets the index begin at the place; the second decides among equal moments.
        where += f" AND h.recorded_at {sign}= %s"
        where += f' AND (h.recorded_at, %s::text COLLATE "C", h.history_id) {sign} (%s, %s, %s)'
        params += [after.at, presentation.slug, after.at, after.slug, after.history_id]
    if without:
        where += " AND h.request_id <> ALL(%s)"
        params.append(without)
    table = presentation.history._meta.db_table
    sql = (
        f"SELECT h.recorded_at, '{presentation.slug}'::text AS slug, h.history_id, h.request_id, h.actor_label"
        f' FROM "{table}" h WHERE {where} ORDER BY h.recorded_at {way}, h.history_id {way} LIMIT %s'
    )
    return sql, [*params, limit]


def _where(presentation: Presentation, practice, filters: Filters) -> tuple[str, list]:
    """The practice first, always; then the filters that are set."""
    since, until = (
        midnight(filters.since, tz=practice.tz),
        midnight(filters.until + timedelta(days=1), tz=practice.tz),
    )
    clauses = [presentation.scope, "h.recorded_at >= %s", "h.recorded_at < %s"]
    params: list = [practice.pk, since, until]
    for clause, values in _chosen(presentation, filters):
        clauses.append(clause)
        params += values
    return " AND ".join(clauses), params


def _chosen(presentation: Presentation, filters: Filters):
    if filters.who == SYSTEM:
        yield "h.history_user_id IS NULL", []
    elif filters.who:
        yield "h.history_user_id = %s", [filters.who]
    if filters.created is not None:
        yield "h.history_type = %s", ["+" if filters.created else "~"]
    if filters.reason:
        yield "strpos(lower(coalesce(h.history_change_reason, '')), lower(%s)) > 0", [filters.reason]
    if filters.request:
        yield "h.request_id = %s", [filters.request]
    if filters.patient_ids is not None:
        yield _of_patients(presentation, list(filters.patient_ids))
    if filters.field:
        yield _changed(presentation, filters.field), []


def _of_patients(presentation: Presentation, ids: list[UUID]) -> tuple[str, list]:
    match presentation.patient_path():
        case ("id",):
            return "h.id = ANY(%s)", [ids]
        case (key,):
            keys_ = presentation.patients or (key,)
            either = " OR ".join(f'h."{each}_id" = ANY(%s)' for each in keys_)
            return f"({either})", [ids] * len(keys_)
        case (key, "patient"):
            table = presentation.model._meta.get_field(key).related_model._meta.db_table
            return f'h."{key}_id" IN (SELECT id FROM "{table}" WHERE patient_id = ANY(%s))', [ids]
    return "false", []


def _changed(presentation: Presentation, name: str) -> str:
    """The field differs from the row before: the newest one of the same record with a smaller id."""
    column = next((f.column for f in presentation.fields() if f.name == name), None)
    if column is None:
        return "false"
    table = presentation.history._meta.db_table
    return f"""h.history_type = '~' AND h."{column}" IS DISTINCT FROM (SELECT p."{column}" FROM "{table}" p
        WHERE p.id = h.id AND p.history_id < h.history_id ORDER BY p.history_id DESC LIMIT 1)"""
