"""The one place that knows how gaps are stored, claimed and left: today a clock holds at most one."""

from datetime import datetime

from tests.machine.almanac import at, micros
from tests.machine.spans import Span
from timelogs import clock
from timelogs.models import Clock

CLAIMED = "Went on working on paper."


def seen(row: Clock) -> list[tuple[int, int | None]]:
    if row.gap_from is None:
        return []
    return [(micros(row.gap_from), row.gap_until and micros(row.gap_until))]


def claim(entry, gap: int, span: Span, *, by, now: datetime) -> None:
    starts_at, ends_at = map(at, span)
    clock.claim_gap(entry, starts_at=starts_at, ends_at=ends_at, reason=CLAIMED, by=by, at=now)


def leave(entry, gap: int, *, by, now: datetime) -> None:
    clock.leave_gap(entry, by=by, at=now)
