"""What came in, and what did not, as escalations: opened, merged, and ended where a silent patient is heard again."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from escalations.acts import open_or_merge, resolve
from escalations.models import Escalation
from escalations.silence import ended, open_ones
from monitoring.models import Reading, Source
from monitoring.watching.findings import of_readings


def take_in(practice, reading_ids: Iterable[UUID], *, at: datetime) -> list[Escalation]:
    """What these readings are about. Twice is as good as once."""
    ids = list(reading_ids)
    _end_silence(practice, ids, at=at)
    # In the order of the patients, whom each act locks: two batches never wait for one another.
    found = sorted(of_readings(practice, ids), key=lambda finding: str(finding.patient_id))
    rows = (open_or_merge(finding, practice=practice, at=at) for finding in found)
    return [row for row in rows if row is not None]


def _end_silence(practice, ids: list[UUID], *, at: datetime) -> None:
    """Of those whose device sent one of these. A batch of old readings ends no silence that still lasts."""
    rows = Reading.objects.for_practice(practice).filter(
        pk__in=ids, source=Source.AUTOMATIC, excluded_reason=""
    )
    waiting = open_ones(practice).filter(patient__in=rows.values("patient")).order_by("patient_id", "pk")
    for row, outcome, words in ended(practice, waiting, at=at):
        resolve(row, outcome=outcome, words=words, by=None, at=at)
