"""How a clock looks at a moment: what pages draw. Nothing here changes it."""

from dataclasses import dataclass
from datetime import datetime

from timelogs.clock import measured
from timelogs.models import Clock, ClockState, TimeEntry
from timelogs.spans import seconds as span_seconds


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as a page draws it. `seconds` is measured time that will be recorded, the running part included."""

    state: ClockState
    seconds: int
    running: bool
    started_at: datetime
    question: dict | None
    gap: tuple[datetime, datetime] | None
    pause_reason: str
    server_now: datetime


def clock_view(entry: TimeEntry, *, at: datetime) -> ClockView | None:
    """How the clock stands at a moment, without changing it. None for a session entered by hand."""
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        return None
    asking = clock.state == ClockState.ASKING
    shown_until = clock.doubt_from if asking else at
    question = (
        {"since": clock.doubt_from, "seconds": span_seconds([(clock.doubt_from, at)])} if asking else None
    )
    gap = (clock.gap_from, clock.gap_until or at) if clock.gap_from else None
    return ClockView(
        state=ClockState(clock.state),
        seconds=measured(entry, shown_until),
        running=clock.state in {ClockState.RUNNING, ClockState.ON_CALL},
        started_at=entry.started_at,
        question=question,
        gap=gap,
        pause_reason=clock.pause_reason,
        server_now=at,
    )
