"""The one place that knows how gaps are stored, claimed and left."""

from collections import defaultdict
from datetime import datetime

from tests.model.calendars import micros
from timelogs.clock import acts as clock
from timelogs.clock.gaps import unanswered
from timelogs.models import Gap

CLAIMED = "Went on working on paper."


def waiting(number: dict) -> dict[int, list[tuple[int, int | None]]]:
    """The gaps that wait for an answer, by the number of their session."""
    found = defaultdict(list)
    for gap in Gap.objects.filter(answer="").order_by("during"):
        span = micros(gap.during.lower), gap.during.upper and micros(gap.during.upper)
        found[number[gap.entry_id]].append(span)
    return found


def claim(entry, gap: int, seconds: int | None, *, by, now: datetime) -> None:
    clock.claim_gap(entry, unanswered(entry)[gap].pk, seconds=seconds, reason=CLAIMED, by=by, at=now)


def leave(entry, gap: int, *, by, now: datetime) -> None:
    clock.leave_gap(entry, unanswered(entry)[gap].pk, by=by, at=now)
