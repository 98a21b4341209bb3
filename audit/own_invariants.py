"""What holds for every app alike, generated from the models: signed, append-only histories; no key across practices."""

from collections.abc import Iterator

from django.apps import apps

from accounts.invariants import INVARIANTS as ACCOUNTS
from audit.invariants import Invariant
from foundation.dbguards import APP_ROLE


def histories() -> list[str]:
    """The table of every history."""
    tracked = [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]
    return sorted(model.history.model._meta.db_table for model in tracked)


def append_only_tables() -> list[str]:
    return [*histories(), "audit_accessevent", "audit_signinevent", "audit_invariantrun"]


def history_has_actor() -> Invariant:
    """A person's row names the person; every row names actor, kind and request."""
    parts = [
        f"""(SELECT '{table} ' || history_id FROM "{table}"
             WHERE actor_label = '' OR actor_kind = ''
                OR (actor_kind = 'person' AND history_user_id IS NULL) LIMIT 5)"""
        for table in histories()
    ]
    return Invariant("history-has-actor", " UNION ALL ".join(parts))


def append_only_is_guarded() -> Invariant:
    """Every append-only table has its trigger switched on, and the app role may only read and add."""
    names = ", ".join(f"('{table}')" for table in append_only_tables())
    return Invariant(
        "append-only-is-guarded",
        f"""SELECT name FROM (VALUES {names}) AS guarded (name)
            WHERE NOT EXISTS (
                SELECT 1 FROM pg_trigger t
                WHERE t.tgrelid = name::regclass AND t.tgname = 'append_only' AND t.tgenabled IN ('O', 'A'))
               OR has_table_privilege('{APP_ROLE}', name, 'UPDATE')
               OR has_table_privilege('{APP_ROLE}', name, 'DELETE')
               OR has_table_privilege('{APP_ROLE}', name, 'TRUNCATE')""",
    )


def app_role_keeps_no_settings() -> Invariant:
    """PostgreSQL lets every role change its own defaults for later connections. Nobody has done that with the app's."""
    return Invariant(
        "app-role-keeps-no-settings",
        f"""SELECT split_part(setting, '=', 1)
            FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
            WHERE r.rolname = '{APP_ROLE}'
              AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))""",
    )


def app_role_makes_nothing() -> Invariant:
    """Neither tables nor functions, temporary ones included: they could stand where a guard looks for ours."""
    return Invariant(
        "app-role-makes-nothing",
        f"""SELECT place FROM (VALUES
                ('database', has_database_privilege('{APP_ROLE}', current_database(), 'CREATE')),
                ('temporary', has_database_privilege('{APP_ROLE}', current_database(), 'TEMPORARY')),
                ('public', has_schema_privilege('{APP_ROLE}', 'public', 'CREATE'))) AS places (place, may)
            WHERE may""",
    )


def practice_keys() -> Iterator[tuple[str, str, str]]:
    """(table, column, target table) of each foreign key between two rows that belong to a practice."""
    for model in apps.get_models():
        if not model._meta.managed or "Historical" in model.__name__ or not _has_practice(model):
            continue
        for field in model._meta.local_fields:
            target = field.related_model if field.many_to_one or field.one_to_one else None
            if target is not None and field.name != "practice" and _has_practice(target):
                yield model._meta.db_table, field.column, target._meta.db_table


def _has_practice(model) -> bool:
    return any(field.name == "practice" for field in model._meta.local_fields)


def no_key_crosses_practices() -> Invariant:
    parts = [
        f"""(SELECT '{table}.{column} ' || a.{_key(table)} FROM "{table}" a JOIN "{target}" b ON b.id = a."{column}"
             WHERE b.practice_id <> a.practice_id LIMIT 5)"""
        for table, column, target in practice_keys()
    ]
    return Invariant("no-key-crosses-practices", " UNION ALL ".join(parts))


def _key(table: str) -> str:
    return next(m._meta.pk.column for m in apps.get_models() if m._meta.db_table == table)


def own_invariants() -> tuple[Invariant, ...]:
    accounts = [Invariant(name, sql) for name, sql in ACCOUNTS]
    of_roles = append_only_is_guarded(), app_role_keeps_no_settings(), app_role_makes_nothing()
    return (*accounts, history_has_actor(), *of_roles, no_key_crosses_practices())
