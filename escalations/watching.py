"""What came in, and what did not, as escalations: opened, merged, and ended where a silent patient is heard again."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from escalations import changes
from escalations.acts import open_or_merge, resolve
from escalations.models import Escalation
from escalations.silence import ended, open_ones
from foundation.sweeps import going_on
from foundation.tracked import lock
from monitoring.findings import Finding
from monitoring.models import Reading, Source
from monitoring.readings.taking import tell
from monitoring.watching.findings import of_readings
from patients.models import Patient

log = logging.getLogger(__name__)


def take_in(practice, reading_ids: Iterable[UUID], *, at: datetime) -> list[Escalation]:
    """What these readings are about. Twice is as good as once."""
    ids = list(reading_ids)
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for finding in of_readings(practice, ids, at=at):
        found[finding.patient_id].append(finding)
    changed = changes.changed(practice, ids)
    rows: list[Escalation] = []
    # In the order of the patients, whom each act locks: two batches never wait for one another.
    for patient_id in sorted({*found, *changed}, key=str):
        look = partial(_look, practice, patient_id, found[patient_id], changed.get(patient_id, []), at=at)
        rows += _of_one(practice, patient_id, look, ids)
    _end_silence(practice, ids, at=at)
    return rows


def _look(
    practice, patient_id: UUID, found: list[Finding], changed: list[UUID], *, at: datetime
) -> list[Escalation]:
    """What stands hears first of readings that changed; then what is found opens or merges."""
    lock(Patient.objects.for_practice(practice).get(pk=patient_id))
    for escalation_id in changed:
        changes.note(escalation_id, at=at)
    rows = [open_or_merge(finding, practice=practice, at=at) for finding in found]
    return [row for row in rows if row is not None]


def _of_one(
    practice, patient_id: UUID, look: Callable[[], list[Escalation]], ids: list[UUID]
) -> list[Escalation]:
    """What fails for one patient is told again alone, so that the others of the batch do not wait for it."""
    try:
        with transaction.atomic():
            return look()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        own = list(Reading.objects.for_practice(practice).filter(pk__in=ids, patient=patient_id))
        if len(own) == len(ids):
            raise
        log.error("Readings of patient %s are looked at again: %s", patient_id, type(error).__name__)
        tell(practice, own)
        return []


def _end_silence(practice, ids: list[UUID], *, at: datetime) -> None:
    """Of those whose device sent one of these. A batch of old readings ends no silence that still lasts."""
    rows = Reading.objects.for_practice(practice).filter(
        pk__in=ids, source=Source.AUTOMATIC, excluded_reason=""
    )
    waiting = open_ones(practice).filter(patient__in=rows.values("patient")).order_by("patient_id", "pk")
    for row, outcome, words in ended(practice, waiting, at=at):
        # Somebody may end it at this moment; what is left open the hourly task ends. No alert waits for it.
        with going_on("silence", row.pk), transaction.atomic():
            resolve(row, outcome=outcome, words=words, by=None, at=at)
