"""The gate for time and the lock of a patient's month."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import PracticeModel
from foundation.lengths import REASON
from foundation.months import bounds
from patients.models import Patient


class PeriodState(models.TextChoices):
    OPEN = "open", "Open"
    CLOSING = "closing", "Closing…"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Re-opened"


class Period(PracticeModel):
    """A practice's calendar month: the gate for time. Signing shares its row, the close takes it alone."""

    month = models.DateField()
    state = models.CharField(max_length=10, choices=PeriodState, default=PeriodState.OPEN)
    # Time signed up to this moment is in the close; nothing can be signed after it until a reopening.
    cut_off_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "month"], name="one_period_per_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="period_begins_on_the_first"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in {PeriodState.OPEN, PeriodState.REOPENED}


class PatientMonth(PracticeModel):
    """The lock of a patient's month, and its bounds as instants, frozen when it was made."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="months")
    month = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "month"], name="one_row_per_patient_month"),
            models.CheckConstraint(
                condition=Q(month__day=1, ends_at__gt=F("starts_at")), name="patient_month_shape"
            ),
        ]

    @classmethod
    def fields_for(cls, patient: Patient, month: date) -> dict:
        starts_at, ends_at = bounds(month, tz=patient.practice.tz)
        return {
            "practice": patient.practice,
            "patient": patient,
            "month": month,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
