"""Which seconds a patient's month holds: each at most once, whoever worked them, in order of signing.

Twice only where two sessions share them of which a reviewer has written down why both count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from accounts.practice_policies import policy
from foundation.months import bounds
from timelogs.intervals import Span, clip, span_of, subtract
from timelogs.models import (
    COUNTABLE,
    Activity,
    Concurrence,
    CountedInterval,
    PatientMonth,
    Status,
    TimeEntry,
    TimeSegment,
)

Pairs = frozenset[frozenset[UUID]]
"""Sessions, by id, of which two and two let the minutes that they share both count."""


@dataclass(frozen=True, slots=True)
class Share:
    """A counted span, the segment that earned it, and whether another person's holds it too."""

    segment: TimeSegment
    span: Span
    concurrent: bool


def countable_activities(practice, *, on) -> frozenset[str]:
    """Activities whose time may be counted; unanswered calls only where the practice's policy says so."""
    return COUNTABLE | {Activity.ATTEMPT} if policy(practice, "attempts_counted", on=on) else COUNTABLE


def counts(entry: TimeEntry) -> bool:
    """Whether an entry's time is released for counting at all."""
    return entry.status == Status.SIGNED and not (entry.needs_approval and entry.approved_at is None)


def pairs_of(patient_id: UUID) -> Pairs:
    """The sessions of a patient whose shared minutes both count."""
    rows = Concurrence.objects.filter(entry__patient=patient_id, ended_at=None)
    return frozenset(map(frozenset, rows.values_list("entry_id", "other_id")))


def derive(
    month: PatientMonth,
    entries: Sequence[TimeEntry],
    segments: Iterable[TimeSegment],
    pairs: Pairs = frozenset(),
    countable: frozenset[str] | None = None,
) -> list[Share]:
    """The shares of a month: entries in order of signing, each second to the first who signed it.

    To the later of a pair too; but not where a third was at work as well who signed before and is not paired with it.
    """
    work = _work_of(month, segments, countable or countable_activities(month.practice, on=month.month))
    shares: list[Share] = []
    worked: list[tuple[TimeSegment, Span]] = []
    for entry in sorted(entries, key=lambda e: (e.signed_at, e.pk)):
        held = [span for _, span in worked]
        for segment, span in work.get(entry.pk, ()):
            taken = [theirs for other, theirs in worked if not _both_count(segment, other, pairs)]
            for part in subtract(span, taken):
                alone = subtract(part, held)
                shares += [Share(segment, piece, False) for piece in alone]
                shares += [Share(segment, piece, True) for piece in subtract(part, alone)]
        worked += work.get(entry.pk, ())
    return shares


def _both_count(one: TimeSegment, other: TimeSegment, pairs: Pairs) -> bool:
    """A call that nobody answered may count where the practice's policy says so, but never beside another's minutes."""
    decided = frozenset((one.entry_id, other.entry_id)) in pairs
    return decided and Activity.ATTEMPT not in {one.activity, other.activity}


def _work_of(
    month: PatientMonth, segments: Iterable[TimeSegment], countable: frozenset[str]
) -> dict[UUID, list[tuple[TimeSegment, Span]]]:
    """{entry: its countable segments with their part inside the month}, in order."""
    window = (month.starts_at, month.ends_at)
    found: dict[UUID, list] = {}
    for segment in sorted((s for s in segments if s.activity in countable), key=lambda s: s.during.lower):
        if inside := clip(span_of(segment), window):
            found.setdefault(segment.entry_id, []).append((segment, inside))
    return found


def shares_now(
    month: PatientMonth, *, also: TimeEntry | None = None, pairs: Pairs | None = None
) -> list[Share]:
    """The shares, with one entry more (about to be signed), or other pairs than stand. Under the month's lock."""
    rows = TimeEntry.objects.filter(patient_id=month.patient_id, status=Status.SIGNED)
    entries = [e for e in rows if counts(e)]
    if also is not None:
        entries = [e for e in entries if e.pk != also.pk] + [also]
    window = (month.starts_at, month.ends_at)
    segments = TimeSegment.objects.filter(entry__in=entries, standing=True, during__overlap=window)
    segments = segments.select_related("entry__author")
    return derive(month, entries, segments, pairs_of(month.patient_id) if pairs is None else pairs)


