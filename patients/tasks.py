"""Celery tasks of patients' papers."""

from celery import shared_task
from django.utils import timezone

from patients.attachments import remove_orphans


@shared_task(queue="interactive")
def remove_orphan_files() -> None:
    """Files that were stored by a process which died before it wrote their row. Twice is as good as once."""
    remove_orphans(at=timezone.now())
