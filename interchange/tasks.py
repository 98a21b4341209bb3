"""Celery tasks of hubs and of messages that came in."""

from celery import shared_task
from django.utils import timezone

from accounts.practices import every_one
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on
from interchange.hubs.expiring import remind
from interchange.received import forget


@shared_task
def forget_received() -> None:
    """Answers that nobody asks for again. Twice is as good as once."""
    forget(at=timezone.now())


@shared_task
def remind_of_expiring_secrets() -> None:
    """Tell who may make one of those that expire soon. Each is told of once, however often this runs."""
    now = timezone.now()
    for practice in every_one():
        with going_on("hubs of practice", practice.pk), in_practice(practice):
            remind(practice, at=now)
