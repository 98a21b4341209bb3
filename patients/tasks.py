"""Celery tasks of patients' papers."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Practice
from foundation.context import acting
from patients.attachments import remove_orphans
from patients.reviews import remind

log = logging.getLogger(__name__)


@shared_task(queue="interactive")
def remove_orphan_files() -> None:
    """Files that were stored by a process which died before it wrote their row. Twice is as good as once."""
    remove_orphans(at=timezone.now())


@shared_task(queue="interactive")
def remind_of_reviews() -> None:
    """Tell whom it concerns of plans whose review is near or due. Each is told of once, however often this runs."""
    now = timezone.now()
    with acting("system: reviews of care plans"):
        for practice in Practice.objects.order_by("pk"):
            try:
                remind(practice, at=now)
            except Exception as error:
                # One practice's trouble must not keep the others from being told.
                log.error("Reviews of practice %s were passed over: %s", practice.pk, type(error).__name__)
