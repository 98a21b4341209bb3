"""Who looked, and who came and went. Rows of changes live in each app's own history tables."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Practice
from foundation.tracked import ClockTimestamp


class Action(models.TextChoices):
    VIEW = "view", "Opened"
    LIST = "list", "Listed"
    EXPORT = "export", "Exported"
    EMERGENCY = "emergency", "Seen in an emergency"


class AppendedRow(models.Model):
    """A row that is only ever added: who, when, in which request. Refused to change by trigger and by grant."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+", null=True)
    actor_id = models.UUIDField(null=True)
    actor_label = models.TextField()
    request_id = models.UUIDField()
    at = models.DateTimeField(db_default=ClockTimestamp())
    row_hash = models.BinaryField(null=True, editable=False)
    hash_version = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        abstract = True


class AccessEvent(AppendedRow):
    """A person saw patients' data: which act, by which route, of which patient (one row a patient)."""

    action = models.CharField(max_length=10, choices=Action)
    route = models.CharField(max_length=80)
    patient_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "-at"]), models.Index(fields=["patient_id", "-at"])]


class SignInKind(models.TextChoices):
    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    IDLE = "idle", "Signed out after 15 idle minutes"
    TOO_LONG = "too_long", "Signed out after 12 hours"
    FAILED = "failed", "Failed sign-in"
    WRONG_CODE = "wrong_code", "Wrong second factor"
    RECOVERY = "recovery", "Used a recovery code"
    RESET_ASKED = "reset_ask", "Asked for a new password"
    TOKEN = "token", "Token not good"


class SignInEvent(AppendedRow):
    """Somebody came, went, or tried. The typed e-mail address of a failed try is not kept here."""

    kind = models.CharField(max_length=10, choices=SignInKind)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["practice", "-at"]),
            models.Index(fields=["actor_id", "-at"]),
            # How many tries came from one address lately.
            models.Index(fields=["address", "-at"]),
        ]


class InvariantRun(models.Model):
    """One check of every invariant: how many were asked, and for each that is broken the first ids."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    checked = models.PositiveIntegerField()
    broken = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="invariant_run_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["-started_at"])]
