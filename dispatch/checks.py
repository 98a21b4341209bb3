"""The nightly check of every invariant: its result is a row, and administrators are told of what is broken."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Practice, User
from accounts.permissions import Role
from audit.invariants import broken, every_invariant
from audit.models import InvariantRun
from dispatch.models import Slot
from dispatch.notices import notify
from foundation.practice_scope import every_practice

# In the night of every time zone of the United States but Hawaii's; UTC, as beat.
NIGHT_BEGINS = timedelta(hours=8, minutes=30)


def check_nightly(*, at: datetime) -> InvariantRun | None:
    """Once a night, however many ask; by day where the night's could not be. None where it was done already."""
    day = (at - NIGHT_BEGINS).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        _, first = Slot.objects.get_or_create(job="invariants", starts_at=day)
        return check(at=at) if first else None


def check(*, at: datetime) -> InvariantRun:
    with every_practice():
        return _check(at)


def _check(at: datetime) -> InvariantRun:
    found = broken()
    run = InvariantRun.objects.create(
        started_at=at, ended_at=max(at, timezone.now()), checked=len(every_invariant()), broken=found
    )
    if found:
        _tell_administrators(run)
    return run


def _tell_administrators(run: InvariantRun) -> None:
    count = len(run.broken)
    for practice in Practice.objects.order_by("pk"):
        rows = Membership.objects.filter(practice=practice, role=Role.ADMINISTRATOR).on(
            practice.today(run.started_at)
        )
        notify(
            practice,
            User.objects.filter(pk__in=rows.values("user")),
            kind="invariants",
            cause=f"invariants:{run.pk}",
            text=f"The nightly check found {count} rule{'' if count == 1 else 's'} of the records broken.",
            url=reverse("status"),
        )
