"""Celery tasks of readings."""

from celery import shared_task
from django.utils import timezone

from accounts.practices import every_one
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on
from monitoring.readings.parking import expire


@shared_task
def empty_parked() -> None:
    """What was sent for nobody is kept for 90 days. Twice is as good as once."""
    now = timezone.now()
    for practice in every_one():
        with going_on("parked readings of practice", practice.pk), in_practice(practice):
            expire(practice, at=now)
