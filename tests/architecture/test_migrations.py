"""Migrations stay quick on an empty database: each table made by itself has all related models rendered anew."""

from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader

from tests.architecture.walk import APPS, table_of


def own_migrations():
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {key: migration for key, migration in disk.items() if key[0] in APPS}


def test_tables_that_are_made_together_are_rendered_once():
    slow = [
        f"{app}.{name}: {kind.__name__} × {count}"
        for (app, name), migration in own_migrations().items()
        for kind in (CreateModel, AddField)
        if (count := sum(type(each) is kind for each in migration.operations)) > 2
    ]
    assert not slow, f"Put them into foundation.migration_operations.CreateModels:{table_of(slow)}"


def test_each_app_begins_with_one_initial_migration():
    first = {app for app, name in own_migrations() if name.startswith("0001_")}
    initial = [key for key, migration in own_migrations().items() if migration.initial]
    assert len(initial) == len({app for app, _ in initial})
    assert {app for app, _ in initial} | {"foundation"} == first
