"""A reading that was corrected or excluded, or counts again: what was opened for it says so. Nothing ends by itself."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalations import attached, telling
from escalations.acts import held, step
from escalations.holding import GONE
from escalations.models import Cause, Escalation, EscalationReading
from escalations.states import Kind
from monitoring.models import Reading
from monitoring.watching.findings import of_readings

# So many are named, the others counted: a sender may withdraw a month at once.
NAMED, LONGEST = 5, 140
CHANGED = "A reading of it was corrected or excluded, or counts again."


def changed(practice, reading_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """{patient: open escalations} for which one of these readings is no longer what it was."""
    rows = EscalationReading.objects.for_practice(practice).filter(reading__in=list(reading_ids))
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in attached.changed(rows):
        if row["escalation_id"] not in found[row["escalation__patient_id"]]:
            found[row["escalation__patient_id"]].append(row["escalation_id"])
    return {patient: sorted(ids, key=str) for patient, ids in found.items()}


@transaction.atomic
def note(escalation_id: UUID, *, at: datetime) -> Escalation:
    """A step that says what became of its readings, and whether it still holds. Twice is as good as once."""
    row = held(Escalation.objects.get(pk=escalation_id))
    seen = {
        each["reading_id"]: each["seen"]
        for each in attached.changed(EscalationReading.objects.filter(escalation=row))
    }
    if not seen:
        return row
    readings = list(
        Reading.objects.filter(pk__in=seen).select_related("patient__practice").order_by("taken_at")
    )
    attached.attach(row, {reading.pk: reading.version for reading in readings})
    said = [words for reading in readings if (words := attached.says(reading, seen[reading.pk]))]
    if not said:
        return row
    gone = not _holds(row, at=at)
    row = step(row, Kind.NOTED, by=None, at=at, words=_in_words(said, gone=gone))
    telling.tell_of_change(row, GONE if gone else CHANGED, at=at)
    return row


def _in_words(said: list[str], *, gone: bool) -> str:
    lines = [words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…" for words in said[:NAMED]]
    more = [f"{len(said) - NAMED} more readings changed."] if len(said) > NAMED else []
    return "\n".join([*lines, *more, *([GONE] if gone else [])])


def _holds(row: Escalation, *, at: datetime) -> bool:
    """Whether its readings, as they are now, would open it. What a person asks does not hang on them."""
    if row.cause == Cause.PERSON:
        return True
    own = (row.cause, row.measure, row.rule)
    found = of_readings(row.practice, attached.ids_of(row), at=at)
    return any((each.cause, each.measure, each.rule) == own for each in found)
