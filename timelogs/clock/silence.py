"""What silence and limits mean for a running clock by now. Nothing is credited silently."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.practice_policies import policies_for
from foundation.context import because
from timelogs.clock.gaps import leave_gap_open, note_gap
from timelogs.counting.segments import close, open_segment, running_of, standing, worked, worked_in
from timelogs.intervals import Span
from timelogs.intervals import seconds as span_seconds
from timelogs.models import Activity, Clock, ClockState, Question, TimeEntry, TimeSegment

LIVE = (ClockState.RUNNING, ClockState.ON_CALL, ClockState.ASKING)
ANSWER_WITHIN = timedelta(minutes=10)
CALL_ASKS_AFTER = timedelta(minutes=45)
LOST, SILENT, TOO_LONG, SIGNED_OUT = "connection lost", "no input", "time limit reached", "signed out"
IN_DOUBT = "a question was open"
# Pauses that nobody asked for leave a gap, which may be claimed with a reason.
_LEAVES_GAP = {LOST, SILENT, SIGNED_OUT}


def settle(clock: Clock, at: datetime, *, alive: bool = False) -> None:
    """Apply what silence and limits mean by now. Run before every act on a clock, and by the sweeper.

    What comes of a silence is the same whenever somebody looks: a question that was due comes before what followed it,
    and one that came after the page's last sign was asked of nobody. `alive`: the page itself speaks now.
    """
    if clock.state not in LIVE:
        return
    limits = _limits(clock, at)
    segments = standing(clock.entry)
    too_long = worked_in(segments, at) - limits["max_session_minutes"]
    lost_at = clock.heartbeat_at + limits["lost_minutes"]
    seen_until = at if alive and at < lost_at else clock.heartbeat_at
    due = [each for each in _questions(clock, segments, limits, at) if each[0] <= min(seen_until, at)]
    if due and clock.state != ClockState.ASKING and min(due)[0] < at - too_long:
        _ask(clock, *min(due))
    if clock.state == ClockState.ASKING and at - clock.asked_at >= ANSWER_WITHIN:
        stop(clock, proven_until(clock, clock.heartbeat_at), reason=SILENT)
    elif at >= lost_at:
        stop(clock, proven_until(clock, clock.heartbeat_at), reason=LOST)
    elif at - too_long <= min(seen_until, at):
        _stop_at_limit(clock, at - too_long)


def _stop_at_limit(clock: Clock, limit: datetime) -> None:
    """No more fits into the session. What was in doubt by then may still be claimed."""
    proven = proven_until(clock, limit)
    stop(clock, proven, reason=TOO_LONG)
    note_gap(clock.entry, (proven, limit), why=IN_DOUBT)


def _limits(clock: Clock, at: datetime) -> dict[str, timedelta]:
    policies = policies_for(clock.entry.practice, on=clock.entry.practice.today(at))
    names = ("idle_minutes", "lost_minutes", "long_session_minutes", "max_session_minutes")
    return {name: timedelta(minutes=policies[name]) for name in names}


def _questions(
    clock: Clock, segments: list[TimeSegment], limits: dict, at: datetime
) -> Iterator[tuple[datetime, Question]]:
    """(when, which) of every question to come or due; never about what an earlier segment settled."""
    if (running := running_of(segments)) is None:
        return
    since = running.during.lower
    if running.activity == Activity.CONTACT:
        yield since + CALL_ASKS_AFTER, Question.CALL
    else:
        yield clock.input_at + limits["idle_minutes"], Question.IDLE
    over = worked_in(segments, at) - clock.vouched - limits["long_session_minutes"]
    yield max(at - over, since), Question.LONG


def _ask(clock: Clock, asked_at: datetime, question: Question) -> None:
    clock.state, clock.question, clock.asked_at = ClockState.ASKING, question, asked_at
    clock.doubt_from = clock.input_at if question == Question.IDLE else asked_at
    clock.save(update_fields=["state", "question", "asked_at", "doubt_from"])


def proven_until(clock: Clock, at: datetime) -> datetime:
    """The last moment proven: an open question puts everything from its doubt on aside."""
    return min(clock.doubt_from, at) if clock.state == ClockState.ASKING else at


def stop(clock: Clock, at: datetime, *, reason: str) -> None:
    """Pause at a moment, which may lie in the past; what follows is a gap when nobody asked for the pause."""
    if (segment := open_segment(clock.entry)) is not None:
        with because(reason):
            close(segment, at)
        if segment.activity == Activity.CONTACT and segment.standing:
            add_to_call(clock.entry, (segment.during.lower, segment.during.upper))
    clock.state, clock.pause_reason = ClockState.PAUSED, reason
    clock.question, clock.asked_at, clock.doubt_from = "", None, None
    if reason in _LEAVES_GAP:
        leave_gap_open(clock.entry, at, why=reason)
    clock.save()


def add_to_call(entry: TimeEntry, span: Span) -> None:
    """A call's length goes into the note when a part of it ends."""
    entry.contact_seconds = (entry.contact_seconds or 0) + span_seconds([span])
    entry.save()


def go_on(clock: Clock, at: datetime, *, on_call: bool = False) -> None:
    """The clock runs again from now, as after any act of the person, who vouches by it for a session grown long."""
    clock.state = ClockState.ON_CALL if on_call else ClockState.RUNNING
    clock.heartbeat_at, clock.input_at, clock.pause_reason = at, at, ""
    so_far = worked(clock.entry, at)
    if so_far - clock.vouched >= _limits(clock, at)["long_session_minutes"]:
        clock.vouched = so_far
    clock.save()


def in_call(entry: TimeEntry) -> bool:
    """Whether the running segment is a call."""
    segment = open_segment(entry)
    return segment is not None and segment.activity == Activity.CONTACT


def why_not_longer(clock: Clock, at: datetime) -> str | None:
    """Why what the session holds by now is too much."""
    most = _limits(clock, at)["max_session_minutes"]
    if worked(clock.entry, at) <= most:
        return None
    return f"A session holds at most {most // timedelta(minutes=1)} minutes. Add less, and log the rest by itself."
