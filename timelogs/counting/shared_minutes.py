"""Which sessions share minutes, and what was decided about two of them. A decision ends with either of the two, and
goes over to an amendment that shares no minute which nobody looked at.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Membership
from foundation.context import because
from timelogs.counting.counted import Pairs, counts
from timelogs.counting.segments import standing
from timelogs.intervals import Span, clip, span_of, subtract
from timelogs.models import COUNTABLE, Concurrence, Status, TimeEntry, TimeSegment


def care(segments: Iterable[TimeSegment]) -> list[Span]:
    """The finished time that counts under every policy."""
    return [span_of(s) for s in segments if s.during.upper and s.activity in COUNTABLE]


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """What two lists of spans have in common."""
    other = list(other)
    return [part for span in one for each in other if (part := clip(span, each))]


def partners(entry: TimeEntry) -> list[TimeEntry]:
    """Other people's sessions with the patient that count and share minutes of care with it, if it counts itself."""
    if not counts(entry):
        return []
    mine = care(standing(entry))
    around = Q()
    for start, end in mine:
        around |= Q(segments__during__overlap=(start, end))
    rows = TimeEntry.objects.filter(around, patient=entry.patient_id, status=Status.SIGNED)
    others = rows.exclude(author__user=entry.author.user_id).select_related("author__user", "practice")
    found = {each.pk: each for each in others if mine and counts(each)}
    return [each for each in found.values() if common(mine, care(standing(each)))]


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
    now = care(standing(new))
    for row in rows:
        other = partner_of(row, old)
        if _nothing_new(worked, now, other):
            decide(new, other, by=row.decided_by, at=row.decided_at, reason=row.reason)


def lost_if(entry: TimeEntry, segments: list[TimeSegment]) -> Pairs:
    """The pairs of it that would not hold any longer if it had this time instead."""
    worked, now = care(standing(entry)), care(segments)
    others = (partner_of(row, entry) for row in decisions_on(entry))
    lost: list[frozenset[UUID]] = [
        frozenset((entry.pk, other.pk)) for other in others if not _nothing_new(worked, now, other)
    ]
    return frozenset(lost)


def _nothing_new(worked: list[Span], now: list[Span], other: TimeEntry) -> bool:
    """Whether what it shares with the other now was shared before, too."""
    theirs = care(standing(other))
    before = common(worked, theirs)
    return not any(subtract(span, before) for span in common(now, theirs))
