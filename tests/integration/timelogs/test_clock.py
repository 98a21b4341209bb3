"""The clock: credited seconds never exceed the wall clock's, silence is never credited, stop always works."""

from datetime import UTC, datetime, timedelta

import pytest

from foundation.refusals import Refused
from tests.integration.timelogs.notes import CALL
from timelogs import clock, drafts, signing
from timelogs.clockface import clock_view
from timelogs.models import Activity, Clock, ClockState, Evidence, Status, TimeEntry, TimeSegment

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def after(**span) -> datetime:
    return NINE + timedelta(**span)


def beat(entry, person, until: datetime, *, since: datetime = NINE, had_input: bool = True, every: int = 60):
    """Heartbeats with input once a minute."""
    at = since
    while (at := at + timedelta(seconds=every)) <= until:
        clock.heartbeat(entry, had_input=had_input, by=person, at=at)


@pytest.fixture
def running(cast):
    return clock.start_session(cast.jane, by=cast.rosa, at=NINE)


def view(entry, at):
    return clock_view(entry, at=at)


def test_start_makes_a_draft_whose_clock_runs(cast, running):
    assert running.status == Status.DRAFT
    seen = view(running, after(seconds=20))
    assert (seen.state, seen.seconds, seen.running) == (ClockState.RUNNING, 20, True)


def test_starting_again_for_the_same_patient_gives_the_same_session(cast, running):
    assert clock.start_session(cast.jane, by=cast.rosa, at=after(seconds=5)) == running
    assert TimeEntry.objects.count() == 1


def test_a_second_patient_waits_until_the_first_is_paused(cast, running):
    with pytest.raises(clock.ClockRunning, match="A session with DOE, Jane is running") as refusal:
        clock.start_session(cast.max, by=cast.rosa, at=after(seconds=60))
    assert refusal.value.entry == running
    second = clock.start_session(cast.max, by=cast.rosa, at=after(seconds=60), switch=True)
    assert view(running, after(seconds=90)).seconds == 60
    assert view(second, after(seconds=90)).seconds == 30


def test_paused_seconds_are_not_credited(cast, running):
    clock.pause(running, by=cast.rosa, at=after(minutes=2))
    clock.resume(running, by=cast.rosa, at=after(minutes=3))
    assert view(running, after(minutes=4)).seconds == 180
    clock.pause(running, by=cast.rosa, at=after(minutes=4))
    clock.pause(running, by=cast.rosa, at=after(minutes=9))
    assert view(running, after(minutes=9)).seconds == 180


def test_the_clock_asks_at_five_idle_minutes_and_not_before(cast, running):
    beat(running, cast.rosa, after(minutes=4, seconds=59), had_input=False, every=5)
    assert view(running, after(minutes=4, seconds=59)).state == ClockState.RUNNING
    clock.heartbeat(running, had_input=False, by=cast.rosa, at=after(minutes=5))
    asked = view(running, after(minutes=5))
    assert (asked.state, asked.seconds, asked.question["seconds"]) == (ClockState.ASKING, 0, 300)


@pytest.mark.parametrize(("answer", "credited"), [("keep", 420), ("leave_out", 60), ("stop", 0)])
def test_idle_minutes_are_credited_only_when_kept_and_then_as_attested(cast, running, answer, credited):
    beat(running, cast.rosa, after(minutes=6), had_input=False)
    clock.answer_idle(running, answer=answer, by=cast.rosa, at=after(minutes=6))
    assert view(running, after(minutes=7)).seconds == credited
    attested = TimeSegment.objects.filter(entry=running, standing=True, evidence=Evidence.ATTESTED)
    assert attested.count() == (1 if answer == "keep" else 0)


def test_an_unanswered_question_pauses_at_the_last_input_after_ten_minutes(cast, running):
    beat(running, cast.rosa, after(minutes=2))
    beat(running, cast.rosa, after(minutes=16, seconds=59), since=after(minutes=2), had_input=False, every=10)
    assert view(running, after(minutes=16, seconds=59)).state == ClockState.ASKING
    clock.heartbeat(running, had_input=True, by=cast.rosa, at=after(minutes=17))
    seen = view(running, after(minutes=17))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 120, clock.SILENT)


