"""Whether every row is as its sources say, by the functions that made it. Changes nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from boards.locks import hold
from boards.models import PatientSummary
from boards.months import open_months
from boards.refresh import CHUNK, concerned, differences, marks_of
from dispatch.models import Slot
from foundation.months import midnight


def day_of_boards(practice, *, at: datetime) -> dict:
    """The slot of the practice's day, in which everybody is looked at once."""
    return {"job": f"boards:{practice.pk}", "starts_at": midnight(practice.today(at), tz=practice.tz)}


def differing(practice, *, at: datetime) -> list[UUID]:
    """Of whom nobody is marked, and a row is not as its sources say."""
    found: list[UUID] = []
    ids = sorted(concerned(practice, at=at))
    for start in range(0, len(ids), CHUNK):
        found += _of_chunk(practice, ids[start : start + CHUNK], at=at)
    return sorted(found)


@transaction.atomic
def _of_chunk(practice, ids: list[UUID], *, at: datetime) -> set[UUID]:
    """Nobody figures them meanwhile, and marks are read last: what was changed by then has left its mark and keeps it.

    Before a day's look at everybody, rows of the day before may say what held then: it leaves its marks yet.
    """
    hold(ids)
    changed, gone = differences(practice, ids, open_months(practice, practice.today(at)), at=at)
    found = {(row.patient_id, row.month) for row in [*changed, *gone]}
    slot = day_of_boards(practice, at=at)
    if found and not Slot.objects.filter(**slot).exists():
        rows = PatientSummary.objects.filter(practice=practice, patient__in=ids)
        found &= set(rows.filter(figured_at__gte=slot["starts_at"]).values_list("patient_id", "month"))
    marked = set(marks_of(practice).values_list("patient_id", flat=True))
    return set() if None in marked else {patient_id for patient_id, _ in found} - marked
