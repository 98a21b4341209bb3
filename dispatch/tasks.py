"""Celery tasks: ids in, one call, safe to run twice."""

from functools import reduce
from operator import or_

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from dispatch import checks, emails, outbox, queues
from dispatch import pulse as pulses


@shared_task
def deliver(message_id: int) -> None:
    """Do the work of one outbox message."""
    outbox.deliver(message_id)


@shared_task
def deliver_long(message_id: int) -> None:
    """The same on the queue of long work, so that a close does not delay an alert."""
    outbox.deliver(message_id)


@shared_task
def send_emails() -> None:
    emails.send_due_emails()


@shared_task
def pulse(sender: str) -> None:
    """A sign of life of `sender` has come all the way round."""
    pulses.received(sender)


@shared_task
def check_invariants() -> None:
    """Asked for all day, done once a night: one that the database was too busy for comes again by itself."""
    checks.check_nightly(at=timezone.now())


# Topics whose work takes seconds.
LONG = ("billing.close", "intake.")


def ring(message_id: int, topic: str = "") -> None:
    """Publish the doorbell for a message."""
    task = deliver_long if topic.startswith(LONG) else deliver
    task.apply_async(args=[message_id], retry=False)


def full() -> Q:
    """The messages whose queue holds so much that ringing again is of no use. None, while the broker is away."""
    depths = queues.depths() or {}
    long = reduce(or_, (Q(topic__startswith=prefix) for prefix in LONG))
    found = Q(pk=None)
    for queue, topics in (("close", long), ("interactive", ~long)):
        if depths.get(queue, 0) >= outbox.ENOUGH:
            found |= topics
    return found


def ask(task) -> None:
    """Publish a task that takes nothing and finds by itself what is to be done."""
    task.apply_async(retry=False)


def say_alive(sender: str) -> None:
    """Send the sign of life of a process on its way."""
    pulse.apply_async(args=[sender], retry=False)
