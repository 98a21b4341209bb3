"""What a patient's month holds: the counted total, and for every second not counted the reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from accounts.models import StaffKind
from foundation.months import bounds
from patients.models import Patient
from timelogs.counting import countable_activities, counts
from timelogs.eligibility import Eligibility, eligibilities
from timelogs.models import (
    LIVE_METHODS,
    CountedInterval,
    Method,
    Party,
    Status,
    TimeEntry,
    TimeSegment,
    Topic,
)
from timelogs.spans import Span, clip, microseconds, seconds, subtract

LINES = (10, 20, 40, 60, 80)

REASONS = {
    "not-signed": "not signed",
    "needs-approval": "waits for approval by another person",
    "not-countable": "not a countable activity",
    "concurrent": "another person's signed time for the same minutes counts",
    "before-consent": "outside the consent",
    "before-order": "before the order",
    "not-enrolled": "outside the enrolment",
    "same-day-visit": "day of an office visit",
}


@dataclass(frozen=True, slots=True)
class EntryShare:
    """One session in one month: its counted seconds, and (seconds, reason slug, words) of the rest."""

    entry: TimeEntry
    counted_seconds: int
    not_counted: tuple[tuple[int, str, str], ...]

    @property
    def entry_id(self) -> UUID:
        return self.entry.pk


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """A patient-month's time in whole seconds, cut once from the exact sum, and its contacts."""

    seconds: int = 0
    staff_seconds: int = 0
    qhp_seconds: int = 0
    unsigned_seconds: int = 0
    live_contacts: int = 0
    live_contact_on: date | None = None
    live_contact_entries: tuple[UUID, ...] = ()
    live_chat_contacts: int = 0
    attempted: bool = False
    by_entry: tuple[EntryShare, ...] = ()


@dataclass
class _Rows:
    """What was read for one patient: entries, their segments' and counted spans inside the month."""

    entries: list[TimeEntry] = field(default_factory=list)
    segments: dict[UUID, list[TimeSegment]] = field(default_factory=lambda: defaultdict(list))
    intervals: dict[UUID, list[CountedInterval]] = field(default_factory=lambda: defaultdict(list))


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
    window = bounds(month, tz=practice.tz)
    rows = _rows(practice, window, patient_ids)
    wanted = patient_ids if patient_ids is not None else list(rows)
    allowed = eligibilities(practice, wanted, month)
    countable = countable_activities(practice, on=month)
    totals: dict[UUID, MonthTotal] = defaultdict(MonthTotal)
    for patient_id in wanted:
        totals[patient_id] = (
            _total(rows[patient_id], allowed[patient_id], window, countable)
            if patient_id in rows
            else MonthTotal()
        )
    return totals


def _rows(practice, window: Span, patient_ids) -> dict[UUID, _Rows]:
    segments = TimeSegment.objects.for_practice(practice).filter(standing=True, during__overlap=window)
    segments = segments.filter(entry__status__in=[Status.DRAFT, Status.SIGNED])
    if patient_ids is not None:
        segments = segments.filter(entry__patient_id__in=patient_ids)
    found: dict[UUID, _Rows] = defaultdict(_Rows)
    for segment in segments.select_related("entry__author__user").order_by("during"):
        rows = found[segment.entry.patient_id]
        if segment.entry_id not in rows.segments:
            rows.entries.append(segment.entry)
        rows.segments[segment.entry_id].append(segment)
    intervals = CountedInterval.objects.filter(
        practice=practice, standing=True, during__overlap=window, patient_id__in=list(found)
    )
    for interval in intervals.order_by("during"):
        found[interval.patient_id].intervals[interval.entry_id].append(interval)
    return found


