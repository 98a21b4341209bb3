"""The readings that a signed note says were reviewed."""

from django.db import models
from django.db.models import F, Q

from accounts.models import PracticeModel
from patients.models import Device, Patient
from timelogs.models.entries import TimeEntry

_VALUES = ("low", "high", "second_low", "second_high")


class ReviewedReadings(PracticeModel):
    """What one device's readings of one measure came to when the note was signed. Written then, never changed.

    The figures are those of readings of the days `[since, until]` that were taken up to `seen_at`, the moment at which
    the author was shown them. `digest` is of the values: whoever has the readings can tell whether they are the same.
    Nobody types a figure: the database counts again and refuses any other (`timelogs_reviewed_is_what_was_read`).
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="reviewed")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+", null=True)
    measure = models.CharField(max_length=16)
    since = models.DateField()
    until = models.DateField()
    seen_at = models.DateTimeField()
    readings = models.PositiveIntegerField()
    days = models.PositiveIntegerField()
    out_of_range = models.PositiveIntegerField()
    days_out_of_range = models.PositiveIntegerField()
    days_above = models.PositiveIntegerField()
    low = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    second_low = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    second_high = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the values.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # A value typed without a device has none.
                fields=["entry", "device", "measure"],
                nulls_distinct=False,
                name="reviewed_once_in_a_note",
            ),
            models.CheckConstraint(condition=Q(since__lte=F("until")), name="reviewed_days_are_in_order"),
            models.CheckConstraint(
                condition=Q(readings=0, days=0, digest="", device__isnull=False, **dict.fromkeys(_VALUES))
                | (
                    Q(readings__gt=0, days__gt=0, low__isnull=False, high__isnull=False)
                    & Q(readings__gte=F("days"), low__lte=F("high"))
                    & ~Q(digest="")
                ),
                name="reviewed_figures_fit_each_other",
            ),
            models.CheckConstraint(
                condition=Q(out_of_range__lte=F("readings"), days_out_of_range__lte=F("days"))
                & Q(days_above__lte=F("days_out_of_range")),
                name="reviewed_out_of_range_are_some_of_all",
            ),
        ]
