"""Two people with one patient in the same minutes: counted once, unless a third has written down why both count."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from accounts.practice_policies import policy
from foundation.refusals import StaleRow, refuse_if
from timelogs.counting import counted, shared_minutes
from timelogs.intervals import clip, seconds, span_of
from timelogs.locks import hold_entry
from timelogs.models import Concurrence, PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.policies import why_no_reason, why_not_beside, why_not_once
from timelogs.signing.months import eligible_seconds, lock_all, months_of, recount_all

_OTHERS = (
    "Whose time shares these minutes has changed since this page was opened. Look at it again, then decide."
)


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody else's signed time on the same patient inside this session's, and why both count, if both do."""

    who: str
    entry_id: UUID
    starts_at: datetime
    ends_at: datetime
    decision: Concurrence | None

    @property
    def seconds(self) -> int:
        return seconds([(self.starts_at, self.ends_at)])


def shared_time(entry: TimeEntry, segments: Iterable[TimeSegment]) -> list[Shared]:
    """Where other people's signed time on the same patient lies inside this session's, earliest first."""
    others = TimeSegment.objects.for_practice(entry.practice).filter(
        entry__patient=entry.patient, entry__status=Status.SIGNED, standing=True
    )
    decided = {shared_minutes.partner_of(row, entry).pk: row for row in shared_minutes.decisions_on(entry)}
    found = []
    for mine in (s for s in segments if s.during.upper):
        rows = others.filter(during__overlap=mine.during).exclude(staff=mine.staff_id)
        for theirs in rows.select_related("staff"):
            span = clip(span_of(mine), span_of(theirs))
            found.append(Shared(theirs.staff.name, theirs.entry_id, *span, decided.get(theirs.entry_id)))
    return sorted(found, key=lambda shared: shared.starts_at)


def undecided(entry: TimeEntry) -> list[TimeEntry]:
    """The sessions whose minutes it shares without a decision."""
    decided = {shared_minutes.partner_of(row, entry).pk for row in shared_minutes.decisions_on(entry)}
    return [each for each in shared_minutes.partners(entry) if each.pk not in decided]


def decided(entry: TimeEntry) -> list[TimeEntry]:
    """The sessions with which its minutes both count."""
    return [shared_minutes.partner_of(row, entry) for row in shared_minutes.decisions_on(entry)]


def why_not_let(entry: TimeEntry, *, by: Membership, at: datetime) -> str | None:
    """Why this person cannot let this session count beside other people's now."""
    practice = entry.practice
    allowed = policy(practice, "concurrent_time", on=practice.today(at)) == "reviewed"
    return why_not_beside(entry, by=by, others=_people(undecided(entry)), allowed=allowed)


def why_not_take_back(entry: TimeEntry, *, by: Membership) -> str | None:
    """Why this person cannot take back now what was decided about this session."""
    return why_not_once(entry, by=by, others=_people(decided(entry)))


def _people(entries: Iterable[TimeEntry]) -> set[UUID]:
    return {each.author.user_id for each in entries}


@transaction.atomic
def let_both_count(
    entry: TimeEntry, *, others: Collection[UUID], reason: str, by: Membership, at: datetime
) -> None:
    """Its minutes count beside those of `others`, the sessions that the reviewer was shown, and of nobody else."""
    months, entry = _hold(entry, by=by, at=at)
    refuse_if(why_no_reason(reason), field="reason")
    refuse_if(why_not_let(entry, by=by, at=at))
    shown = undecided(entry)
    _as_shown(shown, others)
    for other in shown:
        shared_minutes.decide(entry, other, by=by, at=at, reason=reason.strip())
    recount_all(months, [entry, *shown], at)


@transaction.atomic
def count_once(
    entry: TimeEntry, *, others: Collection[UUID], reason: str, by: Membership, at: datetime
) -> None:
    """Take the decisions on it back: the minutes shared with `others` count for whoever signed them first."""
    months, entry = _hold(entry, by=by, at=at)
    refuse_if(why_no_reason(reason), field="reason")
    refuse_if(why_not_take_back(entry, by=by))
    before = decided(entry)
    _as_shown(before, others)
    shared_minutes.end_all(shared_minutes.decisions_on(entry), reason=reason, at=at)
    recount_all(months, [entry, *before], at)


def _hold(entry: TimeEntry, *, by: Membership, at: datetime) -> tuple[list[PatientMonth], TimeEntry]:
    return lock_all(entry, by=by, at=at, correcting=True), hold_entry(entry)


def _as_shown(now: list[TimeEntry], shown: Collection[UUID]) -> None:
    if {each.pk for each in now} != set(shown):
        raise StaleRow(_OTHERS)


def effects(
    entry: TimeEntry, others: Iterable[TimeEntry], *, both: bool, at: datetime
) -> list[tuple[PatientMonth, int, int]]:
    """(month, its counted seconds now, and if it counted both or once with `others`). Stores nothing."""
    turned = frozenset(frozenset((entry.pk, other.pk)) for other in others)
    found = []
    touched = PatientMonth.objects.filter(patient=entry.patient, month__in=months_of(entry, at))
    for month in touched.select_related("practice").order_by("month"):
        pairs_now = counted.pairs_of(month.patient_id)
        then = pairs_now | turned if both else pairs_now - turned
        shares = [counted.shares_now(month, pairs=each) for each in (pairs_now, then)]
        found.append((month, *(eligible_seconds(month, each) for each in shares)))
    return found
