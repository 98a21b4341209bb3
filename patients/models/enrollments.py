"""The episode of care in the program and its papers: diagnoses, consents, orders, care plans."""

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel, during
from foundation.lengths import REASON, WORDS
from patients.models.dates import ends_after_start
from patients.models.patients import Patient
from patients.models.plan_content import PlanContent
from patients.models.signatures import SignedPaper

# A review that is planned for later is a slip of the year.
A_YEAR = timedelta(days=366)


class Enrollment(PracticeModel):
    """An episode of care in the RPM program, `[started_on, ended_on)`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrollments")
    # Either may still be unknown on the day of enrolling; the chart says so, and billing holds.
    ordering = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    supervising = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    necessity = models.TextField(
        max_length=WORDS, help_text="Why this patient needs remote monitoring.", blank=True
    )
    last_visit_on = models.DateField("last visit", null=True, help_text="Makes the patient established.")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            ends_after_start("enrollment_ends_after_it_starts", "started_on", "ended_on"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | ~Q(end_reason=""), name="enrollment_end_says_why"
            ),
            ExclusionConstraint(
                name="one_enrollment_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (during("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Diagnosis(PracticeModel):
    """An ICD-10-CM code that the enrollment stands on, in order of weight. One that no longer holds is withdrawn."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="diagnoses")
    code = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "code"], condition=Q(withdrawn=False), name="one_row_per_diagnosis"
            ),
            models.UniqueConstraint(
                fields=["enrollment", "position"],
                condition=Q(withdrawn=False),
                name="one_diagnosis_per_position",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$"),
                name="diagnosis_code_shape",
            ),
        ]


class CarePlan(PlanContent, SignedPaper):
    """One dated version of goals, targets, actions, medicines and education, with its author and its cause."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="care_plans")
    number = models.PositiveSmallIntegerField()
    effective_on = models.DateField()
    review_by = models.DateField()
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # The session that caused it. Sessions are a floor above, so their app gives the database the key that this column
    # needs: to a session of the same practice and the same enrollment.
    session_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            *SignedPaper.Meta.constraints,
            *PlanContent.Meta.constraints,
            models.UniqueConstraint(fields=["enrollment", "number"], name="one_plan_per_number"),
            models.CheckConstraint(
                condition=Q(review_by__gt=F("effective_on"), review_by__lte=F("effective_on") + A_YEAR),
                name="careplan_is_reviewed_within_a_year",
            ),
        ]
        indexes = [
            models.Index(
                fields=["session_id"], condition=Q(session_id__isnull=False), name="careplan_by_session"
            )
        ]
        ordering = ["-number"]


class ConsentMethod(models.TextChoices):
    VERBAL = "verbal", "Spoken, documented"
    WRITTEN = "written", "On paper"
    ELECTRONIC = "electronic", "Electronically"


class Consent(PracticeModel):
    """The patient agreed: when, how, to which wording, who took it. Revoked, never deleted."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    given_on = models.DateField()
    method = models.CharField(max_length=12, choices=ConsentMethod)
    wording = models.CharField(max_length=40, help_text="Version of the wording that was read or signed.")
    taken_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    revoked_on = models.DateField(null=True, blank=True)
    revoke_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_on=None, revoke_reason="")
                | (Q(revoked_on__isnull=False, revoked_on__gte=F("given_on")) & ~Q(revoke_reason="")),
                name="consent_revoked_with_reason",
            )
        ]


class Order(SignedPaper):
    """The practitioner's order for remote monitoring."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="orders")
    text = models.TextField(max_length=WORDS)

    class Meta(SignedPaper.Meta):
        pass
