"""Celery tasks: what nobody moved in time climbs."""

from celery import shared_task
from django.utils import timezone

from accounts import practices
from escalations import climbing
from foundation.context import acting
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on


@shared_task(queue="interactive")
def climb() -> None:
    """Each minute. One that fails does not keep the others where they are."""
    now = timezone.now()
    with acting("system: escalations"):
        for practice in practices.every_one():
            with in_practice(practice):
                for pk in climbing.waiting(practice, at=now):
                    with going_on("escalation", pk):
                        climbing.pass_on(pk, at=now)
