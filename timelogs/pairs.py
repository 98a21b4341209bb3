"""Which sessions share minutes, and what was decided about two of them. A decision ends with either of the two, and
goes over to an amendment that shares no minute which nobody looked at.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Membership
from foundation.context import because
from foundation.months import month_of
from timelogs.counting import Pairs, countable_activities, counts
from timelogs.models import Concurrence, Status, TimeEntry, TimeSegment
from timelogs.segments import standing
from timelogs.spans import Span, clip, subtract


def care(entry: TimeEntry, segments: Iterable[TimeSegment]) -> list[Span]:
    """Its finished time that may be counted at all."""
    countable = countable_activities(entry.practice, on=month_of(entry.started_at, tz=entry.practice.tz))
    return [(s.during.lower, s.during.upper) for s in segments if s.during.upper and s.activity in countable]


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """What two lists of spans have in common."""
    other = list(other)
    return [part for span in one for each in other if (part := clip(span, each))]


def partners(entry: TimeEntry) -> list[TimeEntry]:
    """Other people's sessions with the patient that count and share minutes of care with it, if it counts itself."""
    if not counts(entry):
        return []
    mine = care(entry, standing(entry))
    around = Q()
    for start, end in mine:
        around |= Q(segments__during__overlap=(start, end))
    rows = TimeEntry.objects.filter(around, patient=entry.patient_id, status=Status.SIGNED)
    others = rows.exclude(author__user=entry.author.user_id).select_related("author__user", "practice")
    found = {each.pk: each for each in others if mine and counts(each)}
    return [each for each in found.values() if common(mine, care(each, standing(each)))]


def decisions_on(entry: TimeEntry) -> QuerySet[Concurrence]:
    """The standing decisions about it and another."""
    rows = Concurrence.objects.filter(Q(entry=entry) | Q(other=entry), ended_at=None)
    return rows.select_related("entry__author__user", "other__author__user", "decided_by__user", "practice")


def partner_of(row: Concurrence, entry: TimeEntry) -> TimeEntry:
    return row.other if row.entry_id == entry.pk else row.entry


def decide(entry: TimeEntry, other: TimeEntry, *, by: Membership, at: datetime, reason: str) -> Concurrence:
    """The row of a decision about two sessions."""
    first, second = sorted((entry, other), key=lambda each: each.pk)
    row = Concurrence(practice=entry.practice, entry=first, other=second, reason=reason)
    row.decided_by, row.decided_at = by, at
    with because(reason):
        row.save()
    return row


def end_all(rows: Iterable[Concurrence], *, reason: str, at: datetime) -> list[Concurrence]:
    """They stand no longer."""
    ended = list(rows)
    for row in ended:
        row.ended_at, row.ended_reason = at, reason.strip()
        with because(row.ended_reason):
            row.save()
    return ended


def carry_over(rows: Iterable[Concurrence], old: TimeEntry, worked: list[Span], new: TimeEntry) -> None:
    """What was decided about an amended session holds for the new one, by whom and when it was decided."""
    now = care(new, standing(new))
    for row in rows:
        other = partner_of(row, old)
        if _nothing_new(worked, now, other):
            decide(new, other, by=row.decided_by, at=row.decided_at, reason=row.reason)


def lost_if(entry: TimeEntry, segments: list[TimeSegment]) -> Pairs:
    """The pairs of it that would not hold any longer if it had this time instead."""
    worked, now = care(entry, standing(entry)), care(entry, segments)
    others = (partner_of(row, entry) for row in decisions_on(entry))
    lost: list[frozenset[UUID]] = [
        frozenset((entry.pk, other.pk)) for other in others if not _nothing_new(worked, now, other)
    ]
    return frozenset(lost)


def _nothing_new(worked: list[Span], now: list[Span], other: TimeEntry) -> bool:
    """Whether what it shares with the other now was shared before, too."""
    theirs = care(other, standing(other))
    before = common(worked, theirs)
    return not any(subtract(span, before) for span in common(now, theirs))
