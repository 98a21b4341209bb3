"""Merging two records of one person, and undoing it. Nothing signed or counted is moved (docs/adr/0023)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission, may
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from foundation.tracked import lock
from patients import comparing, merges, policies
from patients.comparing import COVERAGE, KEEP, TAKE, compare, coverage_values
from patients.models import Coverage, DeviceAssignment, Enrollment, Merge, Patient, RequestState, TwoPeople
from patients.models import SignatureRequest as Request
from patients.selectors import coverage_on, in_force
from patients.services import PayerGiven, change_coverage, edit_patient, save_unless_taken
from patients.sites import SiteBook

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    """Something about a record, and where it is seen and settled.

    `asks`: what one must be permitted to be told so; others are told `otherwise`, without the page.
    """

    words: str
    url: str
    asks: Permission | None = None
    otherwise: str = ""

    def told(self, member: Membership) -> "Point":
        return self if self.asks is None or may(member, self.asks) else Point(self.otherwise, "")


Finder = Callable[[Patient, datetime], Iterable[Point]]
_OPEN: list[Finder] = []
_TOGETHER: list[Callable[[Patient, Patient], Iterable[Point]]] = []


def to_settle(find: Finder) -> Finder:
    """Floors above say what of theirs must be settled on a record before it is merged into another."""
    _OPEN.append(find)
    return find


def to_look_at(find):
    """Floors above say what two records hold together that one person should not have. It refuses nothing."""
    _TOGETHER.append(find)
    return find


def unsettled(duplicate: Patient, *, at: datetime) -> list[Point]:
    """What must be settled on the record before it can be merged into another; everything, not the first alone."""
    return [point for find in _OPEN for point in find(duplicate, at)]


def together(duplicate: Patient, remaining: Patient) -> list[Point]:
    return [point for find in _TOGETHER for point in find(duplicate, remaining)]


@to_settle
def _open_here(duplicate: Patient, at: datetime) -> Iterator[Point]:
    own = {"practice": duplicate.practice_id, "patient": duplicate}
    page, today = reverse("patients:enrollment", args=[duplicate.pk]), duplicate.practice.today(at)
    for episode in Enrollment.objects.filter(**own, ended_on=None):
        yield Point(f"It is enrolled since {_day(episode.started_on)}: end the enrollment", page)
    for episode in Enrollment.objects.filter(**own, ended_on__gt=today):
        yield Point(f"It is enrolled until {_day(episode.ended_on)}: merge from that day on", page)
    held = DeviceAssignment.objects.filter(in_force(today), **own) | DeviceAssignment.objects.filter(
        **own, ends_on=None
    )
    for given in held.select_related("device"):
        yield Point(f"{given.device} is given out on it: record its return", page)
    waiting = Request.objects.filter(practice=duplicate.practice_id, enrollment__patient=duplicate)
    for paper in waiting.filter(state=RequestState.WAITING):
        yield Point(f"{paper.title} waits for a signature: have it signed, or withdraw it", page)


@to_look_at
def _two_sites(duplicate: Patient, remaining: Patient) -> Iterator[Point]:
    """The remaining record stays where it is; what is claimed from now on says its site."""
    day = remaining.practice.today()
    book = SiteBook(remaining.practice, [duplicate.pk, remaining.pk])
    theirs, stays = book.on(duplicate.pk, day), book.on(remaining.pk, day)
    if book.several and theirs != stays:
        said = f"It is at {theirs or 'no site'}, the other at {stays or 'no site'}, which stays"
        yield Point(
            f"{said}: change the site if she is cared for elsewhere",
            reverse("patients:site_change", args=[remaining.pk]),
            Permission.PATIENT_ENROLL,
            otherwise=said,
        )


@transaction.atomic
def merge(
    duplicate: Patient,
    remaining: Patient,
    *,
    choices: Mapping[str, str],
    seen: str,
    reason: str,
    by: Membership,
    at: datetime,
) -> Merge:
    """From now on `duplicate` is only read, and leads to `remaining`.

    `choices`: for each difference that is asked about, KEEP what remains or TAKE what the other has. `seen`: the mark
    of the two records as they were shown (`mark`), by which a choice about something else is refused.
    """
    duplicate, remaining = held(duplicate, remaining)
    refuse_if(policies.why_not_merge(duplicate, remaining))
    if open_points := unsettled(duplicate, at=at):
        words = dict.fromkeys(point.told(by).words for point in open_points)
        raise Refused(f"MRN {duplicate.mrn} is not settled yet. {'. '.join(words)}.")
    if seen != mark(duplicate, remaining, at=at):
        raise StaleRow("One of the two records changed while this page was open. Compare again, then merge.")
    taken_over = comparing.chosen(compare(duplicate, remaining, at=at), choices)
    with because(f"MRN {duplicate.mrn} merged into MRN {remaining.mrn}: {reason}"):
        _end_decision(duplicate, remaining, at=at)
        taken = list(_take_over(duplicate, remaining, taken_over, by=by, at=at))
        row = Merge(practice=duplicate.practice, duplicate=duplicate, remaining=remaining, taken=taken)
        row.reason, row.merged_by, row.merged_at = reason.strip(), by, at
        row.save()
    return row


@transaction.atomic
def undo(row: Merge, *, reason: str, by: Membership, at: datetime) -> Merge:
    """The record is one of its own again. What was taken over from it is put back where nobody changed it since; what
    was changed stays, and `kept` names it."""
    duplicate, remaining = held(row.duplicate, row.remaining)
    row = lock(row)
    refuse_if(policies.why_not_undo_merge(row))
    row.duplicate, row.remaining = duplicate, remaining
    with because(f"Merge of MRN {duplicate.mrn} into MRN {remaining.mrn} undone: {reason}"):
        kept = _put_back(row, by=by, at=at)
        row.undone_by, row.undone_at, row.undo_reason, row.kept = by, at, reason.strip(), kept
        row.save()
    return row


def mark(duplicate: Patient, remaining: Patient, *, at: datetime) -> str:
    """Of the two records as they are: another one once something of them that is compared has changed."""
    today = duplicate.practice.today(at)
    rows = [duplicate, remaining, coverage_on(duplicate, today), coverage_on(remaining, today)]
    said = [f"{row.pk}:{row.version}" if row else "" for row in rows]
    return hashlib.sha256(" ".join(said).encode()).hexdigest()


def held(duplicate: Patient, remaining: Patient) -> tuple[Patient, Patient]:
    """Both, locked alone in the order of their ids: who writes in one of them has finished, or is refused."""
    ids = {duplicate.pk, remaining.pk}
    rows = Patient.objects.for_practice(duplicate.practice_id).filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update()}
    for row in found.values():
        row.practice = duplicate.practice
        merges.note_merges(row)
    return found[duplicate.pk], found[remaining.pk]


def _end_decision(one: Patient, other: Patient, *, at: datetime) -> None:
    """Somebody who took them for two people was wrong."""
    first, second = sorted((one.pk, other.pk))
    rows = TwoPeople.objects.for_practice(one.practice_id).filter(one=first, other=second, ended_at=None)
    for row in rows:
        row.ended_at = at
        row.save()


def _take_over(
    duplicate: Patient, remaining: Patient, names: list[str], *, by: Membership, at: datetime
) -> Iterator[dict]:
    values = {}
    for field in (field for field in comparing.FIELDS if field.name in names):
        values[field.attname] = getattr(duplicate, field.attname)
        yield _taken(
            field.name,
            *(comparing.stored(field, patient) for patient in (remaining, duplicate)),
            *(comparing.shown(field, patient) for patient in (remaining, duplicate)),
        )
    if values:
        edit_patient(remaining, version=remaining.version, by=by, at=at, **values)
    if COVERAGE in names:
        yield _take_coverage(duplicate, remaining, by=by, at=at)


def _taken(name: str, was, now, was_shown: str, now_shown: str) -> dict:
    text = f"{comparing.label_of(name)}: {was_shown or 'empty'} → {now_shown}"
    return {"name": name, "was": was, "is": now, "text": text}


def _take_coverage(duplicate: Patient, remaining: Patient, *, by: Membership, at: datetime) -> dict:
    """From today on, and as long as it was to hold there: what is past was decided without it."""
    today = remaining.practice.today(at)
    theirs, ours = coverage_on(duplicate, today), coverage_on(remaining, today)
    before = _version(ours), comparing.covered(ours)
    given = PayerGiven(**coverage_values(theirs), starts_on=today)
    try:
        row = change_coverage(remaining, given, by=by, at=at)
    except Refused as refusal:
        # The page has no field for a day or a number of it.
        raise Refused(f"Keep its own coverage, or correct it before: {refusal}", field=COVERAGE) from refusal
    if theirs.ends_on:
        row.ends_on = min(theirs.ends_on, row.ends_on or theirs.ends_on)
        row.save()
    return _taken(COVERAGE, before[0], _version(row), before[1], comparing.covered(row))


def _version(row: Coverage | None) -> list | None:
    return [str(row.pk), row.version] if row else None


# Undoing --------------------------------------------------------------------------------------------------


def _put_back(row: Merge, *, by: Membership, at: datetime) -> list[dict]:
    """What of the remaining record stays, because it was changed since."""
    by_name, kept, values = {taken["name"]: taken for taken in row.taken}, [], {}
    for field in (field for field in comparing.FIELDS if field.name in by_name):
        taken = by_name[field.name]
        if comparing.stored(field, row.remaining) == taken["is"]:
            values[field.attname] = comparing.from_stored(field, taken["was"])
        else:
            kept.append({"name": field.name, "text": comparing.label_of(field.name)})
    if values:
        edit_patient(row.remaining, version=row.remaining.version, by=by, at=at, **values)
    if COVERAGE in by_name and (stays := _coverage_put_back(row, by_name[COVERAGE], by=by, at=at)):
        kept.append({"name": COVERAGE, "text": stays})
    return kept


def _coverage_put_back(row: Merge, taken: dict[str, Any], *, by: Membership, at: datetime) -> str:
    """What was there before, from the day on which the other was taken over; where there was none, it ends, and the
    days that it has held stay. Returns what stays, in words."""
    key, version = taken["is"]
    now = Coverage.objects.for_practice(row.practice_id).get(pk=key)
    if now.version != version:
        return comparing.label_of(COVERAGE)
    if taken["was"] is None:
        until = max(row.remaining.practice.today(at), now.starts_on + ONE_DAY)
        now.ends_on = min(until, now.ends_on or until)
        now.save()
        return f"{comparing.label_of(COVERAGE)} {_day(now.starts_on)} to {_day(now.ends_on - ONE_DAY)}"
    before_key, before_version = taken["was"]
    before = Coverage.history.get(id=before_key, version=before_version)
    given = PayerGiven(**coverage_values(before), starts_on=now.starts_on)
    try:
        with transaction.atomic():
            back = change_coverage(row.remaining, given, by=by, at=at)
            back.ends_on = before.ends_on
            save_unless_taken(back, "A later coverage was recorded since")
    except Refused:
        # It would be recorded no more; somebody looks at it.
        return comparing.label_of(COVERAGE)
    return ""


def undo_in_words(row: Merge) -> str:
    """What came of it, for who undid it."""
    names = [kept["text"] for kept in row.kept]
    if not names:
        return f"Undone. MRN {row.duplicate.mrn} is a record of its own again."
    return (
        f"Undone. MRN {row.duplicate.mrn} is a record of its own again. Not put back, and left as they are: "
        f"{', '.join(names)}. Look at them."
    )


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


__all__ = ["KEEP", "TAKE", "Point", "held", "merge", "undo", "mark", "unsettled", "together"]
