"""Whom we care for, with what permission, by which plan, with which devices."""

from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.models import Membership, PracticeModel, during


def ends_after_start(name: str, start: str = "starts_on", end: str = "ends_on") -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{end: None}) | Q(**{f"{end}__gt": F(start)}), name=name)


class Sex(models.TextChoices):
    FEMALE = "F", "Female"
    MALE = "M", "Male"
    OTHER = "O", "Other"
    UNKNOWN = "U", "Unknown"


class Patient(PracticeModel):
    """A person under care. The zone is where the patient lives; empty means the practice's."""

    family_name = models.CharField(max_length=60)
    given_name = models.CharField(max_length=60)
    born_on = models.DateField("date of birth")
    sex = models.CharField(max_length=1, choices=Sex)
    mrn = models.CharField("MRN", max_length=20)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=30, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "mrn"], name="one_patient_per_mrn")]
        indexes = [
            models.Index(fields=["practice", "family_name", "given_name"]),
            GinIndex(OpClass(Upper("family_name"), name="gin_trgm_ops"), name="patient_family_trgm"),
        ]

    def __str__(self):
        return f"{self.family_name.upper()}, {self.given_name}"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone) if self.time_zone else self.practice.tz

    def age(self, on) -> int:
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


class Coverage(PracticeModel):
    """Who pays, from when until when. The payer is named by its slug."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    payer = models.SlugField(default="medicare")
    plan_name = models.CharField(max_length=80)
    member_id = models.CharField(max_length=30)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            ends_after_start("coverage_ends_after_it_starts"),
            ExclusionConstraint(
                name="one_coverage_at_a_time",
                expressions=[("patient", RangeOperators.EQUAL), (during(), RangeOperators.OVERLAPS)],
            ),
        ]


class Enrollment(PracticeModel):
    """An episode of care in the RPM program, `[started_on, ended_on)`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrollments")
    # Either may still be unknown on the day of enrolling; the chart says so, and billing holds.
    ordering = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    supervising = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    necessity = models.TextField(help_text="Why this patient needs remote monitoring.", blank=True)
    last_visit_on = models.DateField("last visit", null=True, help_text="Makes the patient established.")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

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
    revoke_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_on=None, revoke_reason="")
                | (Q(revoked_on__gte=F("given_on")) & ~Q(revoke_reason="")),
                name="consent_revoked_with_reason",
            )
        ]


class Order(PracticeModel):
    """The practitioner's order for remote monitoring."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="orders")
    text = models.TextField()
    signed_on = models.DateField()
    signed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")


class CarePlan(PracticeModel):
    """One dated version of goals and actions, with its author and the session that caused it."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="care_plans")
    number = models.PositiveSmallIntegerField()
    effective_on = models.DateField()
    goals = models.TextField()
    actions = models.TextField()
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # A session of the floor above: an id, not a key, because that floor may look down here and not we up there.
    session_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrollment", "number"], name="one_plan_per_number")]
        ordering = ["-number"]


class DeviceKind(models.TextChoices):
    BP_CUFF = "bp_cuff", "Blood pressure cuff"
    SCALE = "scale", "Weight scale"
    GLUCOMETER = "glucometer", "Glucometer"
    OXIMETER = "oximeter", "Pulse oximeter"


class Measure(models.TextChoices):
    BLOOD_PRESSURE = "blood_pressure", "Blood pressure"
    HEART_RATE = "heart_rate", "Heart rate"
    GLUCOSE = "glucose", "Glucose"
    WEIGHT = "weight", "Weight"
    SPO2 = "spo2", "SpO₂"


UNITS = {
    Measure.BLOOD_PRESSURE: "mmHg",
    Measure.HEART_RATE: "/min",
    Measure.GLUCOSE: "mg/dL",
    Measure.WEIGHT: "kg",
    Measure.SPO2: "%",
}
MEASURES = {
    DeviceKind.BP_CUFF: (Measure.BLOOD_PRESSURE, Measure.HEART_RATE),
    DeviceKind.SCALE: (Measure.WEIGHT,),
    DeviceKind.GLUCOMETER: (Measure.GLUCOSE,),
    DeviceKind.OXIMETER: (Measure.SPO2, Measure.HEART_RATE),
}


class Device(PracticeModel):
    """A device and why it is a medical device under the law (its basis, such as a 510(k) number)."""

    serial = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=DeviceKind)
    model_name = models.CharField("model", max_length=60, blank=True)
    basis = models.CharField(
        max_length=80, blank=True, help_text="510(k) number or other basis as a medical device."
    )
    automatic = models.BooleanField(default=True, help_text="Sends its readings by itself.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "serial"], name="one_device_per_serial")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.serial}"


class DeviceAssignment(PracticeModel):
    """Who has the device from when until when, and when its set-up and teaching were done."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="assignments")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="assignments")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assignments")
    starts_on = models.DateField("given on")
    ends_on = models.DateField(null=True, blank=True)
    setup_on = models.DateField("set-up and teaching done on", null=True, blank=True)
    setup_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True, blank=True)
    setup_note = models.TextField(blank=True)

    class Meta:
        constraints = [
            ends_after_start("assignment_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(setup_on=None, setup_by=None) | Q(setup_on__isnull=False, setup_by__isnull=False),
                name="setup_has_day_and_person",
            ),
            ExclusionConstraint(
                name="one_holder_per_device",
                expressions=[("device", RangeOperators.EQUAL), (during(), RangeOperators.OVERLAPS)],
            ),
        ]


class TargetRange(PracticeModel):
    """What is in range for this patient, `[low, high]`, from when on; for blood pressure also the diastolic pair."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="target_ranges")
    measure = models.CharField(max_length=16, choices=Measure)
    low = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    second_low = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    second_high = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            ends_after_start("range_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(low=None, high=None), name="range_has_a_bound"),
            ExclusionConstraint(
                name="one_range_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("measure", RangeOperators.EQUAL),
                    (during(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


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
    note = models.TextField(blank=True)
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
    attestation = models.TextField("why the monitoring is unrelated", blank=True)
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
