"""Celery tasks: whose figures changed is figured anew; and once a day everybody."""

from datetime import datetime
from time import monotonic

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.practices import every_one
from boards.daily_check import check_day
from boards.models import PatientMark
from boards.proof import day_of_boards
from boards.refresh import mark, settle
from dispatch.models import Slot
from dispatch.outbox import also_rings
from dispatch.tasks import ask
from foundation.context import acting
from foundation.practice_scope import every_practice, in_practice
from foundation.sweeps import going_on

# So many chunks in one go, so that a practice's night does not keep alerts waiting.
ROUNDS = 10
# A second between two rings, and twice as long each time while nobody takes what waits: a stopped worker finds few.
BETWEEN, LONGEST = 1.0, 8.0
_rung_at, _pause = -BETWEEN, BETWEEN


@shared_task
def refresh_marked() -> None:
    """What is not done in one go is rung for again. Any number may run."""
    now = timezone.now()
    with acting("system: boards"):
        for practice in every_one():
            with going_on("boards of practice", practice.pk), in_practice(practice):
                begin_day(practice, at=now)
                for _ in range(ROUNDS):
                    if settle(practice, at=now) == 0:
                        break


@shared_task
def check_rows() -> None:
    """Asked for each hour, done once on each day of a practice's calendar."""
    now = timezone.now()
    with acting("system: boards"):
        for practice in every_one():
            with going_on("check of the boards of practice", practice.pk), in_practice(practice):
                check_day(practice, at=now)


@transaction.atomic
def begin_day(practice, *, at: datetime) -> None:
    """Once on each day of the practice's calendar everybody is looked at: enrollments, sites, stays, plans and policies
    that begin or end with it. On a month's last day this makes the rows of the next."""
    _, first = Slot.objects.get_or_create(**day_of_boards(practice, at=at))
    if first:
        mark(practice, [None])


@also_rings
def ring() -> None:
    """By the relay, behind each commit that wakes it and every two seconds: somebody is marked."""
    global _rung_at, _pause
    if monotonic() < _rung_at + _pause:
        return
    with every_practice():
        waits = PatientMark.objects.exists()
    if waits:
        ask(refresh_marked)
        _rung_at = monotonic()
    _pause = min(_pause * 2, LONGEST) if waits else BETWEEN
