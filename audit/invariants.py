"""The invariants as SQL that must return no row. Each app adds its own in `AppConfig.ready`."""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection


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


def broken() -> dict[str, list[str]]:
    """name → the first ids of rows that break it. Empty when all holds."""
    found = {}
    with connection.cursor() as cursor:
        for invariant in every_invariant():
            cursor.execute(invariant.sql)
            if rows := cursor.fetchmany(20):
                found[invariant.name] = [str(row[0]) for row in rows]
    return found
