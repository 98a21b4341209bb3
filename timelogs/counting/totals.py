"""What a patient's month holds: the counted total, and for every second not counted the reason."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import StaffKind
from foundation.months import bounds, last_day, midnight
from foundation.streams import grouped
from patients.models import Patient
from timelogs.counting.contacts import contacts
from timelogs.counting.counted import countable_activities, counts
from timelogs.counting.eligibility import Eligibility, eligibilities, eligibility
from timelogs.counting.evidence import Mix, mix
from timelogs.intervals import Span, clip, microseconds, seconds, span_of, subtract
from timelogs.models import (
    CountedInterval,
    Evidence,
    Status,
    TimeEntry,
    TimeSegment,
)

LINES = (10, 20, 40, 60, 80)

REASONS = {
    "not-signed": "not signed",
    "needs-approval": "waits for approval by another person",
    "not-countable": "not a countable activity",
    "concurrent": "another person's signed time for the same minutes counts",
    "before-consent": "outside the consent",
    "before-order": "before the order",
    "not-enrolled": "outside the enrollment",
    "same-day-visit": "day of an office visit",
}


@dataclass(frozen=True, slots=True)
class EntryShare:
    """One session in one month: its counted time, and (seconds, reason slug, words) of the rest.

    `microseconds` is the exact counted time, `microseconds_30_days` that of a practitioner in the month's last 30
    days; `beside` is the part of it in which another person's counts too; `staff_kind` says whose it is, and is empty
    where nothing counts; `known_by` are microseconds by class of evidence.
    """

    entry: TimeEntry
    microseconds: int
    microseconds_30_days: int
    beside: int
    staff_kind: str
    known_by: Mapping[str, int]
    not_counted: tuple[tuple[int, str, str], ...]

    @property
    def entry_id(self) -> UUID:
        return self.entry.pk

    @property
    def counted_seconds(self) -> int:
        return self.microseconds // 1_000_000

    @property
    def beside_seconds(self) -> int:
        return self.beside // 1_000_000


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """A patient-month's time in whole seconds, cut once from the exact sum, and its contacts."""

    seconds: int = 0
    staff_seconds: int = 0
    qhp_seconds: int = 0
    # A practitioner's in the last 30 days of the month: the window of 99091, which ends with the month. It never
    # reaches into the month before, whose seconds were that month's to use.
    qhp_seconds_30_days: int = 0
    unsigned_seconds: int = 0
    live_contact_on: date | None = None
    live_contact_entries: tuple[UUID, ...] = ()
    live_chat_entries: tuple[UUID, ...] = ()
    attempted: bool = False
    known_by: Mix = ()
    by_entry: tuple[EntryShare, ...] = ()

    @property
    def live_contacts(self) -> int:
        return len(self.live_contact_entries)

    @property
    def live_chat_contacts(self) -> int:
        return len(self.live_chat_entries)


@dataclass(frozen=True, slots=True)
class _Law:
    """What holds for everybody in one month."""

    window: Span
    last_30_days: Span
    countable: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Work:
    """One patient's entries, with their segments and counted intervals inside the month, and when time may count."""

    entries: list[TimeEntry]
    segments: dict[UUID, list[TimeSegment]]
    intervals: dict[UUID, list[CountedInterval]]
    allowed: Eligibility

    def taken(self) -> list[Span]:
        return [span for each in self.intervals.values() for span in map(span_of, each)]


def distance(total: int) -> tuple[int | None, int]:
    """(the next line in minutes, seconds missing to it); (None, 0) past the last line."""
    for line in LINES:
        if total < line * 60:
            return line, line * 60 - total
    return None, 0


def month_total(patient: Patient, month: date) -> MonthTotal:
    """One patient's month."""
    return month_totals(patient.practice, month, patient_ids=[patient.pk])[patient.pk]


def month_totals(
    practice, month: date, *, patient_ids: Sequence[UUID] | None = None
) -> dict[UUID, MonthTotal]:
    """The month of every named patient (None: of everyone with time in it), in a constant number of queries."""
    if patient_ids is None:
        rows = _segments(practice, bounds(month, tz=practice.tz))
        patient_ids = rows.order_by().values_list("entry__patient_id", flat=True).distinct()
    wanted = sorted(set(patient_ids))
    total_of = month_totals_in_order(practice, month, wanted)
    return {patient_id: total_of(patient_id) for patient_id in wanted}