def test_a_lost_connection_pauses_at_the_last_heartbeat_and_leaves_a_gap_to_claim(cast, running):
    beat(running, cast.rosa, after(minutes=2))
    clock.settle_silent(running.pk, at=after(minutes=4, seconds=59))
    assert view(running, after(minutes=4, seconds=59)).state == ClockState.RUNNING
    clock.settle_silent(running.pk, at=after(minutes=5))
    seen = view(running, after(minutes=5))
    assert (seen.state, seen.seconds, seen.gap) == (
        ClockState.PAUSED,
        120,
        (after(minutes=2), after(minutes=5)),
    )
    with pytest.raises(Refused, match="Say what you did"):
        clock.claim_gap(
            running,
            starts_at=after(minutes=2),
            ends_at=after(minutes=4),
            reason=" ",
            by=cast.rosa,
            at=after(minutes=6),
        )
    with pytest.raises(Refused, match="must lie in the time"):
        clock.claim_gap(
            running,
            starts_at=after(minutes=1),
            ends_at=after(minutes=4),
            reason="Wrote",
            by=cast.rosa,
            at=after(minutes=6),
        )
    clock.claim_gap(
        running,
        starts_at=after(minutes=2),
        ends_at=after(minutes=4),
        reason="Wrote on paper.",
        by=cast.rosa,
        at=after(minutes=6),
    )
    assert view(running, after(minutes=6)).seconds == 240
    with pytest.raises(Refused, match="nothing was left out"):
        clock.claim_gap(
            running,
            starts_at=after(minutes=4),
            ends_at=after(minutes=5),
            reason="More",
            by=cast.rosa,
            at=after(minutes=6),
        )


def test_on_call_nobody_asks_and_the_call_is_measured(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=after(minutes=1))
    beat(running, cast.rosa, after(minutes=13), since=after(minutes=1), had_input=False, every=30)
    assert view(running, after(minutes=13)).state == ClockState.ON_CALL
    entry = clock.set_on_call(running, on=False, by=cast.rosa, at=after(minutes=13))
    entry = TimeEntry.objects.get(pk=entry.pk)
    assert (entry.contact_started_at, entry.contact_seconds) == (after(minutes=1), 720)
    assert [s.activity for s in clock.standing(entry)] == [
        Activity.DATA_REVIEW,
        Activity.CONTACT,
        Activity.DOCUMENTATION,
    ]
    assert view(running, after(minutes=14)).seconds == 840


def test_after_45_minutes_even_a_call_is_asked_about(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=NINE)
    beat(running, cast.rosa, after(minutes=45), had_input=False, every=60)
    assert view(running, after(minutes=45)).state == ClockState.ASKING


def test_signing_with_an_open_question_credits_up_to_the_last_input(cast, running):
    beat(running, cast.rosa, after(minutes=3))
    beat(running, cast.rosa, after(minutes=9), since=after(minutes=3), had_input=False)
    drafts.save_draft(running, note=CALL, version=None, by=cast.rosa, at=after(minutes=9))
    signed = signing.sign(running, version=None, by=cast.rosa, at=after(minutes=9, seconds=30))
    assert signed.seconds_signed == 180


def test_the_clock_stops_at_the_practices_limit(cast, running):
    beat(running, cast.rosa, after(minutes=121))
    seen = view(running, after(minutes=121))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 7200, clock.TOO_LONG)


def test_signing_out_pauses_with_the_reason(cast, running):
    clock.heartbeat(running, had_input=True, by=cast.rosa, at=after(minutes=1))
    clock.pause_all(cast.rosa.user, at=after(minutes=1, seconds=30))
    seen = view(running, after(minutes=3))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 90, clock.SIGNED_OUT)


def test_a_discarded_draft_stays_in_the_record_switched_off(cast, running):
    with pytest.raises(Refused, match="Give the reason"):
        clock.discard(running, reason="", by=cast.rosa, at=after(minutes=1))
    clock.discard(running, reason="Opened the wrong chart.", by=cast.rosa, at=after(minutes=1))
    gone = TimeEntry.objects.get(pk=running.pk)
    assert (gone.status, gone.ended_reason) == (Status.DISCARDED, "Opened the wrong chart.")
    assert not TimeSegment.objects.filter(entry=gone, standing=True).exists()
    assert Clock.objects.get(pk=gone.pk).state == ClockState.ENDED


def test_another_person_cannot_touch_the_clock(cast, running):
    with pytest.raises(Refused, match="Only its author"):
        clock.pause(running, by=cast.luis, at=after(minutes=1))


def test_stopping_in_the_second_it_started_credits_nothing(cast, running):
    clock.pause(running, by=cast.rosa, at=NINE)
    assert view(running, after(minutes=1)).seconds == 0
