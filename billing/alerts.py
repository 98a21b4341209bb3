"""Threshold alerts: what should stand against what stands. May run any number of times, in any order."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.practice_policies import policies_for, policy
from billing.alert_recipients import told
from billing.models import AlertKind, ThresholdAlert
from dispatch import notices, outbox
from foundation.context import because
from foundation.months import in_words, last_day
from patients.selectors import coverage_on
from timelogs.counting.sums import MonthSum, month_sum
from timelogs.counting.totals import LINES, distance
from timelogs.locks import hold_patient_months, shut_month
from timelogs.models import CountedInterval, PatientMonth, Period
from timelogs.signing.months import TIME_CHANGED

# The line from which a month without a live contact is told of at once, and the lower one of its last week.
WHOLE, PART = 20, 10
LAST_WEEK = timedelta(days=7)
# In a month that takes no more time nobody can do anything about these.
WHILE_OPEN = (AlertKind.NEAR, AlertKind.NO_CONTACT)
# A month takes time again: the outbox calls for a chunk of its patients at a time.
REOPENED = "billing.month_reopened"
CHUNK = 100
# kind of alert → kind of notice
NOTICES = {AlertKind.REACHED: "threshold", AlertKind.NEAR: "near", AlertKind.NO_CONTACT: "no_contact"}

# An alert by its kind and its line.
Wanted = set[tuple[AlertKind, int]]


def should_stand(
    seconds: int, *, lead: int, has_contact: bool, is_open: bool = True, last_week: bool = False
) -> Wanted:
    """What holds of a month with so many counted seconds. `lead`: minutes before a line from which it is near."""
    found = {(AlertKind.REACHED, line) for line in LINES if seconds >= line * 60}
    if not is_open:
        return found
    line, missing = distance(seconds)
    if line is not None and missing <= lead * 60:
        found.add((AlertKind.NEAR, line))
    if not has_contact and seconds >= (PART if last_week else WHOLE) * 60:
        found.add((AlertKind.NO_CONTACT, WHOLE if seconds >= WHOLE * 60 else PART))
    return found


@transaction.atomic
def reconcile(patient_month: PatientMonth, *, at: datetime) -> None:
    """Raise the alerts that are missing and withdraw those that no longer hold, under the patient-month's lock.

    The total is read after the lock is held: two signers who do not see each other's rows cannot both miss a line.
    """
    (month,) = hold_patient_months(patient_month.patient, [patient_month.month])
    total = month_sum(month.patient, month.month)
    today = month.practice.today(at)
    policies = policies_for(month.practice, on=today)
    wanted = should_stand(
        total.seconds,
        lead=policies["alert_lead_minutes"],
        has_contact=_has_contact(month, total),
        is_open=shut_month(month.practice, [month.month]) is None,
        last_week=today > last_day(month.month) - LAST_WEEK,
    )
    standing = list(ThresholdAlert.objects.filter(patient_month=month, withdrawn_at=None))
    with because(f"{in_words(total.seconds)} counted"):
        # Withdrawn first: a line is near or reached, and the database holds it to that.
        for alert in standing:
            if not _holds(alert, wanted):
                _withdraw(alert, at=at)
        stands = {_key(alert.kind, alert.minutes) for alert in standing if alert.withdrawn_at is None}
        for kind, minutes in sorted(wanted, key=lambda each: (each[1], each[0])):
            if _key(kind, minutes) not in stands:
                _raise(month, kind, minutes, lead=policies["alert_lead_minutes"], at=at)


def _key(kind: str, minutes: int) -> tuple[str, int]:
    """Of contact there is one alert in a month, whichever line it was raised at."""
    return (kind, 0) if kind == AlertKind.NO_CONTACT else (kind, minutes)


def _holds(alert: ThresholdAlert, wanted: Wanted) -> bool:
    return _key(alert.kind, alert.minutes) in {_key(*each) for each in wanted}


def _has_contact(month: PatientMonth, total: MonthSum) -> bool:
    """A talk; or a chat, where the payer takes it for one."""
    if total.live_contact_on or not total.live_chat:
        return total.live_contact_on is not None
    coverage = coverage_on(month.patient, last_day(month.month))
    payer = coverage.payer if coverage else ""
    return policy(month.practice, "live_chat_counts", on=last_day(month.month), payer=payer)


def _raise(month: PatientMonth, kind: AlertKind, minutes: int, *, lead: int, at: datetime) -> None:
    alert = ThresholdAlert(
        practice=month.practice, patient_month=month, minutes=minutes, kind=kind, raised_at=at
    )
    alert.save()
    fold = words(kind, minutes, month.month, lead=lead)
    notices.notify(
        month.practice,
        told(month, kind, on=month.practice.today(at)),
        kind=NOTICES[kind],
        cause=_cause(alert),
        text=f"{month.patient}{' ' if kind == AlertKind.REACHED else ': '}{fold.removeprefix('with ')}",
        fold=fold,
        url=reverse("chart", args=[month.patient_id]),
        patient_id=month.patient_id,
        at=at,
    )


def words(kind: AlertKind, minutes: int, month: date, *, lead: int) -> str:
    """What is said behind a patient's name, and behind "27 patients"."""
    if kind == AlertKind.REACHED:
        return f"reached {minutes} min in {month:%B %Y}"
    if kind == AlertKind.NEAR:
        return f"within {lead} min of {minutes} min in {month:%B %Y}"
    return f"with {minutes} min and no live contact in {month:%B %Y}"


