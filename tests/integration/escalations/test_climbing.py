"""Past due it climbs, one rung at a time, once however often the task runs; and nothing stays with who left."""

from datetime import timedelta

import pytest
import time_machine

from dispatch.models import Notice
from escalations import acts, climbing, tasks
from escalations.ladder import change, mark
from escalations.models import Escalation
from foundation.context import acting
from monitoring.findings import Cause, Severity
from staff.acts import end_role
from tests.integration.escalations.found import NOON, later, opened, trail

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def signed_by_the_system():
    with acting("system: tests"):
        yield


@pytest.fixture
def listed(cast):
    change(cast.practice, [cast.lena, cast.luis], why="Who is here.", seen=mark(cast.practice), at=NOON)


def run(at) -> Escalation:
    with time_machine.travel(at, tick=False):
        tasks.climb()
    return Escalation.objects.get()


@pytest.mark.parametrize(
    ("at", "owner"), [(later(60) - SECOND, "ana"), (later(60), "lena"), (later(61), "lena")]
)
def test_it_climbs_when_it_is_due_and_not_before(cast, listed, at, owner):
    opened(cast.jane, severity=Severity.CRITICAL)
    assert run(at).owner == getattr(cast, owner)


def test_one_rung_a_time_and_once_however_often_it_runs(cast, listed):
    opened(cast.jane, severity=Severity.CRITICAL)
    run(later(60))
    row = run(later(60))
    assert (row.owner, row.due_at, trail(row)) == (cast.lena, later(120), ["opened", "climbed"])
    assert [n.recipient for n in Notice.objects.filter(withdrawn_at=None)] == [cast.lena.user]


def test_at_the_top_it_stays_and_administrators_are_told_once(cast, listed):
    opened(cast.jane, severity=Severity.CRITICAL)
    for minutes in (60, 120, 180, 181, 400):
        row = run(later(minutes))
    assert (row.owner, row.topped_at) == (cast.luis, later(180))
    assert trail(row) == ["opened", "climbed", "climbed", "noted"]
    told = Notice.objects.get(recipient=cast.ade.user)
    assert told.patient_id is None
    assert "DOE" not in told.text


def test_what_was_acknowledged_and_left_climbs_too_unseen(cast, listed):
    acts.acknowledge(opened(cast.jane), by=cast.rosa, at=NOON)
    row = run(later(hours=24))
    assert (row.owner, row.state) == (cast.lena, "open") or (row.owner, row.state) == (cast.ana, "open")


def test_what_waits_for_a_clinician_climbs_to_clinicians(cast, listed):
    row = acts.refer(opened(cast.jane), to=cast.ana, ask="Evening dose?", by=cast.rosa, at=NOON)
    assert run(row.due_at).topped_at == row.due_at


def test_silence_does_not_climb(cast, listed):
    row = opened(cast.jane, cause=Cause.SILENCE)
    assert run(row.due_at + timedelta(days=9)).owner == cast.ana


def test_what_is_resolved_does_not_climb(cast, listed):
    row = opened(cast.jane)
    acts.resolve(row, outcome="advised", by=cast.rosa, at=later(5))
    assert run(row.due_at).owner == cast.ana


def test_what_was_raised_begins_at_its_owner_anew(cast, listed):
    opened(cast.jane)
    run(later(hours=24))
    row = Escalation.objects.get()
    acts.step(row, "raised", by=None, at=later(hours=25), due_at=later(hours=26))
    assert run(later(hours=26)).owner == cast.ana


def test_who_leaves_leaves_no_escalation_behind(cast, listed):
    row = opened(cast.jane)
    with time_machine.travel(NOON, tick=False):
        end_role(cast.ana, ends_on=cast.practice.today(NOON), by=cast.ade, at=NOON)
    row.refresh_from_db()
    assert (row.owner, row.steps.last().words) == (cast.lena, climbing.GONE)


def test_a_role_that_ended_by_a_date_set_before_is_found_by_the_task(cast, listed):
    opened(cast.jane)
    cast.ana.ends_on = cast.practice.today(NOON) + timedelta(days=1)
    cast.ana.save()
    assert run(later(hours=1)).owner == cast.ana
    assert run(later(hours=23)).owner == cast.lena


def test_an_administrators_goes_to_the_first_who_is_listed(cast):
    for one in (cast.ana, cast.rosa, cast.luis, cast.lena):
        one.ends_on = cast.practice.today(NOON)
        one.save()
    opened(cast.jane)
    row = run(later(1))
    assert (row.owner, trail(row)) == (cast.ade, ["opened"])
    assert Notice.objects.filter(recipient=cast.ade.user).count() == 1
    cast.luis.ends_on = None
    cast.luis.save()
    change(cast.practice, [cast.luis], why="Somebody.", seen=mark(cast.practice), at=later(2))
    assert run(later(3)).owner == cast.luis


def test_one_that_fails_does_not_keep_the_others(cast, listed, monkeypatch):
    first, second = opened(cast.jane), opened(cast.max)
    one = climbing.owners.following

    def fails(escalation, *, at):
        if escalation.pk == first.pk:
            raise RuntimeError
        return one(escalation, at=at)

    monkeypatch.setattr(climbing.owners, "following", fails)
    with time_machine.travel(later(hours=24), tick=False):
        tasks.climb()
    second.refresh_from_db()
    assert second.owner == cast.lena


def test_a_practice_whose_list_fails_does_not_keep_the_others(cast, listed, monkeypatch):
    row = opened(cast.jane)
    one = climbing.waiting

    def fails(practice, *, at):
        if practice.pk != row.practice_id:
            raise RuntimeError
        return one(practice, at=at)

    monkeypatch.setattr(climbing, "waiting", fails)
    with time_machine.travel(later(hours=24), tick=False):
        tasks.climb()
    row.refresh_from_db()
    assert row.owner == cast.lena
