"""Which seconds a patient's month holds: each at most once, whoever worked them, in order of signing.

A session that a reviewer lets count beside other people's takes nothing from them and loses nothing to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.practice_policies import policy
from timelogs.models import COUNTABLE, Activity, CountedInterval, PatientMonth, Status, TimeEntry, TimeSegment
from timelogs.spans import Span, clip, subtract


@dataclass(frozen=True, slots=True)
class Share:
    """A counted span, the segment that earned it, and whether it counts beside other people's."""

    segment: TimeSegment
    span: Span
    concurrent: bool


def countable_activities(practice, *, on) -> frozenset[str]:
    """Activities whose time may be counted; unanswered calls only where the practice's policy says so."""
    return COUNTABLE | {Activity.ATTEMPT} if policy(practice, "attempts_counted", on=on) else COUNTABLE


def counts(entry: TimeEntry) -> bool:
    """Whether an entry's time is released for counting at all."""
    return entry.status == Status.SIGNED and not (entry.needs_approval and entry.approved_at is None)


def derive(month: PatientMonth, entries: Sequence[TimeEntry], segments: Iterable[TimeSegment]) -> list[Share]:
    """The shares of a month: entries in order of signing, each second to the first who signed it."""
    countable = countable_activities(month.practice, on=month.month)
    window = (month.starts_at, month.ends_at)
    by_entry: dict = {}
    for segment in sorted(segments, key=lambda s: s.during.lower):
        by_entry.setdefault(segment.entry_id, []).append(segment)
    shares: list[Share] = []
    taken: list[Span] = []
    for entry in sorted(entries, key=lambda e: (e.signed_at, e.pk)):
        beside = entry.concurrent_at is not None
        worked = [s for s in by_entry.get(entry.pk, ()) if s.activity in countable]
        inside = [(s, part) for s in worked if (part := clip((s.during.lower, s.during.upper), window))]
        own = [
            Share(s, part, beside) for s, span in inside for part in subtract(span, () if beside else taken)
        ]
        shares += own
        taken += [] if beside else [share.span for share in own]
    return shares


def shares_now(
    month: PatientMonth, *, also: TimeEntry | None = None, without: TimeEntry | None = None
) -> list[Share]:
    """The shares as they would be with one entry more (about to be signed) or less. Under the month's lock."""
    rows = TimeEntry.objects.filter(patient_id=month.patient_id, status=Status.SIGNED)
    entries = [e for e in rows.exclude(pk=without.pk if without else None) if counts(e)]
    if also is not None:
        entries = [e for e in entries if e.pk != also.pk] + [also]
    window = (month.starts_at, month.ends_at)
    segments = TimeSegment.objects.filter(entry__in=entries, standing=True, during__overlap=window)
    segments = segments.select_related("entry__author")
    return derive(month, entries, segments)


def shares_if(month: PatientMonth, entry: TimeEntry, spans: list[Span]) -> list[Share]:
    """The shares as they would be if a signed entry had these spans instead. Stores nothing."""
    entries = [
        e for e in TimeEntry.objects.filter(patient_id=month.patient_id, status=Status.SIGNED) if counts(e)
    ]
    window = (month.starts_at, month.ends_at)
    real = TimeSegment.objects.filter(entry__in=entries, standing=True, during__overlap=window)
    own = [s for s in real if s.entry_id == entry.pk]
    kept = [s for s in real if s.entry_id != entry.pk]
    kept += [
        TimeSegment(entry=entry, activity=s.activity, during=DateTimeTZRange(*part))
        for s in own
        for part in filter(None, (clip((s.during.lower, s.during.upper), span) for span in spans))
    ]
    return derive(month, entries, kept)


def recount(month: PatientMonth, *, at: datetime) -> None:
    """Make the stored intervals of a month what they should be: switch off what no longer holds, add what is new."""
    wanted = {(s.segment.pk, *s.span, s.concurrent): s for s in shares_now(month)}
    standing = {
        (i.segment_id, i.during.lower, i.during.upper, i.concurrent): i
        for i in month.intervals.filter(standing=True)
    }
    gone = [interval.pk for key, interval in standing.items() if key not in wanted]
    CountedInterval.objects.filter(pk__in=gone).update(standing=False, stood_until=at)
    new = [share for key, share in wanted.items() if key not in standing]
    kinds = _kinds(month, new)
    CountedInterval.objects.bulk_create(_interval(month, share, kinds, at) for share in new)


def _kinds(month: PatientMonth, shares: Iterable[Share]) -> dict:
    """{entry: as whose time it counts}: as at first, or as what it amends; whatever its author has become since."""
    entries = {share.segment.entry for share in shares}
    ids = {entry.pk for entry in entries} | {entry.supersedes_id for entry in entries}
    before = CountedInterval.objects.filter(patient=month.patient_id, entry__in=ids - {None})
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
        during=share.span,
        concurrent=share.concurrent,
        stood_from=at,
    )
