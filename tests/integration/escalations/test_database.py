"""What the database refuses around the acts: a state without its step, an escalation of nobody, a foreign reading."""

import uuid
from importlib import import_module

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from escalations import acts
from escalations.migrations import __name__ as migrations
from escalations.models import Escalation, EscalationReading, EscalationStep
from escalations.states import STEPS, Kind, State, after, why_not
from foundation.context import acting
from tests.integration.escalations.found import NOON, later, opened, pressure


@pytest.fixture(autouse=True)
def signed_by_the_system():
    with acting("system: tests"):
        yield


def refused(statement: str, *params) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
    return str(error.value)


@transaction.atomic
def write(*rows) -> None:
    """To the end, where the database looks at what is deferred."""
    for row in rows:
        row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_migration_holds_the_table_of_states():
    held = set(import_module(f"{migrations}.0002_guards").STEPS)
    assert held == {(str(k), str(a), str(b)) for k, moves in STEPS.items() for a, b in moves.items()}


def test_every_kind_and_state_is_decided():
    for kind in Kind:
        for state in State:
            assert (after(kind, state) is None) == bool(why_not(kind, state))
    assert all(State.RESOLVED not in moves for moves in STEPS.values())


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "acknowledged"), ("due_at", "2026-05-01"), ("severity", "critical"), ("state", "resolved")],
)
def test_no_change_without_its_step(cast, column, value):
    row = opened(cast.jane)
    said = refused(
        f"UPDATE escalations_escalation SET {column} = %s, version = version + 1 WHERE id = %s", value, row.pk
    )
    assert "without its step" in said
    assert str(row.pk) in said
    assert "DOE" not in said


@pytest.mark.parametrize("empty", ["owner_id", "due_at"])
def test_no_owner_no_due_time_no_escalation(cast, empty):
    opened(cast.jane)
    twin = another()
    setattr(twin, empty, None)
    with pytest.raises(IntegrityError, match=empty), transaction.atomic():
        twin.save()


def another() -> Escalation:
    """A second row beside the only one, as if somebody wrote it without its step."""
    twin = Escalation.objects.get()
    twin.pk, twin.measure, twin._state.adding = uuid.uuid4(), "glucose", True
    return twin


def test_what_it_is_about_never_changes(cast):
    row = opened(cast.jane)
    said = refused("UPDATE escalations_escalation SET patient_id = %s WHERE id = %s", cast.max.pk, row.pk)
    assert "stays as it is" in said


def test_a_step_that_the_table_does_not_have_is_refused(cast):
    row = acts.acknowledge(opened(cast.jane), by=cast.rosa, at=later(5))
    # As if it were acknowledged twice.
    step = EscalationStep(
        practice=cast.practice, escalation=row, number=row.version + 1, kind="acknowledged", at=NOON
    )
    step.state, step.owner, step.severity, step.due_at = row.state, row.owner, row.severity, row.due_at
    with pytest.raises(IntegrityError, match="without its step"):
        write(step, row)


def test_a_step_without_its_change_is_refused(cast):
    row = opened(cast.jane)
    step = EscalationStep(practice=cast.practice, escalation=row, number=2, kind="acknowledged", at=NOON)
    step.state, step.owner, step.severity, step.due_at = "acknowledged", cast.rosa, row.severity, row.due_at
    with pytest.raises(IntegrityError, match="and its steps differ"):
        write(step)


def test_it_does_not_begin_without_a_step(cast):
    opened(cast.jane)
    with pytest.raises(IntegrityError, match="and its steps differ"):
        write(another())


def test_it_does_not_begin_acknowledged(cast):
    opened(cast.jane)
    twin = another()
    twin.state = "acknowledged"
    with pytest.raises(IntegrityError, match="does not begin open"), transaction.atomic():
        twin.save()


def test_one_is_open_for_a_cause(cast):
    row = opened(cast.jane)
    twin = another()
    twin.measure = row.measure
    with pytest.raises(IntegrityError, match="one_open_escalation_per_cause"), transaction.atomic():
        twin.save()


def test_a_foreign_reading_is_not_attached(cast):
    row, foreign = opened(cast.jane), pressure(cast.max)
    with pytest.raises(IntegrityError, match="not of its patient"), transaction.atomic():
        EscalationReading(practice=cast.practice, escalation=row, reading=foreign).save()


def test_steps_are_only_added(cast):
    row = opened(cast.jane)
    said = refused("UPDATE escalations_escalationstep SET words = 'x' WHERE escalation_id = %s", row.pk)
    assert "permission denied" in said or "append" in said
