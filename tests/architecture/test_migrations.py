"""Migrations stay quick on an empty database: each table made by itself has all related models rendered anew."""

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState, StateApps

from tests.architecture.walk import APPS, table_of

# The first migration of an app renders each model once. A later one may change two things that all models hang on.
MOST = 2


def own_migrations():
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {key: migration for key, migration in disk.items() if key[0] in APPS}


def renderings(monkeypatch):
    """(migration, how many models it renders, how many there are after it), in the order of `migrate`."""
    rendered = []
    render = StateApps.render_multiple
    monkeypatch.setattr(
        StateApps, "render_multiple", lambda self, states: (rendered.extend(states), render(self, states))
    )
    graph, state = MigrationLoader(None).graph, ProjectState()
    for key in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        rendered.clear()
        for operation in graph.nodes[key].operations:
            operation.state_forwards(key[0], state)
            assert state.apps  # as the schema editor asks for it after each operation
        yield graph.nodes[key], len(rendered), len(state.models)


def test_a_migration_does_not_render_all_models_again_and_again(monkeypatch):
    measured = [
        (each, times, models) for each, times, models in renderings(monkeypatch) if each.app_label in APPS
    ]
    assert any(times for _, times, _ in measured)
    slow = [
        f"{each}: {times} renderings of {models} models"
        for each, times, models in measured
        if times > MOST * models
    ]
    assert not slow, f"Put the tables into foundation.migration_operations.CreateModels:{table_of(slow)}"


def test_each_app_begins_with_one_initial_migration():
    first = {app for app, name in own_migrations() if name.startswith("0001_")}
    initial = [key for key, migration in own_migrations().items() if migration.initial]
    assert len(initial) == len({app for app, _ in initial})
    assert {app for app, _ in initial} | {"foundation"} == first
