"""Celery tasks of messages that came in."""

from celery import shared_task
from django.utils import timezone

from interchange.received import forget


@shared_task(queue="interactive")
def forget_received() -> None:
    """Answers that nobody asks for again. Twice is as good as once."""
    forget(at=timezone.now())