def month_totals_in_order(
    practice,
    month: date,
    patient_ids: Collection[UUID] | None,
    *,
    instead: Mapping[UUID, list[CountedInterval]] | None = None,
) -> Callable[[UUID], MonthTotal]:
    """To be asked for each patient once, in ascending order; a constant number of queries. None: everybody.

    `instead`: what would be counted in the place of what is stored, for the patients named in it.
    """
    law = _law(practice, month)
    window = law.window
    segments = _segments(practice, window).select_related("entry__author__user")
    by_patient = grouped(segments, patient_ids, "during", by="entry__patient_id")
    standing = CountedInterval.objects.filter(practice=practice, standing=True, during__overlap=window)
    intervals = grouped(standing, patient_ids, "during")
    allowed = eligibilities(practice, month, patient_ids)

    def of(patient_id: UUID) -> MonthTotal:
        mine, counted = by_patient.take(patient_id), intervals.take(patient_id)
        counted = (instead or {}).get(patient_id, counted)
        may_count = allowed(patient_id)
        return _total(_work(mine, counted, may_count), law) if mine else MonthTotal()

    return of


def _law(practice, month: date) -> _Law:
    window = bounds(month, tz=practice.tz)
    last_30_days = (midnight(last_day(month) - timedelta(days=29), tz=practice.tz), window[1])
    return _Law(window, last_30_days, countable_activities(practice, on=month))


def explained(
    patient: Patient, month: date, entries: Collection[UUID], allowed: Eligibility | None = None
) -> list[EntryShare]:
    """What the month holds of these sessions, and why not the rest; those without time in it are left out."""
    practice = patient.practice
    law, allowed = _law(practice, month), allowed or eligibility(practice, patient.pk, month)
    segments = _segments(practice, law.window).filter(entry__in=entries, entry__patient=patient)
    intervals = CountedInterval.objects.filter(
        practice=practice, entry__in=entries, standing=True, during__overlap=law.window
    )
    rows = segments.select_related("entry__author__user").order_by("during")
    work = _work(rows, intervals.order_by("during"), allowed)
    return sorted((_share(entry, work, law) for entry in work.entries), key=lambda s: s.entry.started_at)


def signed_in(patient: Patient, month: date) -> QuerySet[TimeEntry]:
    """Signed sessions with time in the month, the latest first."""
    return _with_time(patient, month, Status.SIGNED).order_by("-started_at", "-pk")


def drafts_in(patient: Patient, month: date) -> QuerySet[TimeEntry]:
    return _with_time(patient, month, Status.DRAFT).order_by("started_at")


def _with_time(patient: Patient, month: date, status: Status) -> QuerySet[TimeEntry]:
    segments = _segments(patient.practice, bounds(month, tz=patient.practice.tz))
    rows = TimeEntry.objects.for_practice(patient.practice).filter(patient=patient, status=status)
    return rows.filter(Exists(segments.filter(entry=OuterRef("pk"))))


def unsigned_seconds(patient: Patient, month: date) -> int:
    """What the patient's drafts would add at most, beside what counts already."""
    practice = patient.practice
    law = _law(practice, month)
    drafts = _segments(practice, law.window).filter(entry__patient=patient, entry__status=Status.DRAFT)
    segments = list(drafts.select_related("entry").order_by("during"))
    if not segments:
        return 0
    beside = CountedInterval.objects.filter(
        reduce(or_, (Q(during__overlap=span_of(segment)) for segment in segments)),
        practice=practice, patient=patient, standing=True,
    )  # fmt: skip
    return _unsigned(_work(segments, beside, eligibility(practice, patient.pk, month)), law)


def _segments(practice, window: Span):
    rows = TimeSegment.objects.for_practice(practice).filter(standing=True, during__overlap=window)
    return rows.filter(entry__status__in=[Status.DRAFT, Status.SIGNED])


def _work(segments: Iterable[TimeSegment], intervals: Iterable[CountedInterval], allowed: Eligibility):
    by_entry, counted, entries = defaultdict(list), defaultdict(list), {}
    for segment in segments:
        entries.setdefault(segment.entry_id, segment.entry)
        by_entry[segment.entry_id].append(segment)
    for interval in intervals:
        counted[interval.entry_id].append(interval)
    return _Work(list(entries.values()), by_entry, counted, allowed)


