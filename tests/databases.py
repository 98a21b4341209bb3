"""The databases of a test run: a template that is migrated once for each schema, one for each worker, and its flush."""

import hashlib
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from weakref import WeakSet

import psycopg
from django.core.management.commands import flush as flush_command
from django.db import OperationalError, connection
from psycopg.sql import SQL, Identifier

from audit.invariants import all_in_one

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "rpm-tests-"
# Whatever makes the schema: our migrations and their operations, and the packages that bring their own.
SCHEMA = ("*/migrations/*.py", "foundation/*.py", "rpmportal/settings.py", "requirements.txt")
# Filled by migrate, and the same in every test.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
# Any number: whoever makes templates in this server waits for the others.
LOCK = 20_260_101
_PREPARED: WeakSet = WeakSet()


def schema_digest(root: Path = ROOT) -> str:
    found = hashlib.sha256()
    for path in sorted(path for pattern in SCHEMA for path in root.glob(pattern)):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def template_database() -> str:
    """The name of a database with today's schema and no row, made if it is not there. Old ones are dropped."""
    name = PREFIX + schema_digest()
    with psycopg.connect(owner_url("postgres"), autocommit=True) as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        others = _templates(maintenance) - {name}
        for old in others:
            maintenance.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(old)))
        if name not in _templates(maintenance):
            _make(maintenance, name)
    return name


def _templates(maintenance) -> set[str]:
    rows = maintenance.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"])
    return {name for (name,) in rows}


def _make(maintenance, name: str) -> None:
    """Migrated aside and renamed, so that a run that was killed leaves none half made."""
    new = f"{name}_new"
    maintenance.execute(SQL("CREATE DATABASE {}").format(Identifier(new)))
    env = {**os.environ, "DATABASE_OWNER_URL": owner_url(new), "DB_ROLE": "owner"}
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    maintenance.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(new), Identifier(name)))


def owner_url(database: str) -> str:
    return re.sub(r"^(\w+://[^/]*)/[^?]*", rf"\1/{database}", os.environ["DATABASE_OWNER_URL"])


def numbered(url: str, number: int) -> str:
    """The same Redis, another of its databases."""
    if url.startswith("unix:"):
        return f"{url.split('?')[0]}?db={number}"
    return re.sub(r"^(\w+://[^/]*).*", rf"\1/{number}", url)


def flush_quickly() -> None:
    """The flush between tests, as the owner, because the app role may not. Truncating all tables takes a quarter of a
    second; deleting the rows of the few that have any, past triggers and keys, a twentieth of that. Where the owner may
    not set the triggers aside (a server that was given), it truncates."""
    operations = type(connection.ops)
    plain = operations.execute_sql_flush

    def flush(self, sql_list):
        tables = [connection.ops.quote_name(name) for name in filled()]
        empty = [f"DELETE FROM {name}" for name in tables]
        past_triggers = ["SET LOCAL session_replication_role = replica", *empty]
        truncate = [f"TRUNCATE {', '.join(tables)} CASCADE"]
        if tables:
            plain(self, ["SET LOCAL ROLE rpm_owner", *(past_triggers if may_skip_triggers() else truncate)])

    operations.execute_sql_flush = flush
    # What it would make again (content types, permissions) is kept.
    flush_command.emit_post_migrate_signal = lambda *args, **options: None


def drop_patiently() -> None:
    """PostgreSQL waits five seconds for others to leave a database before it refuses to drop it. On a busy machine its
    own vacuum, which is there every minute, takes longer."""
    creation = type(connection.creation)
    plain = creation._destroy_test_db

    def destroy(self, *args, **options):
        for _ in range(10):
            try:
                return plain(self, *args, **options)
            except OperationalError:
                continue
        return plain(self, *args, **options)

    creation._destroy_test_db = destroy


@cache
def may_skip_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('rpm_owner', 'session_replication_role', 'SET')")
        return cursor.fetchone()[0]


def take_temporary_tables() -> None:
    """As the migrations do it: a copy of the template has its rows and rights, but not those on the database itself."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")


def invariants_prepared() -> str:
    """The invariants planned once for each connection: planning takes ten times as long as looking.

    Prepared in SQL, because psycopg forgets its own prepared statements at each rollback, so after each test. Asked by
    the owner, whose statement has no policy of row-level security in each of its hundred parts.
    """
    connection.ensure_connection()
    raw = connection.connection
    if raw not in _PREPARED:
        with as_owner() as cursor:
            cursor.execute(f"PREPARE every_invariant AS {all_in_one()}")
        _PREPARED.add(raw)
    return "EXECUTE every_invariant"


@contextmanager
def as_owner():
    """A cursor of the owner's, in the transaction that goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute("SET ROLE rpm_owner")
        yield cursor
        cursor.execute(SQL("SET ROLE {}").format(Identifier(before)))


def filled() -> list[str]:
    """The tables with rows. Only those with pages are looked into: planning a look into each takes most of the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                 AND pg_relation_size(oid) > 0 ORDER BY relname"""
        )
        tables = [name for (name,) in cursor if name not in KEPT]
        parts = [f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables]
        cursor.execute(" UNION ALL ".join(parts) or "SELECT '' WHERE false")
        return [name for (name,) in cursor]
