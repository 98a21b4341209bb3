"""What silence and limits mean for a running clock by now. Nothing is credited silently."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.practice_policies import policies_for
from foundation.context import because
from timelogs.gaps import leave_gap_open
from timelogs.models import Activity, Clock, ClockState, Question, TimeEntry, TimeSegment
from timelogs.segments import close, open_segment, worked
from timelogs.spans import seconds as span_seconds

LIVE = (ClockState.RUNNING, ClockState.ON_CALL, ClockState.ASKING)
ANSWER_WITHIN = timedelta(minutes=10)
CALL_ASKS_AFTER = timedelta(minutes=45)
LOST, SILENT, TOO_LONG, SIGNED_OUT = "connection lost", "no input", "time limit reached", "signed out"
# Pauses that nobody asked for leave a gap, which may be claimed with a reason.
_LEAVES_GAP = {LOST, SILENT, SIGNED_OUT}


def settle(clock: Clock, at: datetime) -> None:
    """Apply what silence and limits mean by now. Run before every act on a clock, and by the sweeper."""
    if clock.state not in LIVE:
        return
    limits = _limits(clock, at)
    asking = clock.state == ClockState.ASKING
    over = worked(clock.entry, at) - limits["max_session_minutes"]
    if asking and at - clock.asked_at >= ANSWER_WITHIN:
        stop(clock, clock.doubt_from, reason=SILENT)
    elif at - clock.heartbeat_at >= limits["lost_minutes"]:
        stop(clock, proven_until(clock, clock.heartbeat_at), reason=LOST)
    elif over >= timedelta(0):
        stop(clock, min(at - over, proven_until(clock, at)), reason=TOO_LONG)
    elif not asking and (due := min(_due(clock, limits, at), default=None)):
        _ask(clock, *due)


def _limits(clock: Clock, at: datetime) -> dict[str, timedelta]:
    policies = policies_for(clock.entry.practice, on=clock.entry.practice.today(at))
    names = ("idle_minutes", "lost_minutes", "long_session_minutes", "max_session_minutes")
    return {name: timedelta(minutes=policies[name]) for name in names}


def _due(clock: Clock, limits: dict, at: datetime) -> Iterator[tuple[datetime, Question]]:
    """(since when, which) of every question that is due by now."""
    calling = in_call(clock.entry)
    silent_at = clock.input_at + (CALL_ASKS_AFTER if calling else limits["idle_minutes"])
    if silent_at <= at:
        yield silent_at, Question.CALL if calling else Question.IDLE
    over = worked(clock.entry, at) - clock.vouched - limits["long_session_minutes"]
    if over >= timedelta(0):
        yield at - over, Question.LONG


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
        _end_call(clock.entry, segment)
    clock.state, clock.pause_reason = ClockState.PAUSED, reason
    clock.question, clock.asked_at, clock.doubt_from = "", None, None
    if reason in _LEAVES_GAP:
        leave_gap_open(clock.entry, at, why=reason)
    clock.save()


def _end_call(entry: TimeEntry, segment: TimeSegment) -> None:
    """A call's length goes into the note when its segment ends."""
    if segment.activity == Activity.CONTACT and segment.standing:
        length = span_seconds([(segment.during.lower, segment.during.upper)])
        entry.contact_seconds = (entry.contact_seconds or 0) + length
        entry.save()


def go_on(clock: Clock, at: datetime, *, on_call: bool = False) -> None:
    """The clock runs again from now, as after any act of the person, who vouches by it for a session grown long."""
    clock.state = ClockState.ON_CALL if on_call else ClockState.RUNNING
    clock.heartbeat_at, clock.input_at, clock.pause_reason = at, at, ""
    vouch(clock, at)


def vouch(clock: Clock, at: datetime) -> None:
    """She has just answered for this session's time. A session grown long is asked about no sooner than an hour on."""
    so_far = worked(clock.entry, at)
    if so_far - clock.vouched >= _limits(clock, at)["long_session_minutes"]:
        clock.vouched = so_far
    clock.save()


def too_long(clock: Clock, at: datetime) -> bool:
    """Whether the session holds more time by now than one session may."""
    return worked(clock.entry, at) > _limits(clock, at)["max_session_minutes"]


def in_call(entry: TimeEntry) -> bool:
    """Whether the running segment is a call."""
    segment = open_segment(entry)
    return segment is not None and segment.activity == Activity.CONTACT
