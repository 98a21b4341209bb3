"""Doors for Celery: what is due, decided in each practice's own zone."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.models import Practice
from accounts.practice_policies import policy
from billing import close, progress
from billing.gather import patients_of
from dispatch.models import OutboxMessage, Slot
from foundation.context import acting
from foundation.months import midnight, previous_month
from foundation.refusals import Refused
from timelogs.locks import period_of
from timelogs.models import PatientMonth, PeriodState

LATELY = timedelta(minutes=30)
# The sweep looks through this many messages at most, newest first, whatever the age of the table.
SWEPT = 5000


@shared_task(queue="interactive")
def reconcile_recent() -> None:
    """Look again at every patient-month whose time changed lately, done or not: a second look costs little."""
    now = timezone.now()
    newest = OutboxMessage.objects.order_by("-id").values_list("topic", "body", "created_at")[:SWEPT]
    changed = {
        body["patient_month"]
        for topic, body, sent in newest
        if topic == "timelogs.time_changed" and sent >= now - LATELY
    }
    months = (
        PatientMonth.objects.filter(pk__in=changed)
        .select_related("patient__practice")
        .order_by("month", "patient")
    )
    for month in months:
        with acting("system: reconcile alerts"):
            progress.reconcile(month, at=now)


@shared_task(queue="close")
def close_due_months() -> None:
    """Start the close of last month wherever the practice's day has come."""
    now = timezone.now()
    for practice in Practice.objects.order_by("pk"):
        close_if_due(practice, at=now)


def close_if_due(practice, *, at) -> None:
    """Close last month from the practice's day on, once. A month somebody re-opened is left to people."""
    today = practice.today(at)
    month = previous_month(today.replace(day=1))
    if today.day < policy(practice, "close_day", on=today) or not patients_of(practice, month).exists():
        return
    with acting("system: close by schedule"), transaction.atomic():
        slot = {"job": f"close:{practice.pk}", "starts_at": midnight(month, tz=practice.tz)}
        _, first = Slot.objects.get_or_create(**slot)
        if not first or period_of(practice, month).state != PeriodState.OPEN:
            return
        try:
            close.start_close(practice, month, by=None, at=at)
        except Refused:
            # No rules for that month: the pages say so, and there is nothing to do again in five minutes.
            return
