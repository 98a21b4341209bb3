"""One person's sessions: what is unsigned, what was done today and this week, and how much of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Membership
from foundation.months import midnight
from timelogs.clock.status import clock_view
from timelogs.intervals import seconds
from timelogs.labels import contact_in_words
from timelogs.models import Clock, Status, TimeEntry, TimeSegment


@dataclass(frozen=True, slots=True)
class Row:
    """A session in a list: its length in whole seconds, and for a draft its age in days and its clock's state."""

    entry: TimeEntry
    seconds: int
    contact: str
    days_old: int
    clock: str


@dataclass(frozen=True, slots=True)
class Mine:
    drafts: list[Row]
    today: list[Row]
    week: list[Row]

    @property
    def all(self) -> list[Row]:
        return [*self.drafts, *self.today, *self.week]

    @property
    def today_seconds(self) -> int:
        return sum(row.seconds for row in self.today)

    @property
    def week_seconds(self) -> int:
        return self.today_seconds + sum(row.seconds for row in self.week)

    @property
    def unsigned_seconds(self) -> int:
        return sum(row.seconds for row in self.drafts)


def sessions_of(by: Membership, *, at: datetime) -> Mine:
    """Drafts of any age, oldest first; signed sessions of today and of the six days before, newest first."""
    tz, today = by.practice.tz, by.practice.today(at)
    day_start, week_start = midnight(today, tz=tz), midnight(today - timedelta(days=6), tz=tz)
    own = TimeEntry.objects.for_practice(by.practice).filter(author__user=by.user).select_related("patient")
    drafts = own.filter(status=Status.DRAFT).order_by("started_at")
    signed = own.filter(status=Status.SIGNED, started_at__gte=week_start).order_by("-started_at")
    rows = [_row(entry, by.practice, at) for entry in signed]
    return Mine(
        [_row(entry, by.practice, at) for entry in drafts],
        [row for row in rows if row.entry.started_at >= day_start],
        [row for row in rows if row.entry.started_at < day_start],
    )


def _row(entry: TimeEntry, practice, at: datetime) -> Row:
    entry.practice = entry.patient.practice = practice
    days_old = (practice.today(at) - practice.today(entry.started_at)).days
    if entry.status == Status.SIGNED:
        return Row(entry, entry.seconds_signed, contact_in_words(entry), days_old, "")
    view = clock_view(entry, at=at) if Clock.objects.filter(entry=entry).exists() else None
    return Row(
        entry,
        view.seconds if view else _by_hand(entry),
        contact_in_words(entry),
        days_old,
        view.state.label if view else "",
    )


def _by_hand(entry: TimeEntry) -> int:
    spans = TimeSegment.objects.filter(entry=entry, standing=True).values_list("during", flat=True)
    return seconds((span.lower, span.upper) for span in spans if span.upper)
