"""Who is told of alerts: the billers, and whom the practice's policy adds."""

from datetime import date

from django.db.models import Q

from accounts.models import Membership, User
from accounts.permissions import Permission, Role, roles_that_may
from accounts.practice_policies import policy
from billing.models import AlertKind
from timelogs.models import CountedInterval, PatientMonth

# Notices name patients: whoever worked in the month, and has a role today that sees no chart, is told nothing.
READERS = roles_that_may(Permission.CHART_VIEW, Permission.INBOX)
# Who is told beside the billers, by the policy's value: the roles, and whether who worked in the month is.
ALSO_TOLD = {
    "billers": ((), False),
    "billers_and_workers": ((), True),
    "and_lead_nurses": ((Role.LEAD_NURSE,), True),
    "and_clinicians": ((Role.LEAD_NURSE, Role.QHP), True),
}


def told(month: PatientMonth, kind: AlertKind, *, on: date):
    """The practice's billers and whom its policy adds, as far as they see charts here on that day.

    That a line is near is told to billers alone: whoever can write time is not told how little is missing.
    """
    if kind == AlertKind.NEAR:
        return billers(month.practice, on=on)
    roles, workers = ALSO_TOLD[policy(month.practice, "alert_recipients", on=on)]
    here = Membership.objects.for_practice(month.practice).on(on).filter(role__in=READERS)
    people = Q(role__in=[Role.BILLER, *roles])
    if workers:
        worked = CountedInterval.objects.filter(patient_month=month, standing=True).values("staff")
        people |= Q(user__in=worked)
    people = here.filter(people)
    return User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("pk")


def billers(practice, *, on: date):
    """Everybody who bills for the practice on that day."""
    return in_role(practice, Role.BILLER, on=on)


def in_role(practice, role: Role, *, on: date):
    """Everybody in a role of the practice on that day."""
    members = Membership.objects.for_practice(practice).on(on).filter(role=role)
    return User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("pk")
