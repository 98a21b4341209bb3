"""Two people with one patient in the same minutes: counted once, unless a third has written down why both count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from accounts.practice_policies import policy
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from timelogs import counting
from timelogs.locks import hold_entry
from timelogs.models import PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.policies import why_not_beside, why_not_once
from timelogs.segments import standing
from timelogs.signing import eligible_seconds, lock_all, recount_all
from timelogs.spans import clip, seconds


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody else's signed time on the same patient inside this session's; `decided`: which of the two was let
    count beside the other, if one was.
    """

    who: str
    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    decided: TimeEntry | None

    @property
    def seconds(self) -> int:
        return seconds([(self.starts_at, self.ends_at)])


def shared_time(entry: TimeEntry, segments: Iterable[TimeSegment]) -> list[Shared]:
    """Where other people's signed time on the same patient lies inside this session's, earliest first."""
    others = TimeSegment.objects.for_practice(entry.practice).filter(
        entry__patient=entry.patient, entry__status=Status.SIGNED, standing=True
    )
    found = []
    for mine in (s for s in segments if s.during.upper):
        rows = others.filter(during__overlap=mine.during).exclude(staff=mine.staff_id)
        found += [_shared(entry, mine, theirs) for theirs in rows.select_related("staff", "entry")]
    return sorted(found, key=lambda shared: shared.starts_at)


def _shared(entry: TimeEntry, mine: TimeSegment, theirs: TimeSegment) -> Shared:
    spans = [(s.during.lower, s.during.upper) for s in (mine, theirs)]
    decided = next((each for each in (entry, theirs.entry) if each.concurrent_at), None)
    return Shared(theirs.staff.name, theirs.staff_id, *clip(*spans), decided)


def why_not_let(entry: TimeEntry, *, by: Membership, at: datetime) -> str | None:
    """Why this person cannot let this session count beside other people's now."""
    practice = entry.practice
    allowed = policy(practice, "concurrent_time", on=practice.today(at)) == "reviewed"
    shared = shared_time(entry, standing(entry))
    others = {each.user_id for each in shared}
    decided = bool(shared) and all(each.decided for each in shared)
    return why_not_beside(entry, by=by, others=others, decided=decided, allowed=allowed)


@transaction.atomic
def let_both_count(
    entry: TimeEntry, *, reason: str, version: int | None, by: Membership, at: datetime
) -> TimeEntry:
    """From now on it takes nothing from the others' time and loses nothing to it. The reason stays in the record."""
    months, entry = _hold(entry, version=version, reason=reason, by=by, at=at)
    refuse_if(why_not_let(entry, by=by, at=at))
    entry.concurrent_by, entry.concurrent_at, entry.concurrent_reason = by, at, reason.strip()
    return _decided(entry, months, reason, at=at)


@transaction.atomic
def count_once(
    entry: TimeEntry, *, reason: str, version: int | None, by: Membership, at: datetime
) -> TimeEntry:
    """Take that decision back: the shared minutes count for whoever signed them first."""
    months, entry = _hold(entry, version=version, reason=reason, by=by, at=at)
    refuse_if(why_not_once(entry, by=by))
    entry.concurrent_by, entry.concurrent_at, entry.concurrent_reason = None, None, ""
    return _decided(entry, months, reason, at=at)


def _hold(
    entry: TimeEntry, *, version: int | None, reason: str, by: Membership, at: datetime
) -> tuple[list[PatientMonth], TimeEntry]:
    months = lock_all(entry, by=by, at=at, correcting=True)
    entry = hold_entry(entry)
    if version is not None and entry.version != version:
        raise StaleRow()
    if not reason.strip():
        raise Refused("Give the reason. It stays in the record.", field="reason")
    return months, entry


def _decided(entry: TimeEntry, months: list[PatientMonth], reason: str, *, at: datetime) -> TimeEntry:
    with because(reason.strip()):
        entry.save()
    recount_all(months, at)
    return entry


def effect_on_month(entry: TimeEntry, month: PatientMonth, *, at: datetime) -> tuple[int, int]:
    """(counted seconds before, after) if the decision on this session were the other one. Stores nothing."""
    turned = TimeEntry.objects.get(pk=entry.pk)
    turned.concurrent_at = None if entry.concurrent_at else at
    after = counting.shares_now(month, also=turned if counting.counts(turned) else None)
    return eligible_seconds(month, counting.shares_now(month)), eligible_seconds(month, after)
