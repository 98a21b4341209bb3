"""Celery tasks: what is due, decided in each practice's own zone."""

from datetime import date, datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.practice_policies import policy
from accounts.practices import every_one
from billing import alerts
from billing.close import acts as close
from billing.facts.gather import patients_of
from dispatch.models import OutboxMessage, Slot
from foundation.context import acting
from foundation.months import last_day, midnight, next_month, previous_month
from foundation.practice_scope import every_practice, in_practice
from foundation.refusals import Refused
from foundation.sweeps import going_on
from timelogs.locks import period_of
from timelogs.models import PatientMonth, Period, PeriodState
from timelogs.signing.months import TIME_CHANGED

LATELY = timedelta(minutes=30)
# The sweep looks through this many messages at most, newest first, whatever the age of the table.
SWEPT = 5000


@shared_task
def reconcile_recent() -> None:
    """Look again at every patient-month whose time changed lately, done or not: a second look costs little."""
    now = timezone.now()
    for month in _changed_lately(now):
        with (
            going_on("patient-month", month.pk),
            in_practice(month.practice_id),
            acting("system: reconcile alerts"),
        ):
            alerts.reconcile(month, at=now)


def _changed_lately(now: datetime) -> list[PatientMonth]:
    """Of all practices, in the order of the locks."""
    newest = OutboxMessage.objects.order_by("-id").values_list("topic", "body", "created_at")[:SWEPT]
    with every_practice():
        changed = {
            body["patient_month"]
            for topic, body, sent in newest
            if topic == TIME_CHANGED and sent >= now - LATELY
        }
        months = PatientMonth.objects.filter(pk__in=changed).select_related("patient__practice")
        return list(months.order_by("month", "patient"))


@shared_task
def look_at_last_week() -> None:
    """Once a day and practice in the last week of its month: minutes met, and no live contact."""
    now = timezone.now()
    for practice in every_one():
        with going_on("practice", practice.pk), in_practice(practice):
            _ask_once(practice, at=now)


@transaction.atomic
def _ask_once(practice, *, at: datetime) -> None:
    today = practice.today(at)
    if today <= last_day(today) - alerts.LAST_WEEK:
        return
    slot = {"job": f"last-week:{practice.pk}", "starts_at": midnight(today, tz=practice.tz)}
    with acting("system: last week of a month"):
        _, first = Slot.objects.get_or_create(**slot)
        if first:
            alerts.ask_for_last_week(practice, today.replace(day=1))


@shared_task
def close_due_months() -> None:
    """Start the close of every past month wherever the practice's day has come."""
    now = timezone.now()
    for practice in every_one():
        with going_on("practice", practice.pk), in_practice(practice):
            close_if_due(practice, at=now)


def close_if_due(practice, *, at) -> None:
    """Close past months from the practice's day on, oldest first, each once. Re-opened ones are left to people."""
    for month in _due_months(practice, today=practice.today(at)):
        with going_on(f"close of {month:%Y-%m} of practice", practice.pk):
            _close_once(practice, month, at=at)


def _due_months(practice, *, today: date) -> list[date]:
    """Open months that are over, have patients and have seen their day; from the first month with a gate on.

    Enrollments may be older than the practice's work here, so the months before its first gate are not its to close.
    """
    day = policy(practice, "close_day", on=today)
    states = dict(Period.objects.for_practice(practice).values_list("month", "state"))
    last = previous_month(today.replace(day=1))
    month, due = min([*states, last]), []
    while month <= last:
        seen_its_day = today >= next_month(month).replace(day=day)
        if seen_its_day and states.get(month, PeriodState.OPEN) == PeriodState.OPEN:
            due.append(month)
        month = next_month(month)
    return [month for month in due if patients_of(practice, month).exists()]


@transaction.atomic
def _close_once(practice, month: date, *, at) -> None:
    with acting("system: close by schedule"):
        slot = {"job": f"close:{practice.pk}", "starts_at": midnight(month, tz=practice.tz)}
        _, first = Slot.objects.get_or_create(**slot)
        if not first or period_of(practice, month).state != PeriodState.OPEN:
            return
        try:
            close.start_close(practice, month, by=None, at=at)
        except Refused:
            # No rules for that month: the pages say so, and there is nothing to do again in five minutes.
            return
