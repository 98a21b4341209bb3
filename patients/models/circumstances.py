"""What else goes on with a patient and bears on billing: visits, other services, operations, stays."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel, during
from foundation.lengths import WORDS
from patients.models.dates import ends_after_start
from patients.models.patients import Patient


class OfficeVisit(PracticeModel):
    """An evaluation visit in the office; by policy its day's minutes are not counted for remote monitoring."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="office_visits")
    visited_on = models.DateField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "visited_on"], condition=Q(withdrawn=False), name="one_visit_row_per_day"
            )
        ]


class BilledBy(models.TextChoices):
    US = "us", "This practice"
    ELSEWHERE = "elsewhere", "Another practice or supplier"


class OtherService(PracticeModel):
    """A service to the same patient, claimed by another practice or by ours outside RPM Portal."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="other_services")
    code = models.CharField(max_length=5)
    service_on = models.DateField("date of service")
    billed_by = models.CharField(max_length=10, choices=BilledBy)
    note = models.TextField(max_length=WORDS, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-Z][0-9]{3}[0-9A-Z]$"), name="other_service_code_shape"
            ),
            models.UniqueConstraint(
                fields=["patient", "code", "service_on", "billed_by"],
                condition=Q(withdrawn=False),
                name="one_row_per_other_service",
            ),
        ]


class SurgicalGlobal(PracticeModel):
    """The days, both ends included, that one payment for an operation covers. If it goes to the practitioner who bills
    monitoring (`ours`), a physician or QHP may attest that the monitoring is for something else."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="surgical_globals")
    procedure_code = models.CharField(max_length=5)
    starts_on = models.DateField()
    ends_on = models.DateField("last day")
    ours = models.BooleanField("paid to the practitioner who bills monitoring")
    attested_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True, blank=True)
    attested_on = models.DateField(null=True, blank=True)
    attestation = models.TextField("why the monitoring is unrelated", max_length=WORDS, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(procedure_code__regex=r"^[0-9A-Z][0-9]{3}[0-9A-Z]$"),
                name="surgical_global_code_shape",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="surgical_global_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(attested_by=None, attested_on=None, attestation="")
                | (Q(attested_by__isnull=False, attested_on__isnull=False) & ~Q(attestation="")),
                name="attested_by_whom_when_and_why",
            ),
            models.UniqueConstraint(
                fields=["patient", "procedure_code", "starts_on"],
                condition=Q(withdrawn=False),
                name="one_row_per_surgical_global",
            ),
        ]


class StayKind(models.TextChoices):
    HOSPITAL = "hospital", "Hospital"
    SNF = "snf", "Skilled nursing facility"
    HOSPICE = "hospice", "Hospice"
    HOME_HEALTH = "home_health", "Home health episode"


class InstitutionStay(PracticeModel):
    """Care by an institution, `[admitted_on, discharged_on)`: the day of leaving is outside. A home health episode is
    care at home; it overlaps with monitoring, but makes no month institutional."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="institution_stays")
    kind = models.CharField(max_length=12, choices=StayKind)
    admitted_on = models.DateField()
    discharged_on = models.DateField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            ends_after_start("stay_ends_after_it_starts", "admitted_on", "discharged_on"),
            ExclusionConstraint(
                name="one_stay_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (during("admitted_on", "discharged_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
        ]
