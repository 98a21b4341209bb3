"""Which records were merged, and where they lead. What merges and undoes is in `merging`."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Q

from foundation.refusals import Refused
from patients.models import Merge, Patient


class MergedRecord(Refused):
    """The record was merged into another: it is read, and written in no more. `link` leads to the one that remains."""

    def __init__(self, merge: Merge):
        remaining = merge.remaining
        super().__init__(
            f"This record was merged into that of {remaining}, MRN {remaining.mrn}, on {merge.merged_on:%d-%b-%Y}. "
            "Do it in that chart, or have the merge undone first."
        )
        self.link = f"Open the chart, MRN {remaining.mrn}", remaining.pk


def standing(practice):
    rows = Merge.objects.for_practice(practice).standing()
    return rows.select_related("duplicate", "remaining", "merged_by__user").order_by("merged_at", "pk")


def merge_of(patient: Patient) -> Merge | None:
    """By which the record was merged into another."""
    return standing(patient.practice_id).filter(duplicate=patient).first()


def note_merges(patient: Patient) -> None:
    """Tell the row, for its page: `merged`, by which it went into another, and `includes`, those that went into it."""
    rows = list(standing(patient.practice_id).filter(Q(duplicate=patient) | Q(remaining=patient)))
    patient.merged = next((row for row in rows if row.duplicate_id == patient.pk), None)
    patient.includes = [row for row in rows if row.remaining_id == patient.pk]


def in_use(people):
    """Of these patients, those whose record was not merged into another."""
    return people.exclude(pk__in=Merge.objects.standing().values("duplicate"))


def by_mrn(practice, mrns: Iterable[str]) -> dict[str, Patient]:
    """{MRN: the patient who has it, or into whose record the one that has it was merged}, in two queries."""
    found = {row.mrn: row for row in Patient.objects.for_practice(practice).filter(mrn__in=set(mrns))}
    for merge in standing(practice).filter(duplicate__in=found.values()):
        found[merge.duplicate.mrn] = merge.remaining
    return found


def hold_records(ids: Iterable[UUID]) -> None:
    """Nobody merges these records, or undoes a merge of them, before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM patients_patient WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(ids)]
        )


def refusal(patient_id: str) -> Refused:
    """What to say where the database refused to write in a record."""
    merge = Merge.objects.standing().select_related("remaining").filter(duplicate=patient_id).first()
    return MergedRecord(merge) if merge else Refused("This record was merged into another. Open it again")