def _total(work: _Work, law: _Law) -> MonthTotal:
    shares = [_share(entry, work, law) for entry in work.entries]
    staff = sum(share.microseconds for share in shares if share.staff_kind != StaffKind.QHP) // 1_000_000
    whole = sum(share.microseconds for share in shares) // 1_000_000
    # Both can be judged alone: the whole, and the staff's. What the cut of the two leaves over goes to the QHP's, of
    # which alone only the 30 days of 99091 are judged.
    return MonthTotal(
        seconds=whole,
        staff_seconds=staff,
        qhp_seconds=whole - staff,
        qhp_seconds_30_days=sum(share.microseconds_30_days for share in shares) // 1_000_000,
        unsigned_seconds=_unsigned(work, law),
        known_by=mix(sum((Counter(share.known_by) for share in shares), Counter())),
        by_entry=tuple(sorted(shares, key=lambda s: s.entry.started_at)),
        **contacts(work.entries, work.allowed, law.window),
    )


def _share(entry: TimeEntry, work: _Work, law: _Law) -> EntryShare:
    intervals = work.intervals.get(entry.pk, ())
    kind = _kind(intervals[0]) if intervals else ""
    parts = [(interval, part) for interval in intervals for part in _kept(interval, work.allowed, law)]
    spans = [part for _, part in parts]
    recent = [part for span in spans if (part := clip(span, law.last_30_days))]
    return EntryShare(
        entry=entry,
        microseconds=microseconds(spans),
        microseconds_30_days=microseconds(recent) if kind == StaffKind.QHP else 0,
        beside=microseconds(part for interval, part in parts if interval.concurrent),
        staff_kind=kind,
        known_by=_known_by(work.segments[entry.pk], parts),
        not_counted=tuple(_left_out(entry, work, law)),
    )


def _kept(interval: CountedInterval, allowed: Eligibility, law: _Law) -> list[Span]:
    """What of a counted interval lies in the month and may count."""
    inside = clip(span_of(interval), law.window)
    return allowed.keep(inside) if inside else []


def _known_by(segments: Iterable[TimeSegment], parts: Iterable[tuple[CountedInterval, Span]]) -> Counter[str]:
    """Microseconds by class of evidence."""
    evidence = {segment.pk: segment.evidence for segment in segments}
    known: Counter[str] = Counter()
    for interval, part in parts:
        # A segment signed between the two reads is not known yet: no more is claimed for it than can be shown.
        known[evidence.get(interval.segment_id, Evidence.MANUAL)] += microseconds([part])
    return known


def _kind(interval: CountedInterval) -> str:
    return StaffKind.QHP if interval.staff_kind == StaffKind.QHP else StaffKind.CLINICAL_STAFF


def _unsigned(work: _Work, law: _Law) -> int:
    """What the drafts would add at most if they were signed: nothing that counts already, and no second twice."""
    taken, added = work.taken(), []
    for entry in work.entries:
        if entry.status == Status.DRAFT:
            for span in _signable(work.segments[entry.pk], work.allowed, law):
                added += subtract(span, [*taken, *added])
    return seconds(added)


def _signable(segments: Iterable[TimeSegment], allowed: Eligibility, law: _Law) -> list[Span]:
    """What a draft would add at most if it were signed. A running clock is not documented time yet."""
    return [
        part
        for segment in segments
        if segment.activity in law.countable and (inside := _inside(segment, law))
        for part in allowed.keep(inside)
    ]


def _inside(segment: TimeSegment, law: _Law) -> Span | None:
    """The finished part of a segment inside the month."""
    return clip(span_of(segment), law.window) if segment.during.upper else None


def _left_out(entry: TimeEntry, work: _Work, law: _Law):
    """(seconds, slug, words) for each reason for which some of the session's time in this month is not counted."""
    found: dict[str, list[Span]] = defaultdict(list)
    mine = [span_of(interval) for interval in work.intervals.get(entry.pk, ())]
    for segment in work.segments[entry.pk]:
        inside = _inside(segment, law)
        if inside is None:
            continue
        if slug := _entry_reason(entry, segment, law.countable):
            found[slug].append(inside)
            continue
        found["concurrent"] += subtract(inside, mine)
        for span in filter(None, (clip(inside, part) for part in mine)):
            for slug, parts in work.allowed.refused(span).items():
                found[slug] += parts
    return [(seconds(spans), slug, REASONS[slug]) for slug, spans in found.items() if microseconds(spans) > 0]


def _entry_reason(entry: TimeEntry, segment: TimeSegment, countable) -> str | None:
    if entry.status == Status.DRAFT:
        return "not-signed"
    if segment.activity not in countable:
        return "not-countable"
    return None if counts(entry) else "needs-approval"
