"""Celery tasks about people: roles whose last day is over."""

from celery import shared_task
from django.utils import timezone

from foundation.context import acting
from foundation.practice_scope import every_practice, in_practice
from foundation.sweeps import going_on
from staff.acts import follow_ended_role
from staff.selectors import ended_lately


@shared_task
def follow_ended_roles() -> None:
    """Pause the clocks and close the accounts of those whose role ended by a date that was set before."""
    now = timezone.now()
    with every_practice():
        ended = list(ended_lately(now))
    for membership in ended:
        with (
            going_on("ended role", membership.pk),
            in_practice(membership.practice),
            acting("system: ended roles"),
        ):
            follow_ended_role(membership, at=now)
