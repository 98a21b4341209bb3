"""Keeping summaries in step: marks are taken, their patients figured anew, and the marks deleted, in one transaction.

A patient is figured by one at a time, under an advisory lock of her own; marks are read under it, and figures after the
marks. So what a writer commits meanwhile leaves its mark for the next round, and of two who figure the later is right.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Exists, Max, Min, OuterRef, Q, Value
from django.db.models.aggregates import Aggregate

from billing.facts.gather import patients_of
from boards.figures import summaries
from boards.locks import hold, hold_free
from boards.models import PatientMark, PatientSummary
from boards.months import may_begin, open_months
from boards.outdated import approved, look_at
from foundation.practice_scope import current
from foundation.sweeps import going_on
from foundation.tracked import ClockTimestamp

# So many are figured in one transaction; by one page before it shows its own; and by a page while many wait.
CHUNK, AT_ONCE, NEWEST = 100, 25, 3
# So long a page counts on the task for what others did.
PATIENCE = timedelta(seconds=5)
FIGURES = tuple(
    field.attname
    for field in PatientSummary._meta.local_concrete_fields
    if field.name not in {"id", "practice", "patient", "month", "figured_at"}
)


class EveryOne(Aggregate):
    function, output_field = "bool_and", BooleanField()


@transaction.atomic
def refresh(
    practice, patient_ids: Collection[UUID], months: Collection[date] | None = None, *, at: datetime
) -> int:
    """Figure these patients anew in these months, or in every open one. Returns how many rows changed. Marks stay."""
    ids = sorted(set(patient_ids))
    hold(ids)
    return _write(practice, ids, months, at=at)


def _write(practice, ids: list[UUID], months: Collection[date] | None, *, at: datetime) -> int:
    asked = open_months(practice, practice.today(at)) if months is None else months
    changed, gone = differences(practice, ids, asked, at=at)
    pks = [row.pk for row in gone]
    if months is None:
        rows = PatientSummary.objects.filter(practice=practice, patient__in=ids)
        pks += rows.exclude(month__in=asked).values_list("pk", flat=True)
    if pks:
        PatientSummary.objects.filter(pk__in=pks).delete()
    _save(changed)
    return len(changed) + len(pks)


def differences(
    practice, ids: Collection[UUID], months: Collection[date], *, at: datetime
) -> tuple[list[PatientSummary], list[PatientSummary]]:
    """(What is to be written, what has nothing to do with its month any more)"""
    rows = PatientSummary.objects.filter(practice=practice, patient__in=ids, month__in=months)
    known = {(row.patient_id, row.month): row for row in rows}
    new = {(row.patient_id, row.month): row for row in summaries(practice, months, ids, at=at)}
    changed = [row for key, row in new.items() if key not in known or _figures(known[key]) != _figures(row)]
    return changed, [row for key, row in known.items() if key not in new]


def _figures(row: PatientSummary) -> tuple:
    return tuple(getattr(row, name) for name in FIGURES)


def _save(rows: list[PatientSummary]) -> None:
    names = [PatientSummary._meta.get_field(name.removesuffix("_id")).name for name in FIGURES]
    PatientSummary.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["patient", "month"],
        update_fields=[*names, "figured_at"],
    )


# Marks --------------------------------------------------------------------------------------------------------


def mark(
    practice, patient_ids: Iterable[UUID | None], *, month: date | None = None, sweep: bool = False
) -> None:
    """By hand; what changes rows is marked by the database itself. None for everybody."""
    PatientMark.objects.bulk_create(
        PatientMark(practice=practice, patient_id=pk, month=month, sweep=sweep) for pk in patient_ids
    )


def marks_of(practice, month: date | None = None):
    rows = PatientMark.objects.filter(practice=practice)
    return rows if month is None else rows.filter(Q(month=None) | Q(month=month))


def oldest_mark(*, at: datetime) -> timedelta:
    """How long the oldest mark waits, of the practice that is looked at or of every one."""
    first = PatientMark.objects.aggregate(first=Min("marked_at"))["first"]
    return max(at - first, timedelta(0)) if first else timedelta(0)


def settle(practice, *, at: datetime, most: int = CHUNK) -> int:
    """Figure some of the marked patients anew, what changed before what is only swept. 0: nobody is left to take.

    Where one of them cannot be figured, each is by herself.
    """
    with transaction.atomic():
        if spread := _spread(practice, at=at):
            return spread
    ids = _next(practice, most)
    with going_on("boards: a chunk of practice", practice.pk), transaction.atomic():
        return _settle(practice, hold_free(sorted(ids)), at=at)
    return sum(_settle_alone(practice, pk, at=at) for pk in ids)


def _next(practice, most: int) -> list[UUID]:
    waiting = marks_of(practice).exclude(patient_id=None).values("patient_id")
    waiting = waiting.annotate(swept=EveryOne("sweep"), first=Min("pk"))
    return [row["patient_id"] for row in waiting.order_by("swept", "first")[:most]]


def _settle_alone(practice, pk: UUID, *, at: datetime) -> int:
    """Whose figures cannot be made waits again, behind all others."""
    with going_on("boards: patient", pk), transaction.atomic():
        return _settle(practice, hold_free([pk]), at=at)
    with transaction.atomic():
        marks_of(practice).filter(patient_id=pk).delete()
        mark(practice, [pk], sweep=True)
    return 0


def _settle(practice, held: list[UUID], *, at: datetime) -> int:
    if not held:
        return 0
    taken = list(marks_of(practice).filter(patient_id__in=held).values_list("pk", "patient_id", "month"))
    whole = {patient_id for _, patient_id, month in taken if month is None}
    of_month: dict[date, set[UUID]] = {}
    for _, patient_id, month in taken:
        if month and patient_id not in whole:
            of_month.setdefault(month, set()).add(patient_id)
    PatientMark.objects.filter(pk__in=[pk for pk, _, _ in taken]).delete()
    if whole:
        _write(practice, sorted(whole), None, at=at)
        look_at(practice, whole, at=at)
    still_open = open_months(practice, practice.today(at)) if of_month else ()
    for month, ids in of_month.items():
        if month in still_open:
            _write(practice, sorted(ids), [month], at=at)
        else:
            look_at(practice, ids, at=at)
    return len(held)


def _spread(practice, *, at: datetime) -> int:
    """A mark of everybody becomes one of each, after those of single patients. While one does it others pass it by."""
    rows = marks_of(practice).filter(patient_id=None).select_for_update(skip_locked=True)
    marks = list(rows)
    if not marks:
        return 0
    ids = list(concerned(practice, at=at))
    mark(practice, ids, sweep=True)
    PatientMark.objects.filter(pk__in=[each.pk for each in marks]).delete()
    return max(len(ids), 1)


def concerned(practice, *, at: datetime) -> set[UUID]:
    """Whoever has a row, or ought to have one."""
    found = set(PatientSummary.objects.filter(practice=practice).values_list("patient_id", flat=True))
    for month in open_months(practice, practice.today(at)):
        found |= set(patients_of(practice, month).order_by().values_list("pk", flat=True))
    return found


def rebuild(practice, *, at: datetime, told: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Figure everybody anew, chunk by chunk, whatever is marked. Returns how many rows changed.

    `told(done, total)` is called behind each chunk's commit.
    """
    everybodys = list(marks_of(practice).filter(patient_id=None).values_list("pk", flat=True))
    changed, ids = 0, sorted(concerned(practice, at=at))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            part = ids[start : start + CHUNK]
            hold(part)
            # What was marked before is in what is read after.
            taken = list(marks_of(practice).filter(patient_id__in=part).values_list("pk", flat=True))
            PatientMark.objects.filter(pk__in=taken).delete()
            changed += _write(practice, part, None, at=at)
            look_at(practice, part, at=at)
        told(start + len(part), len(ids))
    PatientMark.objects.filter(pk__in=everybodys).delete()
    return changed


