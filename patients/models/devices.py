"""Devices, and who has which."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from accounts.models import Membership, PracticeModel, during
from foundation.lengths import WORDS
from patients.models.dates import ends_after_start
from patients.models.enrollments import Enrollment
from patients.models.patients import Patient


class DeviceKind(models.TextChoices):
    BP_CUFF = "bp_cuff", "Blood pressure cuff"
    SCALE = "scale", "Weight scale"
    GLUCOMETER = "glucometer", "Glucometer"
    OXIMETER = "oximeter", "Pulse oximeter"
    THERMOMETER = "thermometer", "Thermometer"


class Measure(models.TextChoices):
    BLOOD_PRESSURE = "blood_pressure", "Blood pressure"
    HEART_RATE = "heart_rate", "Heart rate"
    GLUCOSE = "glucose", "Glucose"
    WEIGHT = "weight", "Weight"
    SPO2 = "spo2", "SpO₂"
    TEMPERATURE = "temperature", "Temperature"
    RESPIRATORY_RATE = "respiratory_rate", "Respiratory rate"


UNITS = {
    Measure.BLOOD_PRESSURE: "mmHg",
    Measure.HEART_RATE: "/min",
    Measure.GLUCOSE: "mg/dL",
    Measure.WEIGHT: "kg",
    Measure.SPO2: "%",
    Measure.TEMPERATURE: "°C",
    Measure.RESPIRATORY_RATE: "/min",
}
MEASURES = {
    DeviceKind.BP_CUFF: (Measure.BLOOD_PRESSURE, Measure.HEART_RATE),
    DeviceKind.SCALE: (Measure.WEIGHT,),
    DeviceKind.GLUCOMETER: (Measure.GLUCOSE,),
    # Many oximeters read the breathing from the same wave as the pulse.
    DeviceKind.OXIMETER: (Measure.SPO2, Measure.HEART_RATE, Measure.RESPIRATORY_RATE),
    DeviceKind.THERMOMETER: (Measure.TEMPERATURE,),
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
    setup_note = models.TextField(max_length=WORDS, blank=True)

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
