"""What the outbox calls: readings came in."""

from django.utils import timezone

from dispatch.outbox import handles
from escalations.watching import take_in
from monitoring.readings.taking import TOPIC, ids_told


@handles(TOPIC)
def look_at_readings(*, practice, readings: str) -> None:
    take_in(practice, ids_told(readings), at=timezone.now())
