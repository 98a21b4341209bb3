"""Nobody works twice at once: what is in the way, in words, and the fixes offered."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import ExclusionViolation

from accounts.models import Practice
from foundation.local_time import on_clock
from foundation.practice_scope import every_practice
from foundation.refusals import Refused
from timelogs.intervals import Span, subtract
from timelogs.models import TimeSegment

FIXES = {
    "trim": "Keep only the part that does not overlap",
    "start_after": "Start when the other session ends",
}


class Overlap(Refused):
    """The person's other session is in the way. `segment` is one of its segments, in whatever practice."""

    def __init__(self, segment: TimeSegment, *, practice: Practice):
        self.segment = segment
        super().__init__(_sentence(segment, practice), field="started", fixes=tuple(FIXES.items()))


def _sentence(segment: TimeSegment, practice: Practice) -> str:
    if segment.practice_id != practice.pk:
        return "This overlaps another session of yours. Change one of the times."
    since, end = on_clock(segment.during.lower, tz=practice.tz), segment.during.upper
    until = on_clock(end, tz=practice.tz) if end else "now, still running"
    who = segment.entry.patient
    return f"This overlaps your session with {who}, {since}–{until}. Change one of the times."


def in_the_way(user_id: UUID, span: Span) -> list[TimeSegment]:
    """Standing segments of the person that overlap the span, earliest first, in whatever practice."""
    rows = TimeSegment.objects.filter(staff_id=user_id, standing=True, during__overlap=span)
    with every_practice():
        return list(rows.select_related("entry__patient").order_by("during"))


def refuse_overlap(user_id: UUID, span: Span, *, practice: Practice) -> None:
    """Raise `Overlap` before the database does, with the session's name in the sentence."""
    if found := in_the_way(user_id, span):
        raise Overlap(found[0], practice=practice)


@contextmanager
def database_decides(user_id: UUID, span: Callable[[], Span], *, practice: Practice):
    """The exclusion constraint has the last word; its refusal becomes the same sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, ExclusionViolation):
            raise
        refuse_overlap(user_id, span(), practice=practice)
        raise Refused(
            "This overlaps another session of yours. Change one of the times.", field="started"
        ) from None


def fitted(user_id: UUID, span: Span, *, fix: str) -> Span:
    """The span after a fix: its first free part, or as long as before from where the last clash ends."""
    clashes = [(s.during.lower, s.during.upper) for s in in_the_way(user_id, span)]
    if not clashes or fix not in FIXES:
        return span
    if any(end is None for _, end in clashes):
        raise Refused("The other session is still running. Pause or sign it first.", field="started")
    if fix == "start_after":
        return _moved(span, max(end for _, end in clashes))
    if not (left := subtract(span, clashes)):
        raise Refused("Nothing is left of this session beside the other one.", field="started")
    return max(left, key=lambda part: part[1] - part[0])


def _moved(span: Span, start: datetime) -> Span:
    length: timedelta = span[1] - span[0]
    return start, start + length
