"""Signs of life: each process sends a message through the queue, and the worker that takes it writes down when."""

import socket
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from dispatch.models import Pulse

EVERY = 20.0
# The row that `/readyz` writes in order to see whether rows can be written.
READY = "ready"
# A worker's name goes with its container; one that was not heard of for so long was replaced.
FORGOTTEN_AFTER = timedelta(days=1)
WORKER = "worker "
DEAD_AFTER = timedelta(seconds=120)


def note(name: str, *, at: datetime) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": at})


def worker_name() -> str:
    """A worker's own row: by host, because several may share the queue."""
    return f"{WORKER}{socket.gethostname()}"


def ages(*, at: datetime) -> dict[str, timedelta]:
    """name → how long ago it was last known to be at work. Workers that were replaced are left out."""
    replaced = Q(name__startswith=WORKER, at__lt=at - FORGOTTEN_AFTER)
    known = Pulse.objects.exclude(name=READY).exclude(replaced)
    return {pulse.name: at - pulse.at for pulse in known}


def is_alive(name: str, *, at: datetime) -> bool:
    return (age := ages(at=at).get(name)) is not None and age < DEAD_AFTER


def received(sender: str) -> None:
    """A worker has it: sender and worker are alive."""
    at = timezone.now()
    note(sender, at=at)
    note(worker_name(), at=at)
