"""Whoever changes a row that a figure is made of leaves a mark, by whatever way; and nobody waits for anybody."""

import importlib
import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Claim
from boards.figures import summaries
from boards.models import PatientMark
from boards.months import open_months
from tests import factories
from tests.databases import as_owner
from tests.factories import saved
from tests.integration.billing.months import MARCH, march_closed
from tests.integration.boards.test_refresh import MID_MARCH
from timelogs.models import TimeEntry, TimeSegment

pytestmark = pytest.mark.django_db
GUARDS = importlib.import_module("boards.migrations.0002_guards")
MARKED = {table for table, *_ in (*GUARDS.OF_PATIENTS, *GUARDS.OF_EVERYBODY)}
# Read for a figure, and without a trigger.
NO_MARK = {
    "accounts_user": "a person's name; figures hold her key",
    "timelogs_reviewedreadings": "never changes after the signature that it belongs to",
}


def tables_read(patients, practice) -> set[str]:
    with CaptureQueriesContext(connection) as asked:
        open_months(practice, practice.today(MID_MARCH))
        list(summaries(practice, [MARCH, date(2026, 4, 1)], patients, at=MID_MARCH))
    return {
        name for query in asked for name in re.findall(r'(?:FROM|JOIN) "?([a-z]+_[a-z]+)"?', query["sql"])
    }


def test_each_table_that_a_figure_is_made_of_leaves_marks(worlds):
    cast = worlds.of(march_closed)
    read = tables_read([cast.jane.pk, cast.max.pk], cast.practice) - {"boards_patientsummary"}
    assert len(read) > 20
    assert read - MARKED <= set(NO_MARK), (
        f"A trigger in boards/migrations/0002_guards.py: {read - MARKED - set(NO_MARK)}"
    )


# What a row of each needs so that it counts; every other column is left empty.
ROW = {
    "timelogs_timeentry": {"status": "'signed'"},
    "timelogs_timesegment": {"during": "'[2026-03-03, 2026-03-04)'"},
}
# Nobody's until they are assigned or named: such a row changes figures, its beginning does not.
BEGINS_UNSEEN = {"patients_device", "accounts_membership"}


def test_raw_sql_on_each_of_them_is_seen(worlds):
    """The owner's, past every refusal of the table: a row added, changed and deleted leaves a mark each time."""
    cast = worlds.of(march_closed)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    claim = Claim.objects.get(patient=cast.jane)
    entry = TimeEntry.objects.filter(patient=cast.jane).first()
    keys = {
        "practice_id": cast.practice.pk, "patient_id": cast.jane.pk, "enrollment_id": cast.jane_enrolled.pk,
        "entry_id": entry.pk, "claim_id": claim.pk, "duplicate_id": cast.jane.pk, "remaining_id": cast.max.pk,
    }  # fmt: skip
    silent = [(table, verb) for table in sorted(MARKED) for verb in unseen(table, keys, cast)]
    assert silent == [], f"Somebody's figures changed and nobody was marked: {silent}"


def unseen(table: str, keys: dict, cast) -> list[str]:
    """Which of the three leave no mark."""
    with as_owner() as cursor, transaction.atomic():
        _take_refusals_away(cursor, table)
        own = f"'{cast.ana.pk}'" if table == "accounts_membership" else f"'{factories.cuff_of(cast.jane).pk}'"
        which = f"id = {own if table in BEGINS_UNSEEN else _new(table)}"
        added = _insert(cursor, table, keys)
        found = {
            "insert": table in BEGINS_UNSEEN or _marks(cursor, added),
            "update": _marks(cursor, f"UPDATE {table} SET id = id WHERE {which}"),
            "delete": _marks(cursor, f"DELETE FROM {table} WHERE {which}"),
        }
        transaction.set_rollback(True)
    return [verb for verb, seen in found.items() if not seen]


def _take_refusals_away(cursor, table: str) -> None:
    cursor.execute(
        """SELECT 'DISABLE TRIGGER ' || quote_ident(tgname) FROM pg_trigger
           WHERE tgrelid = %(table)s::regclass AND NOT tgisinternal AND tgname NOT LIKE 'marks%%'
           UNION ALL SELECT 'DROP CONSTRAINT IF EXISTS ' || quote_ident(conname) || ' CASCADE' FROM pg_constraint
           WHERE conrelid = %(table)s::regclass AND contype IN ('c', 'f', 'u', 'x')
           UNION ALL SELECT 'ALTER COLUMN ' || quote_ident(attname) || ' DROP NOT NULL' FROM pg_attribute
           WHERE attrelid = %(table)s::regclass AND attnum > 0 AND attnotnull AND attname <> 'id'""",
        {"table": table},
    )
    for (change,) in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} {change}")


def _insert(cursor, table: str, keys: dict) -> str:
    cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table])
    columns = {name for (name,) in cursor.fetchall()}
    row = {name: f"'{value}'" for name, value in keys.items() if name in columns} | ROW.get(table, {})
    row |= {"id": _new(table)}
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"


def _new(table: str) -> str:
    return "-1" if table == "timelogs_countedinterval" else "'00000000-0000-4000-8000-00000000b0a4'"


def _marks(cursor, sql: str) -> bool:
    cursor.execute("DELETE FROM boards_patientmark")
    cursor.execute(sql)
    cursor.execute("SELECT count(*) FROM boards_patientmark")
    return cursor.fetchone()[0] > 0


def test_a_draft_and_a_running_clock_leave_none(cast):
    PatientMark.objects.all().delete()
    own = {"practice": cast.practice, "patient": cast.jane, "enrollment": cast.jane_enrolled}
    entry = saved(TimeEntry(started_at=MID_MARCH, author=cast.rosa, **own))
    running = {"staff": cast.rosa.user, "source": "clock", "evidence": "observed", "practice": cast.practice}
    segment = saved(TimeSegment(entry=entry, during=(MID_MARCH, None), **running))
    entry.said = "She feels well."
    entry.save()
    assert not PatientMark.objects.exists()
    segment.during = (MID_MARCH, datetime(2026, 3, 20, 15, 6, tzinfo=UTC))
    segment.save()
    assert [mark.patient_id for mark in PatientMark.objects.all()] == [cast.jane.pk]


def test_many_rows_of_one_statement_mark_each_patient_once(cast):
    PatientMark.objects.all().delete()
    factories.readings(cast.jane, date(2026, 3, 1), 12)
    assert [mark.patient_id for mark in PatientMark.objects.all()] == [cast.jane.pk]


def test_marks_are_added_alone():
    """No index that refuses, no key that is looked up, no lock on a row that two writers share."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_constraint
               WHERE conrelid = 'boards_patientmark'::regclass AND contype IN ('f', 'u', 'x')"""
        )
        assert cursor.fetchone() == (0,)
