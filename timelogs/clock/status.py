"""How a clock looks at a moment: what pages draw. Nothing here changes it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from timelogs.clock.gaps import unanswered
from timelogs.counting.segments import measured
from timelogs.intervals import seconds as span_seconds
from timelogs.models import Clock, ClockState, TimeEntry
from timelogs.models import Question as Kind

# A whole gap is offered up to this length; of a longer one she says how much of it was work.
_OFFERED_WHOLE = 30 * 60


@dataclass(frozen=True, slots=True)
class Question:
    """What the clock asks: nothing after `since` is counted until it is answered."""

    kind: Kind
    since: datetime
    seconds: int
    worked_minutes: int


@dataclass(frozen=True, slots=True)
class GapView:
    """Time that silence left out and that may be claimed; `offered` seconds fill the field, None for a long gap."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    why: str
    is_open: bool

    @property
    def seconds(self) -> int:
        return span_seconds([(self.starts_at, self.ends_at)])

    @property
    def offered(self) -> int | None:
        return self.seconds if self.seconds <= _OFFERED_WHOLE else None


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as a page draws it. `seconds` is measured time that will be recorded, the running part included."""

    state: ClockState
    seconds: int
    running: bool
    started_at: datetime
    question: Question | None
    gaps: list[GapView]
    pause_reason: str
    server_now: datetime


def clock_view(entry: TimeEntry, *, at: datetime) -> ClockView | None:
    """How the clock stands at a moment, without changing it. None for a session entered by hand."""
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        return None
    asking = clock.state == ClockState.ASKING
    seconds = measured(entry, clock.doubt_from if asking else at)
    return ClockView(
        state=ClockState(clock.state),
        seconds=seconds,
        running=clock.state in {ClockState.RUNNING, ClockState.ON_CALL},
        started_at=entry.started_at,
        question=_question(clock, seconds, at) if asking else None,
        gaps=[_gap(gap, at) for gap in unanswered(entry)],
        pause_reason=clock.pause_reason,
        server_now=at,
    )


def _question(clock: Clock, seconds: int, at: datetime) -> Question:
    silent = span_seconds([(clock.doubt_from, at)])
    return Question(Kind(clock.question), clock.doubt_from, silent, seconds // 60)


def _gap(gap, at: datetime) -> GapView:
    return GapView(gap.pk, gap.during.lower, gap.during.upper or at, gap.why, gap.during.upper is None)