def shares_if(
    month: PatientMonth, entry: TimeEntry, segments: Sequence[TimeSegment], pairs: Pairs
) -> list[Share]:
    """The shares if a signed entry were signed last and had this time instead. Stores nothing."""
    rows = TimeEntry.objects.filter(patient_id=month.patient_id, status=Status.SIGNED).exclude(pk=entry.pk)
    entries = [e for e in rows if counts(e)]
    window = (month.starts_at, month.ends_at)
    others = TimeSegment.objects.filter(entry__in=entries, standing=True, during__overlap=window)
    return derive(month, [*entries, *filter(counts, [entry])], [*others, *segments], pairs)


@dataclass(frozen=True, slots=True)
class Change:
    """What of a month's stored intervals no longer holds, and what is to be stored instead."""

    month: PatientMonth
    gone: list[CountedInterval]
    new: list[Share]


def recount(month: PatientMonth, *, at: datetime) -> None:
    """Make the stored intervals of a month what they should be: switch off what no longer holds, add what is new."""
    standing = list(month.intervals.filter(standing=True))
    store(_change(month, standing, shares_now(month)), at=at)


def change(month: PatientMonth, touched: Collection[TimeEntry]) -> Change:
    """What `recount` would change where only these sessions did, as they are in memory. However much the month holds.

    A session's shares depend on what was signed before it, never on what was signed after: besides these only those can
    change that share time with them and were signed later. Of the others the work beside theirs is read, no more.
    """
    own = _segments_in(month, touched)
    beside = _beside(month, own)
    later = _signed_after(touched, beside)
    if later:
        own += _segments_in(month, later)
        beside = _beside(month, own)
    affected = {entry.pk for entry in [*touched, *later]}
    work = [s for s in [*own, *beside] if s.standing and counts(s.entry)]
    shares = [share for share in _derived(month, work) if share.segment.entry_id in affected]
    return _change(month, month.intervals.filter(standing=True, entry__in=affected), shares)


def _signed_after(touched: Collection[TimeEntry], beside: Iterable[TimeSegment]) -> list[TimeEntry]:
    """Of those beside, the sessions that were signed after the first of these."""
    first = min(entry.signed_at for entry in touched if entry.signed_at)
    return list({s.entry_id: s.entry for s in beside if s.entry.signed_at >= first}.values())


def _derived(month: PatientMonth, work: Sequence[TimeSegment]) -> list[Share]:
    """`derive` for segments that carry their sessions; pairs and policy are asked for where they make a difference."""
    entries = list({s.entry_id: s.entry for s in work}.values())
    pairs = pairs_of(month.patient_id) if len(entries) > 1 else frozenset()
    tried = any(segment.activity == Activity.ATTEMPT for segment in work)
    return derive(month, entries, work, pairs, None if tried else COUNTABLE)


def _change(month: PatientMonth, standing: Iterable[CountedInterval], shares: Iterable[Share]) -> Change:
    standing = list(standing)
    kept, new = _apart(standing, shares)
    held = {interval.pk for interval in kept}
    return Change(month, [interval for interval in standing if interval.pk not in held], new)


def store(found: Change, *, at: datetime) -> None:
    if found.gone:
        gone = [interval.pk for interval in found.gone]
        CountedInterval.objects.filter(pk__in=gone).update(standing=False, stood_until=at)
    if found.new:
        kinds = _kinds([found.month.patient_id], found.new)
        CountedInterval.objects.bulk_create(_interval(found.month, share, kinds, at) for share in found.new)


def shares_of(month: PatientMonth, entry: TimeEntry, segments: Sequence[TimeSegment]) -> list[Share]:
    """What would count of a session that had this time and were signed last. Stores nothing."""
    beside = [segment for segment in _beside(month, segments) if counts(segment.entry)]
    shares = _derived(month, [*segments, *beside])
    return [share for share in shares if share.segment.entry_id == entry.pk]


def _segments_in(month: PatientMonth, entries: Collection[TimeEntry]) -> list[TimeSegment]:
    """Their segments in the month, each with its session as it is in memory.

    What stands no longer too: it may have kept others' time from counting.
    """
    of = {entry.pk: entry for entry in entries}
    rows = list(TimeSegment.objects.filter(entry__in=of, during__overlap=(month.starts_at, month.ends_at)))
    for segment in rows:
        segment.entry = of[segment.entry_id]
    return rows


