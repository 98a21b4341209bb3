"""One narrow row for each patient and month, by which boards count, order and filter; and who is to be figured anew.

Both are derived: whatever is lost here, `manage.py rebuild_boards` makes again (docs/adr/0032).
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from billing.models import Claim
from foundation.tracked import ClockTimestamp, ToldPerson
from patients.models import Patient, Site


class Outlook(models.TextChoices):
    """What a close would come to now."""

    READY = "ready", "Ready"
    ATTENTION = "attention", "Needs attention"
    GATHERING = "gathering", "Gathering"
    NOTHING = "nothing", "Nothing to bill"


class Level(models.IntegerChoices):
    NONE = 0, "None"
    WARNING = 1, "Warning"
    CRITICAL = 2, "Critical"


class PatientSummary(models.Model):
    """What the boards ask of a patient's month. Pages count and order by it, and read what they show from its source.

    What changes with the day alone is kept as the day from which it holds, so that midnight changes no row.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    figured_at = models.DateTimeField(db_default=ClockTimestamp())
    # Family name first: the order of lists.
    name = models.CharField(max_length=125)
    # Of the enrollment in effect, else of the next to come, else of the last one of the month.
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    # Who supervises, or where nobody does, who ordered.
    clinician = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    # Whose counted time in the month is the longest.
    nurse = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True, db_index=False)
    payer = models.SlugField(blank=True, db_index=False)
    # Time and contact of the month; `last_contact_on` is the latest of any month.
    seconds = models.PositiveIntegerField(default=0)
    unsigned_seconds = models.PositiveIntegerField(default=0)
    live_contact_on = models.DateField(null=True)
    last_contact_on = models.DateField(null=True)
    # What her devices say.
    severity = models.PositiveSmallIntegerField(choices=Level, default=Level.NONE)
    latest_reading_at = models.DateTimeField(null=True)
    device_days = models.PositiveSmallIntegerField(default=0)
    # The midnight where she lives.
    silent_from = models.DateTimeField(null=True)
    # From the first on, to the last day of the window we are in, sixteen days are out of reach.
    unreachable_from = models.DateField(null=True)
    window_until = models.DateField(null=True)
    # The gravest open escalation, without silence; whether one of them waits with its answer; when the first is due.
    escalation = models.PositiveSmallIntegerField(choices=Level, default=Level.NONE)
    escalation_answered = models.BooleanField(default=False)
    escalation_due_at = models.DateTimeField(null=True)
    # From when on people are told that the plan's review is near, and by when it is due.
    review_from = models.DateField(null=True)
    review_by = models.DateField(null=True)
    # What a close would come to, and the reasons for which it would hold.
    outlook = models.CharField(max_length=10, choices=Outlook, default=Outlook.NOTHING)
    reasons = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "month"], name="one_summary_per_patient_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="summary_month_begins_on_the_first"),
            models.CheckConstraint(condition=Q(outlook__in=Outlook.values), name="summary_outlook_is_known"),
            models.CheckConstraint(
                condition=Q(severity__lte=2, escalation__lte=2), name="summary_levels_are_known"
            ),
        ]
        indexes = [models.Index(fields=["practice", "month"])]


class PatientMark(models.Model):
    """Whose figures changed: written by triggers in the transaction that changed them, deleted by who figures anew.

    Only ever added, never looked for, so that no writer waits for another. Without a patient it is everybody, without
    a month every open one. `sweep`: one of everybody's, which comes after those whose own rows changed.
    """

    practice = models.ForeignKey(
        "accounts.Practice", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    patient_id = models.UUIDField(null=True)
    month = models.DateField(null=True)
    sweep = models.BooleanField(db_default=False)
    marked_at = models.DateTimeField(db_default=ClockTimestamp())
    # Who is signed in and did it: her own pages do not wait for the task.
    person_id = models.UUIDField(null=True, db_default=ToldPerson())

    class Meta:
        indexes = [models.Index(fields=["practice", "patient_id"])]


class OutdatedClaim(models.Model):
    """An approved claim that the record no longer bears out, as of when its patient was looked at last.

    For pages that count many; the export and each claim's page decide anew.
    """

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="+")
    found_at = models.DateTimeField()


class SavedView(models.Model):
    """A question to the caseload that somebody keeps under a name, for herself. No patient is named in it."""

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    # As the address has it behind the question mark.
    query = models.CharField(max_length=300)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "user", "name"], name="one_saved_view_per_name"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="saved_view_has_a_name"),
            models.CheckConstraint(
                condition=Q(query__regex=r"^[a-z]+=[A-Za-z0-9_-]+(&[a-z]+=[A-Za-z0-9_-]+)*$"),
                name="saved_view_asks_something",
            ),
        ]