def _total(rows: _Rows, allowed: Eligibility, window: Span, countable) -> MonthTotal:
    counted: dict[str, list[Span]] = {StaffKind.QHP: [], StaffKind.CLINICAL_STAFF: []}
    shares, unsigned = [], []
    for entry in rows.entries:
        spans = []
        for interval in rows.intervals.get(entry.pk, ()):
            parts = allowed.keep((interval.during.lower, interval.during.upper))
            spans += parts
            counted[StaffKind.QHP if interval.staff_kind == StaffKind.QHP else StaffKind.CLINICAL_STAFF] += (
                parts
            )
        if entry.status == Status.DRAFT:
            taken = [(i.during.lower, i.during.upper) for each in rows.intervals.values() for i in each]
            mine = _signable(rows.segments[entry.pk], allowed, window, countable)
            unsigned += [part for span in mine for part in subtract(span, taken)]
        shares.append(
            EntryShare(entry, seconds(spans), tuple(_left_out(entry, rows, allowed, window, countable)))
        )
    # QHP seconds are cut, and the staff's are what is left of the whole: the two never add up to a second more.
    whole, qhp = (
        seconds(counted[StaffKind.QHP] + counted[StaffKind.CLINICAL_STAFF]),
        seconds(counted[StaffKind.QHP]),
    )
    return MonthTotal(
        seconds=whole,
        staff_seconds=whole - qhp,
        qhp_seconds=qhp,
        unsigned_seconds=seconds(unsigned),
        by_entry=tuple(sorted(shares, key=lambda s: s.entry.started_at)),
        **_contacts(rows.entries, allowed, window),
    )


def _signable(segments: Iterable[TimeSegment], allowed: Eligibility, window: Span, countable) -> list[Span]:
    """What a draft would add at most if it were signed. A running clock is not documented time yet."""
    return [
        part
        for s in segments
        if s.activity in countable
        and s.during.upper is not None
        and (inside := clip((s.during.lower, s.during.upper), window))
        for part in allowed.keep(inside)
    ]


def _left_out(entry: TimeEntry, rows: _Rows, allowed: Eligibility, window: Span, countable):
    """(seconds, slug, words) for each reason for which some of the session's time in this month is not counted."""
    found: dict[str, list[Span]] = defaultdict(list)
    mine = [(i.during.lower, i.during.upper) for i in rows.intervals.get(entry.pk, ())]
    for segment in rows.segments[entry.pk]:
        inside = (
            clip((segment.during.lower, segment.during.upper or window[1]), window)
            if segment.during.upper
            else None
        )
        if inside is None:
            continue
        if slug := _entry_reason(entry, segment, countable):
            found[slug].append(inside)
            continue
        found["concurrent"] += subtract(inside, mine)
        for span in filter(None, (clip(inside, part) for part in mine)):
            for slug, parts in allowed.refused(span).items():
                found[slug] += parts
    return [(seconds(spans), slug, REASONS[slug]) for slug, spans in found.items() if microseconds(spans) > 0]


def _entry_reason(entry: TimeEntry, segment: TimeSegment, countable) -> str | None:
    if entry.status == Status.DRAFT:
        return "not-signed"
    if segment.activity not in countable:
        return "not-countable"
    return None if counts(entry) else "needs-approval"


def contact_moment(entry: TimeEntry):
    return entry.contact_started_at or entry.started_at


def is_live_contact(entry: TimeEntry) -> bool:
    """A real-time two-way exchange with patient or caregiver about readings or treatment: not device help alone."""
    return (
        entry.party in {Party.PATIENT, Party.CAREGIVER}
        and entry.method in LIVE_METHODS
        and (entry.party != Party.CAREGIVER or bool(entry.party_name.strip()))
        and set(entry.topics) != {Topic.DEVICE_HELP}
    )


def _contacts(entries: Iterable[TimeEntry], allowed: Eligibility, window: Span) -> dict:
    """Contacts of signed sessions that began in the month, inside consent and order, not on an excluded day."""
    signed = [e for e in entries if counts(e) and window[0] <= contact_moment(e) < window[1]]
    valid = [e for e in signed if allowed.holds(contact_moment(e))]
    talks = sorted((e for e in valid if is_live_contact(e)), key=contact_moment)
    live = [contact_moment(e) for e in talks]
    chats = [e for e in valid if e.party in {Party.PATIENT, Party.CAREGIVER} and e.method == Method.LIVE_CHAT]
    return {
        "live_contacts": len(live),
        "live_contact_on": live[-1].astimezone(allowed.tz).date() if live else None,
        "live_contact_entries": tuple(e.pk for e in talks),
        "live_chat_contacts": len(chats),
        "attempted": any(e.method == Method.NO_ANSWER for e in signed),
    }
