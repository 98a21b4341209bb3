"""What nobody moved in time is passed on, and what its owner works on no more. Once, however often it runs."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalations import owners, telling
from escalations.acts import held, step
from escalations.models import TOP, Escalation
from escalations.policies import time_given
from escalations.states import Kind

LATE, GONE = "Past due.", "Its owner works on escalations no more."


def waiting(practice, *, at: datetime) -> list[UUID]:
    """Which are to be looked at now, the longest due first."""
    late, gone = owners.overdue(practice, at), owners.orphaned(practice, at)
    return list((late | gone).order_by("due_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def pass_on(escalation_id: UUID, *, at: datetime) -> Escalation:
    """One rung, if it is still to be done: another run of the same minute finds it moved."""
    rows = Escalation.objects.select_related("practice", "patient", "owner__user")
    row = held(rows.get(pk=escalation_id))
    if owners.orphaned(row.practice, at).filter(pk=row.pk).exists():
        return _to_somebody_here(row, at=at)
    if not owners.overdue(row.practice, at).filter(pk=row.pk).exists():
        return row
    to = owners.following(row, at=at)
    return _top(row, at=at) if to is None else _give(row, to, words=LATE, at=at)


def _to_somebody_here(row: Escalation, *, at: datetime) -> Escalation:
    """From who left. Where nobody works here, it is with an administrator already, who is told."""
    to = owners.instead(row, at=at)
    if to.user_id != row.owner.user_id:
        row = _give(row, to, words=GONE, at=at)
    if to.role not in owners.WORKS:
        telling.tell_administrators(row, at=at)
    return row


def _give(row: Escalation, to, *, words: str, at: datetime) -> Escalation:
    telling.take_back(row, at=at)
    due_at = at + time_given(row.practice, row.cause, row.severity, at=at)
    row = step(row, Kind.CLIMBED, by=None, at=at, words=words, owner=to, due_at=due_at)
    telling.tell_owner(row)
    return row


def _top(row: Escalation, *, at: datetime) -> Escalation:
    """It stays with the last one."""
    row.topped_at = at
    row = step(row, Kind.NOTED, by=None, at=at, words=TOP)
    telling.tell_administrators(row, at=at)
    return row
