"""The pieces of time of a session: opened, closed, switched off, attested. The database refuses them beside others."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.context import because
from foundation.refusals import Refused
from timelogs.counting.overlaps import database_decides
from timelogs.intervals import Span, microseconds
from timelogs.models import Activity, Evidence, SegmentSource, TimeEntry, TimeSegment


@dataclass(frozen=True, slots=True)
class Pace:
    """An entry's standing time: what is finished, and since when one more segment of which activity runs."""

    done: timedelta
    since: datetime | None
    activity: str

    def until(self, moment: datetime) -> timedelta:
        """The time up to a moment, exactly."""
        return self.done + (max(moment - self.since, timedelta(0)) if self.since else timedelta(0))


def standing(entry: TimeEntry) -> list[TimeSegment]:
    """The entry's segments that stand, in order."""
    return list(TimeSegment.objects.filter(entry=entry, standing=True).order_by("during"))


def open_segment(entry: TimeEntry) -> TimeSegment | None:
    """The one that runs, if any."""
    return running_of(standing(entry))


def running_of(segments: list[TimeSegment]) -> TimeSegment | None:
    """Of an entry's standing segments the one that runs, if any."""
    return next((s for s in segments if s.during.upper is None), None)


def begin(entry: TimeEntry, at: datetime, *, activity: str = Activity.DATA_REVIEW) -> None:
    """A segment that runs from now on."""
    user = entry.author.user
    with database_decides(user.pk, lambda: (at, at + timedelta(seconds=1)), practice=entry.practice):
        TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=user,
            activity=activity,
            during=(at, None),
            source=SegmentSource.CLOCK,
            evidence=Evidence.OBSERVED,
        ).save()


def close(segment: TimeSegment, at: datetime) -> None:
    """End a segment; one that never lasted is switched off."""
    start = segment.during.lower
    if at <= start:
        segment.standing, at = False, start + timedelta(microseconds=1)
    segment.during = (start, at)
    segment.save()
    segment.refresh_from_db(fields=["during"])


def attest(entry: TimeEntry, span: Span, *, reason: str, activity: str = Activity.DATA_REVIEW) -> None:
    """Time that no clock saw, on the author's word, with its reason."""
    with because(reason), database_decides(entry.author.user_id, lambda: span, practice=entry.practice):
        TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=entry.author.user,
            during=span,
            source=SegmentSource.CLOCK,
            evidence=Evidence.ATTESTED,
            activity=activity,
            reason=reason,
        ).save()


def switch_off(entry: TimeEntry) -> None:
    """The entry's time no longer stands."""
    for segment in standing(entry):
        if segment.during.upper is None:
            raise Refused("The clock of this session is still running.")
        segment.standing = False
        segment.save()


def worked(entry: TimeEntry, until: datetime) -> timedelta:
    """The entry's standing time up to a moment, exactly."""
    return pace_of(standing(entry)).until(until)


def pace_of(segments: list[TimeSegment]) -> Pace:
    """Of an entry's standing segments."""
    done = microseconds((s.during.lower, s.during.upper) for s in segments if s.during.upper)
    running = running_of(segments)
    since, activity = (running.during.lower, running.activity) if running else (None, "")
    return Pace(timedelta(microseconds=done), since, activity)


def measured(entry: TimeEntry, until: datetime) -> int:
    """Whole seconds of the entry's standing time up to a moment."""
    return worked(entry, until) // timedelta(seconds=1)
