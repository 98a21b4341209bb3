"""Threshold alerts: what should stand against what stands. May run any number of times, in any order."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import Membership, User
from accounts.permissions import Permission, Role, roles_that_may
from accounts.practice_policies import policy
from billing.models import AlertKind, ThresholdAlert
from dispatch import notices
from timelogs.counting.totals import month_total
from timelogs.locks import hold_patient_months
from timelogs.models import CountedInterval, PatientMonth

# The lines that are announced, in minutes; 60 and 80 are shown, but nobody is told of them.
ANNOUNCED = (10, 20, 40)


@transaction.atomic
def reconcile(patient_month: PatientMonth, *, at: datetime) -> None:
    """Raise the alerts that are missing and withdraw those that no longer hold, under the patient-month's lock.

    The total is read after the lock is held: two signers who do not see each other's rows cannot both miss a line.
    """
    (month,) = hold_patient_months(patient_month.patient, [patient_month.month])
    seconds = month_total(month.patient, month.month).seconds
    standing = {alert.minutes: alert for alert in _standing(month)}
    for minutes in ANNOUNCED:
        reached = seconds >= minutes * 60
        if reached and minutes not in standing:
            _raise(month, minutes, at=at)
        elif not reached and minutes in standing:
            _withdraw(standing[minutes], at=at)


def _standing(month: PatientMonth):
    return ThresholdAlert.objects.filter(patient_month=month, kind=AlertKind.REACHED, withdrawn_at=None)


def _raise(month: PatientMonth, minutes: int, *, at: datetime) -> None:
    alert = ThresholdAlert(
        practice=month.practice, patient_month=month, minutes=minutes, kind=AlertKind.REACHED, raised_at=at
    )
    alert.save()
    notices.notify(
        month.practice,
        _told(month, on=month.practice.today(at)),
        kind="threshold",
        cause=_cause(alert),
        text=f"{month.patient} reached {minutes} min in {month.month:%B %Y}",
        url=reverse("chart", args=[month.patient_id]),
        patient_id=month.patient_id,
    )


def _withdraw(alert: ThresholdAlert, *, at: datetime) -> None:
    alert.withdrawn_at = at
    alert.save()
    notices.withdraw(_cause(alert), at=at)


def _cause(alert: ThresholdAlert) -> str:
    return f"threshold:{alert.pk}"


def billers(practice, *, on: date):
    """Everybody who bills for the practice on that day."""
    return in_role(practice, Role.BILLER, on=on)


def in_role(practice, role: Role, *, on: date):
    """Everybody in a role of the practice on that day."""
    members = Membership.objects.for_practice(practice).on(on).filter(role=role)
    return User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("pk")


# Notices name patients: whoever worked in the month, and has a role today that sees no chart, is told nothing.
READERS = roles_that_may(Permission.CHART_VIEW, Permission.INBOX)
# Who is told beside the billers, by the policy's value: the roles, and whether who worked in the month is.
ALSO_TOLD = {
    "billers": ((), False),
    "billers_and_workers": ((), True),
    "and_lead_nurses": ((Role.LEAD_NURSE,), True),
    "and_clinicians": ((Role.LEAD_NURSE, Role.QHP), True),
}


def _told(month: PatientMonth, *, on: date):
    """The practice's billers and whom its policy adds, as far as they see charts here on that day."""
    roles, workers = ALSO_TOLD[policy(month.practice, "alert_recipients", on=on)]
    here = Membership.objects.for_practice(month.practice).on(on).filter(role__in=READERS)
    people = Q(role__in=[Role.BILLER, *roles])
    if workers:
        worked = CountedInterval.objects.filter(patient_month=month, standing=True).values("staff")
        people |= Q(user__in=worked)
    people = here.filter(people)
    return User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("pk")
