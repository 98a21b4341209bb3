"""The clock: credited seconds never exceed the wall clock's, silence is never credited, stop always works."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, models, transaction

from accounts.practice_policies import set_policy
from foundation.refusals import Refused
from tests.integration.timelogs.notes import CALL
from timelogs.clock import acts as clock
from timelogs.clock import silence
from timelogs.clock.status import clock_view
from timelogs.counting.segments import standing
from timelogs.models import (
    Activity,
    Clock,
    ClockState,
    Evidence,
    Gap,
    Question,
    Status,
    TimeEntry,
    TimeSegment,
)
from timelogs.note import drafts
from timelogs.signing.sign import sign

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def after(**span) -> datetime:
    return NINE + timedelta(**span)


def beat(entry, person, until: datetime, *, since: datetime = NINE, had_input: bool = True, every: int = 60):
    """Heartbeats with input once a minute."""
    at = since
    while (at := at + timedelta(seconds=every)) <= until:
        clock.heartbeat(entry.pk, had_input=had_input, by=person, at=at)


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
    beat(running, cast.rosa, after(seconds=60), every=5)
    second = clock.start_session(cast.max, by=cast.rosa, at=after(seconds=60), switch=True)
    assert view(running, after(seconds=90)).seconds == 60
    assert view(second, after(seconds=90)).seconds == 30


@pytest.mark.parametrize(("closed_for", "credited"), [(15, 75), (16, 60), (170, 60)])
def test_switching_from_a_closed_page_credits_it_to_its_last_sign_and_offers_the_rest(
    cast, running, closed_for, credited
):
    beat(running, cast.rosa, after(seconds=60), every=5)
    at = after(seconds=60 + closed_for)
    clock.start_session(cast.max, by=cast.rosa, at=at, switch=True)
    seen = view(running, at)
    assert seen.seconds == credited
    assert [g.seconds for g in seen.gaps] == ([] if credited == 75 else [closed_for])


def test_switching_from_a_call_credits_it_to_the_press_though_its_page_is_behind_another(cast, running):
    """A page behind another may be silent for a minute; a call is none the less going on."""
    clock.set_on_call(running, on=True, by=cast.rosa, at=after(seconds=10))
    clock.start_session(cast.max, by=cast.rosa, at=after(seconds=77), switch=True)
    seen = view(running, after(seconds=77))
    assert (seen.seconds, seen.gaps) == (77, [])


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
    clock.heartbeat(running.pk, had_input=False, by=cast.rosa, at=after(minutes=5))
    asked = view(running, after(minutes=5))
    assert (asked.state, asked.seconds, asked.question.seconds) == (ClockState.ASKING, 0, 300)


@pytest.mark.parametrize(("answer", "credited"), [("keep", 420), ("leave_out", 60), ("stop", 0)])
def test_idle_minutes_are_credited_only_when_kept_and_then_as_attested(cast, running, answer, credited):
    beat(running, cast.rosa, after(minutes=6), had_input=False)
    clock.answer_question(running, answer=answer, by=cast.rosa, at=after(minutes=6))
    assert view(running, after(minutes=7)).seconds == credited
    attested = TimeSegment.objects.filter(entry=running, standing=True, evidence=Evidence.ATTESTED)
    assert attested.count() == (1 if answer == "keep" else 0)


def test_an_unanswered_question_pauses_at_the_last_input_after_ten_minutes(cast, running):
    beat(running, cast.rosa, after(minutes=2))
    beat(running, cast.rosa, after(minutes=16, seconds=59), since=after(minutes=2), had_input=False, every=10)
    assert view(running, after(minutes=16, seconds=59)).state == ClockState.ASKING
    clock.heartbeat(running.pk, had_input=True, by=cast.rosa, at=after(minutes=17))
    seen = view(running, after(minutes=17))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 120, silence.SILENT)


def test_a_lost_connection_pauses_at_the_last_heartbeat_and_leaves_a_gap_to_claim(cast, running):
    beat(running, cast.rosa, after(minutes=2))
    clock.settle_silent(running.pk, at=after(minutes=4, seconds=59))
    assert view(running, after(minutes=4, seconds=59)).state == ClockState.RUNNING
    clock.settle_silent(running.pk, at=after(minutes=5))
    seen = view(running, after(minutes=5))
    assert (seen.state, seen.seconds) == (ClockState.PAUSED, 120)
    (gap,) = seen.gaps
    assert (gap.starts_at, gap.ends_at, gap.why) == (after(minutes=2), after(minutes=5), silence.LOST)
    claim = partial(clock.claim_gap, running, gap.id, by=cast.rosa, at=after(minutes=6))
    with pytest.raises(Refused, match="Say what you did"):
        claim(reason=" ", seconds=120)
    for too_much in (0, 241):
        with pytest.raises(Refused, match="at most the time that was left out"):
            claim(reason="Wrote", seconds=too_much)
    claim(reason="Wrote on paper.", seconds=120)
    assert view(running, after(minutes=6)).seconds == 240
    with pytest.raises(Refused, match="answered for already"):
        claim(reason="More", seconds=60)


def test_on_call_nobody_asks_and_the_call_is_measured(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=after(minutes=1))
    beat(running, cast.rosa, after(minutes=13), since=after(minutes=1), had_input=False, every=30)
    assert view(running, after(minutes=13)).state == ClockState.ON_CALL
    entry = clock.set_on_call(running, on=False, by=cast.rosa, at=after(minutes=13))
    entry = TimeEntry.objects.get(pk=entry.pk)
    assert (entry.contact_started_at, entry.contact_seconds) == (after(minutes=1), 720)
    assert [s.activity for s in standing(entry)] == [
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
    drafts.save_draft(
        running, note=CALL | {"contact_seconds": 120}, version=None, by=cast.rosa, at=after(minutes=9)
    )
    signed = sign(running, version=None, by=cast.rosa, at=after(minutes=9, seconds=30))
    assert signed.seconds_signed == 180


def test_the_clock_stops_at_the_practices_limit(cast, running):
    beat(running, cast.rosa, after(minutes=60))
    clock.answer_question(running, answer="keep", by=cast.rosa, at=after(minutes=60))
    beat(running, cast.rosa, after(minutes=121), since=after(minutes=60))
    seen = view(running, after(minutes=121))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 7200, silence.TOO_LONG)


def test_after_an_hour_the_clock_asks_whether_the_session_goes_on_whatever_is_typed(cast, running):
    beat(running, cast.rosa, after(minutes=55))
    beat(running, cast.rosa, after(minutes=59, seconds=55), since=after(minutes=55), every=5)
    assert view(running, after(minutes=59, seconds=59)).state == ClockState.RUNNING
    beat(running, cast.rosa, after(minutes=60), since=after(minutes=59, seconds=55), every=5)
    asked = view(running, after(minutes=63))
    assert (asked.state, asked.question.kind) == (ClockState.ASKING, Question.LONG)
    assert (asked.seconds, asked.question.since, asked.question.seconds) == (3600, after(minutes=60), 180)
    assert asked.question.worked_minutes == 60


@pytest.mark.parametrize(("answer", "credited"), [("keep", 66), ("leave_out", 63), ("stop", 60)])
def test_what_follows_the_hour_is_credited_as_answered_and_asked_about_once(cast, running, answer, credited):
    beat(running, cast.rosa, after(minutes=63), every=30)
    clock.answer_question(running, answer=answer, by=cast.rosa, at=after(minutes=63))
    beat(running, cast.rosa, after(minutes=66), since=after(minutes=63))
    seen = view(running, after(minutes=66))
    assert (seen.seconds, seen.question) == (credited * 60, None)
    assert seen.state == (ClockState.PAUSED if answer == "stop" else ClockState.RUNNING)


def test_an_hour_without_an_answer_pauses_where_the_question_came(cast, running):
    beat(running, cast.rosa, after(minutes=70), every=30)
    seen = view(running, after(minutes=70))
    assert (seen.state, seen.seconds) == (ClockState.PAUSED, 3600)
    assert [(g.starts_at, g.why) for g in seen.gaps] == [(after(minutes=60), silence.SILENT)]
    clock.resume(running, by=cast.rosa, at=after(minutes=75))
    beat(running, cast.rosa, after(minutes=80), since=after(minutes=75))
    assert view(running, after(minutes=80)).seconds == 65 * 60


def test_two_silences_leave_two_gaps_each_answered_by_itself(cast, running):
    for lost in (2, 12):
        beat(running, cast.rosa, after(minutes=lost), since=after(minutes=lost - 2))
        clock.settle_silent(running.pk, at=after(minutes=lost + 3))
        clock.resume(running, by=cast.rosa, at=after(minutes=lost + 8))
    first, second = view(running, after(minutes=20)).gaps
    assert (first.seconds, second.seconds) == (480, 480)
    clock.leave_gap(running, first.id, by=cast.rosa, at=after(minutes=20))
    clock.claim_gap(
        running, second.id, reason="On the other line with the pharmacy.", by=cast.rosa, at=after(minutes=20)
    )
    assert view(running, after(minutes=20)).gaps == []
    assert view(running, after(minutes=20)).seconds == 120 + 120 + 480
    answers = Gap.objects.filter(entry=running).order_by("during").values_list("answer", flat=True)
    assert list(answers) == ["left_out", "added"]


def test_the_database_refuses_a_gap_answered_twice_moved_or_without_its_reason(cast, running):
    clock.pause_all(cast.rosa.user, at=after(minutes=2))
    clock.resume(running, by=cast.rosa, at=after(minutes=4))
    (gap,) = Gap.objects.filter(entry=running)
    for changes in (
        {"answer": "added"},
        {"during": (after(minutes=1), after(minutes=4))},
        {"during": (after(minutes=2), after(minutes=3))},
    ):
        refuse_update(gap, **changes)
    clock.leave_gap(running, gap.pk, by=cast.rosa, at=after(minutes=5))
    refuse_update(gap, answer="added", reason="Worked after all.")


def test_a_long_gap_added_is_vouched_for_and_never_makes_the_session_longer_than_one_may_be(cast, running):
    beat(running, cast.rosa, after(minutes=1))
    clock.settle_silent(running.pk, at=after(minutes=5))
    clock.resume(running, by=cast.rosa, at=after(minutes=181))
    (gap,) = view(running, after(minutes=181)).gaps
    claim = partial(
        clock.claim_gap,
        running,
        gap.id,
        reason="At the patient's home.",
        by=cast.rosa,
        at=after(minutes=182),
    )
    with pytest.raises(Refused, match="at most 120 minutes"):
        claim(seconds=118 * 60 + 1)
    claim(seconds=100 * 60)
    beat(running, cast.rosa, after(minutes=190), since=after(minutes=182))
    seen = view(running, after(minutes=190))
    assert (seen.state, seen.seconds) == (ClockState.RUNNING, 110 * 60)


def refuse_update(gap, **changes):
    """Around the services and the history: the database itself says no."""
    with pytest.raises(DatabaseError), transaction.atomic():
        models.QuerySet.update(Gap.objects.filter(pk=gap.pk), **changes)


def test_signing_out_pauses_with_the_reason(cast, running):
    clock.heartbeat(running.pk, had_input=True, by=cast.rosa, at=after(minutes=1))
    clock.pause_all(cast.rosa.user, at=after(minutes=1, seconds=30))
    seen = view(running, after(minutes=3))
    assert (seen.state, seen.seconds, seen.pause_reason) == (ClockState.PAUSED, 90, silence.SIGNED_OUT)


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


# Time that was there once must not go away, and none must come from nowhere --------------------------------


def lost_and_back(running, cast, *, worked: int, away: int):
    """Worked some minutes, then away without a sign, then back: the clock runs, and a gap waits."""
    beat(running, cast.rosa, after(minutes=worked))
    clock.resume(running, by=cast.rosa, at=after(minutes=worked + away))
    (gap,) = view(running, after(minutes=worked + away)).gaps
    return gap, after(minutes=worked + away)


def test_a_gap_added_while_the_clock_runs_takes_no_running_minute_away(cast, running):
    gap, back = lost_and_back(running, cast, worked=45, away=40)
    beat(running, cast.rosa, back + timedelta(minutes=10), since=back)
    at = back + timedelta(minutes=10)
    clock.claim_gap(running, gap.id, reason="Wrote on paper.", by=cast.rosa, at=at)
    for second in (5, 10):
        clock.heartbeat(running.pk, had_input=True, by=cast.rosa, at=at + timedelta(seconds=second))
    seen = view(running, at + timedelta(seconds=10))
    assert (seen.state, seen.seconds) == (ClockState.RUNNING, 95 * 60 + 10)


def test_no_gap_takes_a_session_past_the_practices_limit(cast, running):
    gap, back = lost_and_back(running, cast, worked=55, away=90)
    beat(running, cast.rosa, back + timedelta(minutes=4), since=back)
    at = back + timedelta(minutes=4)
    claim = partial(clock.claim_gap, running, gap.id, reason="Wrote on paper.", by=cast.rosa, at=at)
    with pytest.raises(Refused, match="at most 120 minutes"):
        claim(seconds=62 * 60)
    claim(seconds=61 * 60)
    clock.heartbeat(running.pk, had_input=True, by=cast.rosa, at=at + timedelta(minutes=1))
    seen = view(running, at + timedelta(minutes=1))
    assert (seen.seconds, seen.pause_reason) == (7200, silence.TOO_LONG)


def test_doubt_at_the_practices_limit_is_offered_as_a_gap(cast, running):
    beat(running, cast.rosa, after(minutes=60))
    clock.answer_question(running, answer="keep", by=cast.rosa, at=after(minutes=60))
    beat(running, cast.rosa, after(minutes=112), since=after(minutes=60))
    beat(running, cast.rosa, after(minutes=121), since=after(minutes=112), had_input=False)
    seen = view(running, after(minutes=121))
    assert (seen.seconds, seen.pause_reason) == (112 * 60, silence.TOO_LONG)
    assert [(g.starts_at, g.ends_at) for g in seen.gaps] == [(after(minutes=112), after(minutes=120))]


@pytest.mark.parametrize("looks_at", [[8], [7, 8], [6, 7, 8, 15, 16], [240]])
def test_the_same_silence_credits_the_same_whenever_the_sweeper_looks(cast, running, looks_at):
    """The page lives for 4:55 without input, then nothing."""
    beat(running, cast.rosa, after(minutes=4, seconds=55), had_input=False, every=59)
    for minute in looks_at:
        clock.settle_silent(running.pk, at=after(minutes=minute))
    seen = view(running, after(minutes=240))
    assert (seen.state, seen.seconds) == (ClockState.PAUSED, 295)
    assert [g.starts_at for g in seen.gaps] == [after(minutes=4, seconds=55)]


@pytest.mark.parametrize("looks_at", [[60, 61, 62], [60, 240], [240]])
def test_an_hour_reached_without_the_page_credits_no_second_after_its_last_sign(cast, running, looks_at):
    beat(running, cast.rosa, after(minutes=59))
    for minute in looks_at:
        clock.settle_silent(running.pk, at=after(minutes=minute))
    assert view(running, after(minutes=240)).seconds == 59 * 60


@pytest.mark.parametrize("looks_at", [[120], [122], [120, 121, 122]])
def test_the_limit_reached_without_the_page_credits_no_second_after_its_last_sign(cast, running, looks_at):
    beat(running, cast.rosa, after(minutes=60))
    clock.answer_question(running, answer="keep", by=cast.rosa, at=after(minutes=60))
    beat(running, cast.rosa, after(minutes=119), since=after(minutes=60))
    for minute in [*looks_at, 125]:
        clock.settle_silent(running.pk, at=after(minutes=minute))
    assert view(running, after(minutes=240)).seconds == 119 * 60


def test_a_call_is_asked_about_after_45_minutes_whatever_is_typed(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=NINE)
    beat(running, cast.rosa, after(minutes=46))
    seen = view(running, after(minutes=46))
    assert (seen.state, seen.question and seen.question.kind) == (ClockState.ASKING, Question.CALL)
    assert seen.question.since == after(minutes=45)


def test_on_call_pressed_while_a_call_is_asked_about_begins_a_new_call(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=NINE)
    beat(running, cast.rosa, after(minutes=46), had_input=False)
    clock.set_on_call(running, on=True, by=cast.rosa, at=after(minutes=47))
    seen = view(running, after(minutes=48))
    assert (seen.state, seen.seconds) == (ClockState.ON_CALL, 46 * 60)
    assert [(g.starts_at, g.ends_at) for g in seen.gaps] == [(after(minutes=45), after(minutes=47))]


def test_the_kept_minutes_of_a_call_are_in_its_length(cast, running):
    clock.set_on_call(running, on=True, by=cast.rosa, at=NINE)
    beat(running, cast.rosa, after(minutes=50), had_input=False)
    clock.answer_question(running, answer="keep", by=cast.rosa, at=after(minutes=50))
    clock.set_on_call(running, on=False, by=cast.rosa, at=after(minutes=52))
    assert TimeEntry.objects.get(pk=running.pk).contact_seconds == 52 * 60


def test_an_hour_that_became_shorter_at_midnight_asks_about_no_minute_before_the_running_ones(cast):
    late = datetime(2026, 3, 4, 4, 20, tzinfo=UTC)
    entry = clock.start_session(cast.jane, by=cast.rosa, at=late)
    beat(entry, cast.rosa, late + timedelta(minutes=38), since=late)
    clock.pause(entry, by=cast.rosa, at=late + timedelta(minutes=38))
    clock.resume(entry, by=cast.rosa, at=late + timedelta(minutes=39))
    set_policy(
        cast.practice,
        key="long_session_minutes",
        value=30,
        starts_on=date(2026, 3, 4),
        why="Shorter sessions.",
    )
    clock.heartbeat(entry.pk, had_input=True, by=cast.rosa, at=late + timedelta(minutes=41))
    asked = view(entry, late + timedelta(minutes=41))
    assert (asked.state, asked.question and asked.question.since) == (
        ClockState.ASKING,
        late + timedelta(minutes=39),
    )
