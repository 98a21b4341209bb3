"""Time worked, and the part of it that counts."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from accounts.models import PracticeModel, StaffKind
from foundation.lengths import REASON
from patients.models import Patient
from timelogs.models.entries import Activity, TimeEntry
from timelogs.models.months import PatientMonth


class SegmentSource(models.TextChoices):
    CLOCK = "clock", "Clock"
    MANUAL = "manual", "Entered by hand"
    CALL = "call", "Call record"


class Evidence(models.TextChoices):
    CALL_RECORD = "call_record", "Call record"
    OBSERVED = "observed", "Observed"
    ATTESTED = "attested", "Attested"
    MANUAL = "manual", "Manual"


class TimeSegment(PracticeModel):
    """One unbroken interval of work, half-open. Open at its end while the clock runs.

    No two standing segments of one person overlap, in whatever role or practice: the database refuses them.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="segments")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="segments")
    activity = models.CharField(max_length=16, choices=Activity, default=Activity.DATA_REVIEW)
    during = DateTimeRangeField()
    source = models.CharField(max_length=8, choices=SegmentSource)
    evidence = models.CharField(max_length=12, choices=Evidence)
    reason = models.TextField(max_length=REASON, blank=True)
    standing = models.BooleanField(default=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="nobody_works_twice_at_once",
                expressions=[("staff", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="segment_has_a_start"
            ),
        ]
        indexes = [models.Index(fields=["entry"], condition=Q(standing=True), name="segment_standing")]


class CountedInterval(models.Model):
    """The part of signed work that nobody else holds. Derived, re-derived, switched off and never deleted.

    `concurrent`: another person's interval holds these minutes too, and a `Concurrence` says why both count.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    patient_month = models.ForeignKey(PatientMonth, models.PROTECT, related_name="intervals")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="intervals")
    segment = models.ForeignKey(TimeSegment, models.PROTECT, related_name="intervals")
    staff_kind = models.CharField(max_length=20, choices=StaffKind)
    during = DateTimeRangeField()
    standing = models.BooleanField(default=True)
    concurrent = models.BooleanField(default=False)
    stood_from = models.DateTimeField()
    stood_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_second_of_a_patient_twice",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True, concurrent=False),
            ),
            ExclusionConstraint(
                name="no_second_of_a_person_twice",
                expressions=[("staff", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="interval_is_finite",
            ),
            models.CheckConstraint(
                condition=Q(standing=True, stood_until=None) | Q(standing=False, stood_until__isnull=False),
                name="interval_ended_or_standing",
            ),
        ]
        indexes = [
            models.Index(fields=["patient_month"], condition=Q(standing=True), name="interval_standing")
        ]
