"""The idle question, second by second: what is credited is observed or attested, at every edge."""

from datetime import UTC, datetime, timedelta

import pytest

from timelogs.clock import acts as clock
from timelogs.clock import silence
from timelogs.clock.status import clock_view
from timelogs.models import ClockState, Evidence, TimeSegment

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
WORKED, IDLE = timedelta(minutes=2), timedelta(minutes=5)
ASKED = NINE + WORKED + IDLE
# How long the question stays open, around the edges at which something could change.
OPEN = [0, 1, 74, 75, 76, 119, 120, 121, 122, 599]
TOO_LATE = [600, 601]


@pytest.fixture
def asking(cast):
    """Two minutes' work, then none; the page stays open and beats on."""
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.heartbeat(entry.pk, had_input=True, by=cast.rosa, at=NINE + WORKED)
    return entry


def stay_open(entry, until: datetime) -> None:
    """Beats without input: every five seconds about the question and at the end, in between once a minute."""
    at, near = NINE + WORKED, timedelta(seconds=30)
    while (at := at + timedelta(seconds=5)) <= until:
        if abs(at - ASKED) <= near or until - at <= near or at.second == 0:
            clock.heartbeat(entry.pk, had_input=False, by=entry.author, at=at)


def seconds(entry, evidence: str) -> int:
    spans = TimeSegment.objects.filter(entry=entry, standing=True, evidence=evidence)
    return sum(int((s.during.upper - s.during.lower).total_seconds()) for s in spans)


def answered(entry, answer: str, after: int) -> datetime:
    """The answer `after` seconds of the open question, and a pause one minute later."""
    at = ASKED + timedelta(seconds=after)
    stay_open(entry, at)
    clock.answer_question(entry, answer=answer, by=entry.author, at=at)
    clock.pause(entry, by=entry.author, at=at + timedelta(minutes=1))
    return at


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_question_comes_at_five_idle_minutes_to_the_second(asking, after):
    at = ASKED + timedelta(seconds=after)
    stay_open(asking, at)
    clock.settle_silent(asking.pk, at=at)
    wanted = ClockState.RUNNING if after < 0 else ClockState.ASKING
    assert clock_view(asking, at=at).state == wanted


@pytest.mark.parametrize("after", [*OPEN[:-1], 598, 599])
def test_while_it_is_open_nothing_of_the_silence_is_credited(asking, after):
    at = ASKED + timedelta(seconds=after)
    stay_open(asking, at)
    clock.settle_silent(asking.pk, at=at)
    seen = clock_view(asking, at=at)
    assert (seen.state, seen.seconds) == (ClockState.ASKING, WORKED.total_seconds())
    assert seen.question.seconds == IDLE.total_seconds() + after


@pytest.mark.parametrize("after", OPEN)
def test_what_is_kept_is_attested_and_with_what_was_observed_it_is_the_wall_clock(asking, after):
    answered(asking, "keep", after)
    assert seconds(asking, Evidence.ATTESTED) == IDLE.total_seconds() + after
    assert seconds(asking, Evidence.OBSERVED) == WORKED.total_seconds() + 60


@pytest.mark.parametrize("after", OPEN)
@pytest.mark.parametrize(("answer", "more"), [("leave_out", 60), ("stop", 0)])
def test_what_is_not_kept_is_not_credited(asking, after, answer, more):
    answered(asking, answer, after)
    assert seconds(asking, Evidence.ATTESTED) == 0
    assert seconds(asking, Evidence.OBSERVED) == WORKED.total_seconds() + more


@pytest.mark.parametrize("after", TOO_LATE)
@pytest.mark.parametrize("answer", ["keep", "leave_out", "stop"])
def test_an_answer_after_ten_minutes_comes_too_late(asking, after, answer):
    at = answered(asking, answer, after)
    seen = clock_view(asking, at=at)
    assert (seen.state, seen.pause_reason) == (ClockState.PAUSED, silence.SILENT)
    assert seconds(asking, Evidence.ATTESTED) == 0
    assert seconds(asking, Evidence.OBSERVED) == WORKED.total_seconds()


@pytest.mark.parametrize("after", TOO_LATE)
def test_what_a_late_answer_left_out_is_added_with_a_reason_and_attested(asking, after):
    at = answered(asking, "keep", after)
    (gap,) = clock_view(asking, at=at).gaps
    clock.claim_gap(asking, gap.id, reason="Read the hospital's letter.", by=asking.author, at=at)
    assert seconds(asking, Evidence.ATTESTED) == IDLE.total_seconds() + after
    assert seconds(asking, Evidence.OBSERVED) == WORKED.total_seconds()