def _beside(month: PatientMonth, segments: Iterable[TimeSegment]) -> list[TimeSegment]:
    """Standing segments of the patient's other signed sessions, where they share time with these."""
    segments = list(segments)
    if not segments:
        return []
    around = reduce(or_, (Q(during__overlap=span_of(segment)) for segment in segments))
    rows = TimeSegment.objects.filter(
        around, standing=True, entry__patient=month.patient_id, entry__status=Status.SIGNED
    )
    others = rows.exclude(entry__in={segment.entry_id for segment in segments})
    return list(others.select_related("entry__author"))


def would_stand(
    practice, month: date, patient_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, list[CountedInterval]]:
    """What `recount` would leave standing under the policies as they are read here, in six queries. Stores nothing."""
    mine = PatientMonth.objects.for_practice(practice).filter(month=month, patient__in=patient_ids)
    months, countable = list(mine), countable_activities(practice, on=month)
    segments, pairs = _segments_of(practice, month, patient_ids), _pairs_by_patient(patient_ids)
    standing = defaultdict(list)
    for interval in CountedInterval.objects.filter(patient_month__in=months, standing=True):
        standing[interval.patient_id].append(interval)
    apart = {}
    for each in months:
        work = segments[each.patient_id]
        entries = list({s.entry_id: s.entry for s in work}.values())
        shares = derive(each, entries, work, frozenset(pairs[each.patient_id]), countable)
        apart[each] = _apart(standing[each.patient_id], shares)
    kinds = _kinds(patient_ids, [share for _, new in apart.values() for share in new])
    return {
        each.patient_id: [*kept, *(_interval(each, share, kinds, at) for share in new)]
        for each, (kept, new) in apart.items()
    }


def _segments_of(practice, month: date, patient_ids: Sequence[UUID]) -> dict[UUID, list[TimeSegment]]:
    """Standing segments of the month whose time is released for counting, by patient."""
    rows = TimeSegment.objects.for_practice(practice).filter(
        entry__patient__in=patient_ids,
        entry__status=Status.SIGNED,
        standing=True,
        during__overlap=bounds(month, tz=practice.tz),
    )
    found = defaultdict(list)
    for segment in rows.select_related("entry__author"):
        if counts(segment.entry):
            found[segment.entry.patient_id].append(segment)
    return found


def _pairs_by_patient(patient_ids: Sequence[UUID]) -> dict[UUID, set[frozenset[UUID]]]:
    rows = Concurrence.objects.filter(entry__patient__in=patient_ids, ended_at=None)
    found = defaultdict(set)
    for patient_id, *pair in rows.values_list("entry__patient_id", "entry_id", "other_id"):
        found[patient_id].add(frozenset(pair))
    return found


def _apart(
    standing: Iterable[CountedInterval], shares: Iterable[Share]
) -> tuple[list[CountedInterval], list[Share]]:
    """The standing intervals that hold, and the shares that none of them is."""
    wanted = {(s.segment.pk, *s.span, s.concurrent): s for s in shares}
    stored = {(i.segment_id, i.during.lower, i.during.upper, i.concurrent): i for i in standing}
    kept = [interval for key, interval in stored.items() if key in wanted]
    return kept, [share for key, share in wanted.items() if key not in stored]


def _kinds(patient_ids: Sequence[UUID], shares: Iterable[Share]) -> dict:
    """{entry: as whose time it counts}: as at first, or as what it amends; whatever its author has become since."""
    entries = {share.segment.entry for share in shares}
    ids = {entry.pk for entry in entries} | {entry.supersedes_id for entry in entries}
    before = CountedInterval.objects.filter(patient__in=patient_ids, entry__in=ids - {None})
    first = dict(before.order_by("-stood_from", "-pk").values_list("entry_id", "staff_kind"))
    return {e.pk: first.get(e.pk) or first.get(e.supersedes_id) or e.author.staff_kind for e in entries}


def _interval(month: PatientMonth, share: Share, kinds: dict, at: datetime) -> CountedInterval:
    segment = share.segment
    return CountedInterval(
        practice_id=month.practice_id,
        patient_month=month,
        patient_id=month.patient_id,
        staff_id=segment.staff_id,
        entry_id=segment.entry_id,
        segment=segment,
        staff_kind=kinds[segment.entry_id],
        during=DateTimeTZRange(*share.span),
        concurrent=share.concurrent,
        stood_from=at,
    )
