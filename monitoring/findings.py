"""What somebody must look at: a reading out of its range, a trend, or silence. No database."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models


class Cause(models.TextChoices):
    READING = "reading", "Reading out of range"
    TREND = "trend", "Trend"
    SILENCE = "silence", "No readings"


class Severity(models.TextChoices):
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found about one patient. `says` is a sentence with its numbers, without the patient's name.

    `measure` is empty for silence of every device; `rule` names the trend, else it is empty. `reading_ids` are what
    it was found in, oldest first, and `versions` as which version each was looked at.
    """

    patient_id: UUID
    cause: Cause
    severity: Severity
    says: str
    at: datetime
    measure: str = ""
    rule: str = ""
    reading_ids: tuple[UUID, ...] = ()
    versions: tuple[int, ...] = field(default=(), compare=False)
