"""What the devices say. Escalations come on top of this."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from patients.models import Device, Measure, Patient


class ImportBatch(PracticeModel):
    """One file of readings that was taken in."""

    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    repeated = models.PositiveIntegerField()
    imported_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    imported_at = models.DateTimeField()


class WaitingUpload(models.Model):
    """A file that was looked through on the page and waits for its confirmation. Emptied once taken in or stale."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()

    def __str__(self):
        return self.file_name


class Source(models.TextChoices):
    AUTOMATIC = "automatic", "Sent by the device"
    TYPED = "typed", "Typed in"


class Reading(PracticeModel):
    """One value at one moment; for blood pressure `value` is systolic and `second_value` diastolic.

    Only automatic readings make reading days. A reading excluded with a reason stays, struck through.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="readings")
    device = models.ForeignKey(Device, models.PROTECT, related_name="readings", null=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="+", null=True)
    measure = models.CharField(max_length=16, choices=Measure)
    value = models.DecimalField(max_digits=7, decimal_places=2)
    second_value = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    source = models.CharField(max_length=10, choices=Source)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # The reading day, where the patient lives; frozen, because people move.
    day = models.DateField()
    excluded_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "measure", "taken_at"], name="one_reading_per_device_and_moment"
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="reading_is_positive"),
            models.CheckConstraint(
                condition=~Q(measure=Measure.BLOOD_PRESSURE) | Q(second_value__isnull=False),
                name="pressure_has_two_values",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.TYPED) | Q(device__isnull=False), name="automatic_has_device"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "measure", "taken_at"]),
            models.Index(fields=["practice", "patient", "day"]),
        ]
