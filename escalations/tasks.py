"""Celery tasks: what nobody moved in time climbs; who is silent is found."""

from celery import shared_task
from django.utils import timezone

from accounts import practices
from escalations import climbing, silence
from foundation.context import acting
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on


@shared_task
def climb() -> None:
    """Each minute. One that fails does not keep the others where they are."""
    now = timezone.now()
    with acting("system: escalations"):
        for practice in practices.every_one():
            with going_on("escalations in practice", practice.pk), in_practice(practice):
                for pk in climbing.waiting(practice, at=now):
                    with going_on("escalation", pk):
                        climbing.pass_on(pk, at=now)


@shared_task
def watch_silence() -> None:
    """Each hour. What it found already it finds no second time."""
    now = timezone.now()
    with acting("system: silent patients"):
        for practice in practices.every_one():
            with going_on("silence in practice", practice.pk), in_practice(practice):
                silence.watch(practice, at=now)
