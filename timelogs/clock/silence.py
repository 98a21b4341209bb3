"""What silence and limits mean for a running clock by now. Nothing is credited silently."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.practice_policies import policies_for
from foundation.context import because
from timelogs.clock.gaps import leave_gap_open, note_gap
from timelogs.counting.segments import Pace, close, open_segment, pace_of, standing, worked
from timelogs.intervals import Span
from timelogs.intervals import seconds as span_seconds
from timelogs.models import Activity, Clock, ClockState, Question, TimeEntry

LIVE = (ClockState.RUNNING, ClockState.ON_CALL, ClockState.ASKING)
ANSWER_WITHIN = timedelta(minutes=10)
CALL_ASKS_AFTER = timedelta(minutes=45)
LIMITS = ("idle_minutes", "lost_minutes", "long_session_minutes", "max_session_minutes")
LOST, SILENT, TOO_LONG, SIGNED_OUT = "connection lost", "no input", "time limit reached", "signed out"
IN_DOUBT = "a question was open"
# Pauses that nobody asked for leave a gap, which may be claimed with a reason.
_LEAVES_GAP = {LOST, SILENT, SIGNED_OUT}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the practice lets a clock do without a word."""

    idle: timedelta
    lost: timedelta
    long: timedelta
    most: timedelta

    @classmethod
    def of(cls, policies: Mapping[str, int]) -> "Limits":
        return cls(*(timedelta(minutes=policies[name]) for name in LIMITS))


def settle(clock: Clock, at: datetime, *, alive: bool = False) -> None:
    """Apply what silence and limits mean by now. Run before every act on a clock, and by the sweeper.

    What comes of a silence is the same whenever somebody looks: a question that was due comes before what followed it,
    and one that came after the page's last sign was asked of nobody. `alive`: the page itself speaks now.
    """
    if clock.state not in LIVE:
        return
    limits, pace = _limits(clock, at), pace_of(standing(clock.entry))
    if question := _to_ask(clock, pace, limits, at, alive):
        _ask(clock, *question)
    if _unanswered_too_long(clock, at):
        stop(clock, proven_until(clock, clock.heartbeat_at), reason=SILENT)
    elif at >= clock.heartbeat_at + limits.lost:
        stop(clock, proven_until(clock, clock.heartbeat_at), reason=LOST)
    elif (full := _full_at(pace, limits, at)) <= _seen_until(clock, limits, at, alive):
        _stop_at_limit(clock, full)


def nothing_to_settle(clock: Clock, pace: Pace, limits: Limits, at: datetime) -> bool:
    """Whether `settle` would leave it as it is, while its page speaks; for who has read its time by other means."""
    return clock.state not in LIVE or not (
        _to_ask(clock, pace, limits, at, True)
        or _unanswered_too_long(clock, at)
        or at >= clock.heartbeat_at + limits.lost
        or _full_at(pace, limits, at) <= _seen_until(clock, limits, at, True)
    )


def _seen_until(clock: Clock, limits: Limits, at: datetime, alive: bool) -> datetime:
    """The page's last sign, by this moment."""
    return at if alive and at < clock.heartbeat_at + limits.lost else min(clock.heartbeat_at, at)


def _full_at(pace: Pace, limits: Limits, at: datetime) -> datetime:
    """When no more fits into the session."""
    return at - (pace.until(at) - limits.most)


def _unanswered_too_long(clock: Clock, at: datetime) -> bool:
    return clock.state == ClockState.ASKING and at - clock.asked_at >= ANSWER_WITHIN


def _to_ask(
    clock: Clock, pace: Pace, limits: Limits, at: datetime, alive: bool
) -> tuple[datetime, Question] | None:
    """The first question that is due and was not asked; none once the session is full."""
    if clock.state == ClockState.ASKING:
        return None
    seen = _seen_until(clock, limits, at, alive)
    first = min((each for each in _questions(clock, pace, limits, at) if each[0] <= seen), default=None)
    return first if first and first[0] < _full_at(pace, limits, at) else None


def _stop_at_limit(clock: Clock, limit: datetime) -> None:
    """No more fits into the session. What was in doubt by then may still be claimed."""
    proven = proven_until(clock, limit)
    stop(clock, proven, reason=TOO_LONG)
    note_gap(clock.entry, (proven, limit), why=IN_DOUBT)


def _limits(clock: Clock, at: datetime) -> Limits:
    return Limits.of(policies_for(clock.entry.practice, on=clock.entry.practice.today(at)))


def _questions(clock: Clock, pace: Pace, limits: Limits, at: datetime) -> Iterator[tuple[datetime, Question]]:
    """(when, which) of every question to come or due; never about what an earlier segment settled."""
    if pace.since is None:
        return
    if pace.activity == Activity.CONTACT:
        yield pace.since + CALL_ASKS_AFTER, Question.CALL
    else:
        yield clock.input_at + limits.idle, Question.IDLE
    over = pace.until(at) - clock.vouched - limits.long
    yield max(at - over, pace.since), Question.LONG


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
    if so_far - clock.vouched >= _limits(clock, at).long:
        clock.vouched = so_far
    clock.save()


def in_call(entry: TimeEntry) -> bool:
    """Whether the running segment is a call."""
    segment = open_segment(entry)
    return segment is not None and segment.activity == Activity.CONTACT


def why_not_longer(clock: Clock, at: datetime) -> str | None:
    """Why what the session holds by now is too much."""
    most = _limits(clock, at).most
    if worked(clock.entry, at) <= most:
        return None
    return f"A session holds at most {most // timedelta(minutes=1)} minutes. Add less, and log the rest by itself."
