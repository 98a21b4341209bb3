"""Celery tasks of patients' papers."""

from celery import shared_task
from django.utils import timezone

from accounts.practices import every_one
from foundation.context import acting
from foundation.practice_scope import in_practice
from foundation.sweeps import going_on
from patients.attachments import remove_orphans
from patients.reviews import remind


@shared_task
def remove_orphan_files() -> None:
    """Files that were stored by a process which died before it wrote their row. Twice is as good as once."""
    remove_orphans(at=timezone.now())


@shared_task
def remind_of_reviews() -> None:
    """Tell whom it concerns of plans whose review is near or due. Each is told of once, however often this runs."""
    now = timezone.now()
    with acting("system: reviews of care plans"):
        for practice in every_one():
            with going_on("reviews of practice", practice.pk), in_practice(practice):
                remind(practice, at=now)
