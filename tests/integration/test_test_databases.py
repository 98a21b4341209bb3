"""The template that test databases are copied from, and where each worker has its own."""

import os

import psycopg
import pytest
from django.db import connection, transaction

from audit.invariants import broken
from tests import databases
from tests.databases import PREFIX, invariants_prepared, numbered, owner_url, schema_digest, template_database


def test_another_migration_is_another_template(tmp_path):
    migrations = tmp_path / "billing" / "migrations"
    migrations.mkdir(parents=True)
    empty = schema_digest(tmp_path)
    (migrations / "0001_initial.py").write_text("a")
    one = schema_digest(tmp_path)
    (migrations / "0001_initial.py").write_text("b")
    assert len({empty, one, schema_digest(tmp_path)}) == 3
    (migrations / "0001_initial.py").write_text("a")
    assert schema_digest(tmp_path) == one


def test_the_template_is_made_once_and_an_old_one_is_dropped(monkeypatch):
    current = template_database()
    old = f"{PREFIX}of-another-schema"
    with psycopg.connect(owner_url("postgres"), autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{old}"')
        made = []
        monkeypatch.setattr(databases, "_make", lambda maintenance, name: made.append(name))
        assert template_database() == current
        names = {name for (name,) in maintenance.execute("SELECT datname FROM pg_database")}
    assert made == []
    assert current in names
    assert old not in names


def test_each_worker_has_a_database_of_its_own(db):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    assert connection.settings_dict["NAME"] == "test_rpm" + (f"_{worker}" if worker else "")


def test_the_invariants_are_planned_once_for_a_connection_whatever_is_rolled_back(db):
    for _ in range(3):
        with transaction.atomic():
            assert broken(invariants_prepared()) == {}
            transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements WHERE name = 'every_invariant'")
        assert cursor.fetchone()[0] >= 3


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/redis.sock", "unix:///run/redis.sock?db=2"),
        ("unix:///run/redis.sock?db=7", "unix:///run/redis.sock?db=2"),
        ("redis://:secret@host:6379/0", "redis://:secret@host:6379/2"),
        ("redis://host", "redis://host/2"),
    ],
)
def test_each_worker_has_a_redis_number_of_its_own(url, expected):
    assert numbered(url, 2) == expected