def _withdraw(alert: ThresholdAlert, *, at: datetime) -> None:
    alert.withdrawn_at = at
    alert.save()
    notices.withdraw(_cause(alert), at=at)


def _cause(alert: ThresholdAlert) -> str:
    return f"threshold:{alert.pk}"


@transaction.atomic
def settle(practice, month: date, patient_ids: Iterable[UUID], *, at: datetime) -> None:
    """The month is being closed: nothing can be done any more about what is near or lacks a contact.

    Under the patient-months' locks, so that none is raised beside it by who still saw the month open.
    """
    months = PatientMonth.objects.for_practice(practice).filter(month=month, patient__in=list(patient_ids))
    held = list(months.order_by("patient").select_for_update(of=("self",)).values_list("pk", flat=True))
    standing = ThresholdAlert.objects.for_practice(practice).filter(withdrawn_at=None, kind__in=WHILE_OPEN)
    with because(f"{month:%B %Y} was closed"):
        for alert in standing.filter(patient_month__in=held):
            _withdraw(alert, at=at)


@transaction.atomic
def ask_for_last_week(practice, month: date) -> int:
    """In the last week a lower line counts for contact: have those looked at that are between the two. How many."""
    mine = ThresholdAlert.objects.filter(patient_month=OuterRef("pk"), withdrawn_at=None)
    months = PatientMonth.objects.for_practice(practice).filter(
        Exists(mine.filter(kind=AlertKind.REACHED, minutes=PART)),
        ~Exists(mine.filter(kind=AlertKind.REACHED, minutes=WHOLE)),
        ~Exists(mine.filter(kind=AlertKind.NO_CONTACT)),
        month=month,
    )
    ids = list(months.values_list("pk", flat=True))
    for pk in ids:
        outbox.send(practice, TIME_CHANGED, patient_month=str(pk))
    return len(ids)


def ask_for_reopened(period: Period) -> None:
    """The month takes time again: have its patients looked at, whose near and missing contacts its close withdrew."""
    outbox.send(period.practice, REOPENED, period=str(period.pk))


@transaction.atomic
def ask_for_chunk(practice, period_id: UUID, *, after: UUID | None) -> None:
    """Ask for the next patients by id of whom time counts, and for the next chunk. Who has none comes near nothing."""
    month = Period.objects.for_practice(practice).get(pk=period_id).month
    counted = CountedInterval.objects.filter(patient_month=OuterRef("pk"), standing=True)
    months = PatientMonth.objects.for_practice(practice).filter(Exists(counted), month=month)
    rows = (months.filter(patient__gt=after) if after else months).order_by("patient")
    found = list(rows[:CHUNK])
    for row in found:
        outbox.send(practice, TIME_CHANGED, patient_month=str(row.pk))
    if len(found) == CHUNK:
        outbox.send(practice, REOPENED, period=str(period_id), after=str(found[-1].patient_id))
