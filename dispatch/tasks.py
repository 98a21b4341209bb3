"""Celery tasks: ids in, one call, safe to run twice."""

from celery import shared_task

from dispatch import notices, outbox


@shared_task(queue="interactive")
def deliver(message_id: int) -> None:
    """Do the work of one outbox message."""
    outbox.deliver(message_id)


@shared_task(queue="close")
def deliver_long(message_id: int) -> None:
    """The same on the queue of long work, so that a close does not delay an alert."""
    outbox.deliver(message_id)


@shared_task(queue="interactive")
def send_emails() -> None:
    notices.send_due_emails()


def ring(message_id: int, topic: str = "") -> None:
    """Publish the doorbell for a message."""
    task = deliver_long if topic.startswith("billing.close") else deliver
    task.apply_async(args=[message_id], retry=False)
