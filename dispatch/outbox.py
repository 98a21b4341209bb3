"""The outbox: ask for work inside a transaction; the relay rings, a worker does it, exactly once in effect."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from dispatch.models import OutboxMessage
from foundation import context
from foundation.practice_scope import every_practice, in_practice

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
# A message rung this long ago and still not done is rung again: the broker or the worker lost it.
RING_AGAIN = timedelta(seconds=30)
# Where its queue holds so many, nothing is lost: workers are away or behind, and a further ring would only pile up.
ENOUGH = 100
# One set aside after too many failures is rung rarely, but never given up: an alert is late then, not lost.
RING_RARELY = timedelta(minutes=10)
WAKE = "rpm_outbox"

_HANDLERS: dict[str, Callable[..., None]] = {}


def handles(topic: str):
    """Registers the function that does a topic's work. It gets the body as keywords and runs in one transaction."""

    def register(function):
        if topic in _HANDLERS:
            raise ValueError(f"Two handlers for {topic}.")
        _HANDLERS[topic] = function
        return function

    return register


_RINGS: list[Callable[[], None]] = []


def also_rings(function: Callable[[], None]) -> Callable[[], None]:
    """Registers what the relay does in each of its rounds besides: to ring for work that no message asks for."""
    _RINGS.append(function)
    return function


def ring_besides() -> None:
    for function in _RINGS:
        function()


def is_heard(topic: str) -> bool:
    """Whether an app that is installed does something about a topic; else nobody need be told."""
    return topic in _HANDLERS


def send(practice, topic: str, **body: str | int) -> OutboxMessage:
    """Ask for work. Committed or rolled back together with the change that asks."""
    actor = context.current()
    message = OutboxMessage.objects.create(
        practice=practice, topic=topic, body=body, request_id=actor.request_id, actor_label=actor.actor_label
    )
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE}")
    return message


def relay_once(
    publish: Callable[[int, str], None], *, full: Callable[[], Q] | None = None, at=None, limit: int = 100
) -> int:
    """Ring for waiting messages, oldest first, then mark them. A crash between rings twice, never not at all.

    `full`: of which messages the queue is full; asked only where something was rung for before, which is then let be.
    """
    now = at or timezone.now()
    lost = Q(failed_at=None, published_at__lt=now - RING_AGAIN)
    again = lost | Q(failed_at__isnull=False, published_at__lt=now - RING_RARELY)
    with every_practice():
        waiting = OutboxMessage.objects.filter(done_at=None)
        if full is not None and waiting.filter(again).exists():
            again &= ~full()
        return _ring(waiting.filter(Q(published_at=None) | again), publish, now, limit)


@transaction.atomic
def _ring(
    waiting: QuerySet[OutboxMessage], publish: Callable[[int, str], None], now: datetime, limit: int
) -> int:
    held = waiting.order_by("id").select_for_update(skip_locked=True, no_key=True)
    rows = list(held.values_list("id", "topic")[:limit])
    for message_id, topic in rows:
        publish(message_id, topic)
    OutboxMessage.objects.filter(id__in=[message_id for message_id, _ in rows]).update(published_at=now)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not done yet: how many messages, how many of them set aside, how old the oldest is."""

    count: int
    set_aside: int
    oldest: timedelta


def waiting(*, at: datetime) -> Waiting:
    """Of the practice that is looked at, or of every one."""
    rows = OutboxMessage.objects.filter(done_at=None)
    found = rows.aggregate(n=Count("id"), aside=Count("failed_at"), oldest=Min("created_at"))
    return Waiting(found["n"], found["aside"], at - found["oldest"] if found["oldest"] else timedelta(0))


def deliver(message_id: int) -> bool:
    """Do a message's work and mark it, in one transaction. False if it was done already.

    Waits for the relay, which holds the row while it rings, and for another worker doing the same message. A database
    that is busy or away is no fault of the message: it is rung again.
    """
    try:
        with every_practice(), transaction.atomic():
            return _deliver_locked(message_id)
    except (OperationalError, InterfaceError) as error:
        log.warning("Outbox message %s waits: %s", message_id, type(error).__name__)
        return False
    except Exception as error:
        _note_failure(message_id, error)
        raise


def _deliver_locked(message_id: int) -> bool:
    rows = OutboxMessage.objects.filter(pk=message_id, done_at=None).select_related("practice")
    message = rows.select_for_update(of=("self",)).first()
    if message is None:
        return False
    handler = _HANDLERS[message.topic]
    with (
        context.in_request(UUID(str(message.request_id))),
        context.acting(f"system: {message.topic}"),
        in_practice(message.practice),
    ):
        handler(practice=message.practice, **message.body)
    message.done_at, message.failed_at, message.attempts = timezone.now(), None, message.attempts + 1
    message.save(update_fields=["done_at", "failed_at", "attempts"])
    return True


def _note_failure(message_id: int, error: Exception) -> None:
    """Counts the attempt; after too many the message is set aside, where operations see it."""
    with every_practice(), transaction.atomic():
        message = OutboxMessage.objects.select_for_update().filter(pk=message_id, done_at=None).first()
        if message is None:
            return
        message.attempts += 1
        message.last_error = type(error).__name__
        if message.attempts == MAX_ATTEMPTS:
            message.failed_at = timezone.now()
            log.error(
                "Outbox message %s (%s) set aside after %s attempts",
                message.pk,
                message.topic,
                message.attempts,
            )
        message.save(update_fields=["attempts", "last_error", "failed_at"])
