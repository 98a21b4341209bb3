"""Celery tasks of tokens."""

from celery import shared_task
from django.utils import timezone

from accounts.practices import every_one
from authentication.tokens.expiring import remind
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on


@shared_task
def remind_of_expiring_tokens() -> None:
    """Tell who may make a token of those that expire soon. Each is told of once, however often this runs."""
    now = timezone.now()
    for practice in every_one():
        with going_on("tokens of practice", practice.pk), in_practice(practice):
            remind(practice, at=now)
