"""Celery tasks of imports."""

from celery import shared_task
from django.utils import timezone

from intake.acts import expire


@shared_task
def expire_imports() -> None:
    """What an import left open holds of people is deleted after a week. Twice is as good as once."""
    expire(at=timezone.now())
