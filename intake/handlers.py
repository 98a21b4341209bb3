"""What the outbox calls: the next rows of an import."""

from uuid import UUID

from django.utils import timezone

from dispatch.outbox import handles
from intake.selectors import TOPIC
from intake.taking import take_chunk


@handles(TOPIC)
def take_in(*, practice, patient_import: str) -> None:
    take_chunk(practice, UUID(patient_import), at=timezone.now())
