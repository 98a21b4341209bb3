"""What the devices say. Escalations come on top of this."""

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from patients.models import Device, Measure, Patient

# As long as the columns that they are looked up in.
SERIAL, MRN = (
    model._meta.get_field(name).max_length for model, name in ((Device, "serial"), (Patient, "mrn"))
)
SENDER, IDENTIFIER, ORIGINAL = 80, 255, 60


class ImportBatch(PracticeModel):
    """One file of readings that was taken in."""

    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    repeated = models.PositiveIntegerField()
    imported_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    imported_at = models.DateTimeField()

    @property
    def left_out(self) -> int:
        """Readings and lines that were wrong, where the good ones alone were taken in."""
        return self.rows - self.added - self.repeated


class WaitingUpload(models.Model):
    """A file that was looked through on the page and waits for its confirmation. Emptied once taken in or stale."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()
    # What its columns mean, as chosen for this file (monitoring/files/mapping.py). Emptied with the content.
    mapping = models.JSONField(default=dict)

    def __str__(self):
        return self.file_name


class FileShape(PracticeModel):
    """What the columns of files with one header mean, as somebody of the practice chose last. Never whose they are.

    `shape` is the digest of the header (monitoring/files/sheet.py); `headings` names the columns that are taken in.
    """

    shape = models.CharField(max_length=64)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "shape"], name="one_meaning_per_shape_of_file"),
            models.CheckConstraint(condition=Q(shape__regex=r"^[0-9a-f]{64}$"), name="shape_is_a_digest"),
            models.CheckConstraint(
                condition=Q(mapping__has_key="columns") & ~Q(mapping__has_any_keys=["serial", "mrn"]),
                name="shape_says_columns_and_nobody",
            ),
        ]


class Source(models.TextChoices):
    AUTOMATIC = "automatic", "Sent by the device"
    TYPED = "typed", "Typed in"


class Entrance(models.TextChoices):
    """By which way a value came in."""

    CSV = "csv", "File"
    FHIR = "fhir", "FHIR"
    HL7 = "hl7", "HL7 message"
    HUB = "hub", "Device hub"
    TYPED = "typed", "Typed here"


class Reading(PracticeModel):
    """One value at one moment; for blood pressure `value` is systolic and `second_value` diastolic.

    Only automatic readings make reading days. A reading excluded with a reason stays, struck through. `original` is
    what was sent, where its unit was not our own; `identifier` the key by which its sender knows it.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="readings")
    device = models.ForeignKey(Device, models.PROTECT, related_name="readings", null=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="+", null=True)
    measure = models.CharField(max_length=16, choices=Measure)
    value = models.DecimalField(max_digits=7, decimal_places=2)
    second_value = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    original = models.CharField("as sent", max_length=ORIGINAL, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    entrance = models.CharField("came by", max_length=10, choices=Entrance, default=Entrance.CSV)
    sender = models.CharField(max_length=SENDER, blank=True)
    identifier = models.CharField("sender's identifier", max_length=IDENTIFIER, blank=True)
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
                condition=Q(second_value=None)
                | Q(measure=Measure.BLOOD_PRESSURE, second_value__gt=0, second_value__lt=F("value")),
                name="second_value_is_diastolic",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.TYPED) | Q(device__isnull=False), name="automatic_has_device"
            ),
            models.UniqueConstraint(
                fields=["practice", "sender", "identifier"],
                condition=~Q(identifier=""),
                name="one_reading_per_identifier",
            ),
            models.CheckConstraint(
                condition=Q(identifier="") | ~Q(sender=""), name="identifier_has_a_sender"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values, entrance__in=Entrance.values),
                name="reading_came_by_a_known_way",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "measure", "taken_at"]),
            models.Index(fields=["practice", "patient", "day"]),
        ]


class Parking(models.TextChoices):
    """Why a value is nobody's yet."""

    NO_DEVICE = "no_device", "Unknown device"
    NO_HOLDER = "no_holder", "Device was with nobody that day"
    NO_PATIENT = "no_patient", "Unknown patient"
    NOT_ENROLLED = "not_enrolled", "Patient was not enrolled that day"
    MERGED = "merged", "Record was merged"


class ParkedState(models.TextChoices):
    WAITING = "waiting", "Waits"
    TAKEN = "taken", "Taken in"
    DISCARDED = "discarded", "Discarded"
    EXPIRED = "expired", "Emptied after 90 days"


class ParkedReading(models.Model):
    """A value that was sent and is nobody's yet. What was sent (`incoming`, `problem`) is kept while it waits only.

    `digest` is the same for the same value sent again (`monitoring.readings.parking`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    entrance = models.CharField(max_length=10, choices=Entrance)
    sender = models.CharField(max_length=SENDER, blank=True)
    serial = models.CharField(max_length=SERIAL, blank=True)
    incoming = models.JSONField(null=True)
    reason = models.CharField(max_length=12, choices=Parking)
    problem = models.TextField(max_length=REASON, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ParkedState, default=ParkedState.WAITING)
    reading = models.ForeignKey(Reading, models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    settled_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "digest"], name="one_parked_row_per_value"),
            models.CheckConstraint(
                condition=Q(state=ParkedState.WAITING, incoming__isnull=False, settled_at=None)
                | Q(state__in=ParkedState.values, incoming__isnull=True, problem="", settled_at__isnull=False)
                & ~Q(state=ParkedState.WAITING),
                name="parked_value_is_kept_while_it_waits",
            ),
            models.CheckConstraint(
                condition=Q(state=ParkedState.TAKEN, reading__isnull=False)
                | Q(reading=None) & ~Q(state=ParkedState.TAKEN),
                name="parked_and_taken_is_a_reading",
            ),
            models.CheckConstraint(
                condition=~Q(state=ParkedState.DISCARDED) | ~Q(settled_reason=""),
                name="parked_and_discarded_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Parking.values, entrance__in=Entrance.values),
                name="parked_value_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "serial", "last_at"],
                condition=Q(state=ParkedState.WAITING),
                name="parked_waiting",
            ),
        ]

    def __str__(self):
        return f"{self.get_reason_display()}, {self.get_state_display().lower()}"
