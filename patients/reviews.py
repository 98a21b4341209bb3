"""Care plans whose review is near or over: which they are, and who is told."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex, Substr
from django.urls import reverse

from accounts.models import Membership, User
from accounts.permissions import ROLES, Permission, Role
from dispatch import notices
from dispatch.models import Notice
from foundation.sweeps import going_on
from patients.models import CarePlan
from patients.plans import NEAR, review_in_words
from patients.selectors import care_plan_on, in_force

KIND = "plan-review"
CLINICIANS = tuple(role for role in Role if Permission.CLINICIAN_ANSWER in ROLES[role].may)
# Whose inbox may name a patient.
READERS = tuple(role for role in Role if {Permission.CHART_VIEW, Permission.INBOX} <= ROLES[role].may)


def in_effect(practice, on: date, patient_ids: Iterable[UUID] | None = None) -> QuerySet[CarePlan]:
    """The version in effect on the day of each enrollment that is; of these patients, or of all."""
    enrolled = in_force(on, "enrollment__started_on", "enrollment__ended_on")
    rows = CarePlan.objects.for_practice(practice).standing().filter(enrolled, effective_on__lte=on)
    if patient_ids is not None:
        rows = rows.filter(enrollment__patient__in=list(patient_ids))
    latest = rows.order_by("enrollment_id", "-effective_on", "-number").distinct("enrollment_id")
    return CarePlan.objects.for_practice(practice).filter(pk__in=latest.values("pk"))


def to_review(practice, on: date, patient_ids: Iterable[UUID] | None = None) -> QuerySet[CarePlan]:
    """Those of them whose review is due within two weeks, or over."""
    return in_effect(practice, on, patient_ids).filter(review_by__lte=on + NEAR)


def reviews_of(practice, patient_ids: Iterable[UUID], on: date) -> dict[UUID, date]:
    """{patient: the day by which the plan is to be reviewed}, where that is near or over; in one query."""
    rows = to_review(practice, on, patient_ids)
    return dict(rows.order_by().values_list("enrollment__patient_id", "review_by"))


def remind(practice, *, at: datetime) -> None:
    """A line in the inboxes two weeks before, and one on the day. Asked again, it tells nobody twice.

    Which version holds changes with the day, and with one that is withdrawn: so each time every line is brought to what
    is true today. One that no longer is, is withdrawn; one that is again, stands again.
    """
    today = practice.today(at)
    _withdraw_all_but(practice, to_review(practice, today), at=at)
    rows = to_review(practice, today).select_related(
        "enrollment__patient", "enrollment__supervising", "author"
    )
    for plan in rows.order_by("pk").iterator(chunk_size=500):
        plan.practice = practice
        with going_on("Review of care plan", plan.pk):
            _tell(plan, due=plan.review_by <= today, on=today, at=at)


def _withdraw_all_but(practice, plans: QuerySet[CarePlan], *, at: datetime) -> None:
    """In one statement: a practice has as many lines as plans that were ever to be reviewed."""
    keys = plans.order_by().annotate(key=Cast("pk", TextField())).values("key")
    rows = Notice.objects.filter(practice=practice, kind=KIND, withdrawn_at=None)
    named = rows.annotate(plan=Substr("cause", StrIndex("cause", Value(":")) + 1))
    named.exclude(plan__in=keys).update(withdrawn_at=at)


@transaction.atomic
def _tell(plan: CarePlan, *, due: bool, on: date, at: datetime) -> None:
    near, over = _causes(plan)
    cause, people = (over if due else near), _concerned(plan, on)
    if due:
        notices.withdraw(near, at=at)
    notices.withdraw(cause, at=at, but=people)
    patient = plan.enrollment.patient
    notices.notify(
        plan.practice,
        people,
        kind=KIND,
        cause=cause,
        text=f"{patient}: care plan version {plan.number}. {review_in_words(plan.review_by, on)}.",
        url=reverse("patients:enrollment", args=[patient.pk]) + "#plans",
        patient_id=patient.pk,
        # The inbox is enough: a practice that begins would get hundreds of mails in one night.
        email=False,
        again=True,
    )


def _concerned(plan: CarePlan, on: date) -> QuerySet[User]:
    """Who wrote it, signed it or supervises, as far as they see charts here on the day; else every clinician."""
    theirs = {plan.author_id, plan.signed_by_id, plan.enrollment.supervising_id} - {None}
    people = readers(plan.practice, theirs, on)
    if people.exists():
        return people
    clinicians = Membership.objects.for_practice(plan.practice).on(on).filter(role__in=CLINICIANS)
    return User.objects.filter(pk__in=clinicians.values("user"), is_active=True).order_by("pk")


def readers(practice, membership_ids: Iterable[UUID], on: date) -> QuerySet[User]:
    """Of these people those whose inbox may name a patient on the day, in whatever role they were before."""
    users = Membership.objects.filter(pk__in=membership_ids).values("user")
    here = Membership.objects.for_practice(practice).on(on).filter(user__in=users, role__in=READERS)
    return User.objects.filter(pk__in=here.values("user"), is_active=True).order_by("pk")


def withdraw_followed(plan: CarePlan, *, at: datetime) -> None:
    """This version was just written. If it holds today, nothing is left to review of the others.

    One that begins later, or before the one that holds, leaves their reminders as they are.
    """
    if care_plan_on(plan.enrollment, plan.practice.today(at)) == plan:
        others = CarePlan.objects.for_practice(plan.practice_id).filter(enrollment=plan.enrollment_id)
        withdraw_reminders(others.exclude(pk=plan.pk), at=at)


def withdraw_reminders(plans: Iterable[CarePlan], *, at: datetime) -> None:
    """These versions are followed by another, withdrawn, or their enrollment ended: nothing is left to review."""
    notices.withdraw(*(cause for plan in plans for cause in _causes(plan)), at=at)


def _causes(plan: CarePlan) -> tuple[str, str]:
    return f"plan-review-near:{plan.pk}", f"plan-review-due:{plan.pk}"