# Pages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the rows that a page counts by are in step: `since` None says wholly, else what changed after it is not
    in them yet; `missing`: they are only being made."""

    since: datetime | None = None
    missing: bool = False


@transaction.atomic
def fresh(practice, month: date, *, at: datetime) -> Freshness:
    """To be called by each page before it asks. Where few changed they are figured now, so that who just signed sees
    what she did; where many did, the newest few are, and the answer says since when others wait."""
    today = practice.today(at)
    months = open_months(practice, today)
    if month not in months and not may_begin(practice, month, today):
        return Freshness()
    begun = PatientSummary.objects.filter(practice=practice, month=month).exists()
    if not begun and not _begin(practice, month, at=at):
        return Freshness(missing=True)
    rows = _waiting(practice, month)
    if any(row["patient_id"] is None for row in rows) and _is_small(practice, month):
        _spread(practice, at=at)
        rows = _waiting(practice, month)
    if not rows:
        return Freshness()
    named = [row["patient_id"] for row in rows if row["patient_id"]]
    few = len(rows) <= AT_ONCE and len(named) == len(rows)
    others = [other for other in months if other != month]
    all_done = False
    with going_on("boards: page of practice", practice.pk), transaction.atomic():
        all_done = _settle_month(practice, named if few else named[:NEWEST], month, others, at=at)
    if few and all_done:
        return Freshness()
    return Freshness(min(row["since"] for row in rows), missing=not few and _lacks_rows(practice, month))


def _lacks_rows(practice, month: date) -> bool:
    """Whether somebody of the month has no row yet, as while a month that is opened again is figured."""
    own = PatientSummary.objects.filter(practice=practice, month=month, patient=OuterRef("pk"))
    return patients_of(practice, month).filter(~Exists(own)).exists()


def _waiting(practice, month: date) -> list[dict]:
    """Who is marked, at most one more than a page figures: who changed alone first, the newest first.

    What others just did is left to the task, which comes within seconds; what whoever is signed in did is not, nor is
    a sweep, which takes the task longer.
    """
    late = Q(marked_at__lte=ClockTimestamp() - Value(PATIENCE)) | Q(sweep=True)
    rows = marks_of(practice, month).filter(late | Q(person_id=current().person or None)).values("patient_id")
    rows = rows.annotate(swept=EveryOne("sweep"), newest=Max("pk"), since=Min("marked_at"))
    return list(rows.order_by("swept", "-newest")[: AT_ONCE + 1])


def _is_small(practice, month: date) -> bool:
    return PatientSummary.objects.filter(practice=practice, month=month)[: AT_ONCE + 1].count() <= AT_ONCE


def _begin(practice, month: date, *, at: datetime) -> bool:
    """The month has no rows yet. Whether they are there now: a few are made at once, and it is an open one by them."""
    ids = list(patients_of(practice, month).order_by().values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) > AT_ONCE:
        _write(practice, hold_free(sorted(ids[:AT_ONCE])), [month], at=at)
        if not marks_of(practice).filter(patient_id=None).exists():
            mark(practice, [None])
        return False
    refresh(practice, ids, [month], at=at)
    return True


def _settle_month(practice, ids: list[UUID], month: date, others: list[date], *, at: datetime) -> bool:
    """In this month alone; where they are marked for every month, marks for the others are left. False where somebody
    else is figuring one of them."""
    held = hold_free(sorted(ids))
    if not held:
        return not ids
    marks = marks_of(practice, month).filter(patient_id__in=held)
    taken = list(marks.values_list("pk", "patient_id", "month"))
    whole = {patient_id for _, patient_id, of_month in taken if of_month is None}
    if whole:
        # What a mark of every month takes away, too: rows of a month that was closed.
        rows = PatientSummary.objects.filter(practice=practice, patient__in=whole)
        rows.exclude(month__in=[month, *others]).delete()
    # Of the closed months one stands for all: approved claims are looked at together.
    closed = approved(practice, practice.today(at)).order_by("-period__month")
    others = [*others, *closed.values_list("period__month", flat=True)[:1]]
    PatientMark.objects.filter(pk__in=[pk for pk, _, _ in taken]).delete()
    for other in others:
        mark(practice, whole, month=other)
    _write(practice, held, [month], at=at)
    return len(held) == len(ids)
