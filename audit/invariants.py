"""The invariants as SQL that must return no row. Each app adds its own in `AppConfig.ready`."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sql` returns the offending rows, ids only: the list is printed and logged."""

    name: str
    sql: str


_REGISTERED: list[Invariant] = []


def register(*invariants: Invariant) -> None:
    _REGISTERED.extend(invariants)


def _history_agrees(model) -> Invariant:
    """The newest history row equals the base row, field by field: sees every write that passed history by."""
    history = model.history.model
    columns = [f.column for f in history.tracked_fields]
    differs = " OR ".join(f'h."{c}" IS DISTINCT FROM b."{c}"' for c in columns)
    table, past = model._meta.db_table, history._meta.db_table
    return Invariant(
        f"history-agrees:{model._meta.label_lower}",
        f"""SELECT b.id FROM "{table}" b LEFT JOIN LATERAL (
                SELECT * FROM "{past}" h WHERE h.id = b.id ORDER BY history_id DESC LIMIT 1) h ON true
            WHERE h.history_id IS NULL OR {differs}""",
    )


def every_invariant() -> list[Invariant]:
    tracked = [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]
    return [*_REGISTERED, *map(_history_agrees, tracked)]


@cache
def all_in_one() -> str:
    """Every invariant in one statement: (name, id) of the first rows that break it."""
    parts = (
        f"""(SELECT '{each.name}', broken_id::text FROM ({each.sql}) AS found (broken_id) LIMIT {SHOWN})"""
        for each in every_invariant()
    )
    return " UNION ALL ".join(parts)


def broken(statement: str = "") -> dict[str, list[str]]:
    """name → the first ids of rows that break it. Empty when all holds.

    Who asks often gives a `statement` that executes `all_in_one` as it was prepared.
    """
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement or all_in_one())
        for name, row_id in cursor:
            found[name].append(row_id)
    return dict(found)
