"""Care plans whose review is near or over: which they are, and who is told."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Membership, User
from accounts.permissions import ROLES, Permission, Role
from dispatch import notices
from patients.models import CarePlan
from patients.plans import NEAR, review_in_words
from patients.selectors import in_force

CLINICIANS = tuple(role for role in Role if Permission.CLINICIAN_ANSWER in ROLES[role].may)


def in_effect(practice, on: date) -> QuerySet[CarePlan]:
    """The version in effect on the day of each enrollment that is."""
    going_on = in_force(on, "enrollment__started_on", "enrollment__ended_on")
    rows = CarePlan.objects.for_practice(practice).standing().filter(going_on, effective_on__lte=on)
    latest = rows.order_by("enrollment_id", "-effective_on", "-number").distinct("enrollment_id")
    return CarePlan.objects.for_practice(practice).filter(pk__in=latest.values("pk"))


def to_review(practice, on: date) -> QuerySet[CarePlan]:
    """Those of them whose review is due within two weeks, or over."""
    return in_effect(practice, on).filter(review_by__lte=on + NEAR)


def reviews_of(practice, patient_ids: Iterable[UUID], on: date) -> dict[UUID, date]:
    """{patient: the day by which the plan is to be reviewed}, where that is near or over; in one query."""
    rows = to_review(practice, on).filter(enrollment__patient__in=list(patient_ids))
    return dict(rows.order_by().values_list("enrollment__patient_id", "review_by"))


def remind(practice, *, at: datetime) -> None:
    """A line in the inboxes two weeks before, and one on the day. Asked again, it tells nobody twice."""
    today = practice.today(at)
    rows = to_review(practice, today).select_related(
        "enrollment__patient", "enrollment__supervising", "author"
    )
    for plan in rows.order_by("pk").iterator(chunk_size=500):
        plan.practice = practice
        _tell(plan, due=plan.review_by <= today, on=today, at=at)


@transaction.atomic
def _tell(plan: CarePlan, *, due: bool, on: date, at: datetime) -> None:
    near, over = _causes(plan)
    if due:
        notices.withdraw(near, at=at)
    patient = plan.enrollment.patient
    notices.notify(
        plan.practice,
        _concerned(plan, on),
        kind="plan-review",
        cause=over if due else near,
        text=f"{patient}: care plan version {plan.number}. {review_in_words(plan.review_by, on)}.",
        url=reverse("patients:enrollment", args=[patient.pk]) + "#plans",
        patient_id=patient.pk,
        # The inbox is enough: a practice that begins would get hundreds of mails in one night.
        email=False,
    )


def _concerned(plan: CarePlan, on: date) -> QuerySet[User]:
    """Who wrote it, who signed it and who supervises, as far as they work here on the day; else every clinician."""
    here = Membership.objects.for_practice(plan.practice).on(on)
    theirs = {plan.author_id, plan.signed_by_id, plan.enrollment.supervising_id} - {None}
    users = Membership.objects.filter(pk__in=theirs).values("user")
    people = here.filter(user__in=users)
    if not people.exists():
        people = here.filter(role__in=CLINICIANS)
    return User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("pk")


def withdraw_reminders(plans: Iterable[CarePlan], *, at: datetime) -> None:
    """These versions are followed by another, withdrawn, or their enrollment ended: nothing is left to review."""
    for cause in (cause for plan in plans for cause in _causes(plan)):
        notices.withdraw(cause, at=at)


def _causes(plan: CarePlan) -> tuple[str, str]:
    return f"plan-review-near:{plan.pk}", f"plan-review-due:{plan.pk}"
