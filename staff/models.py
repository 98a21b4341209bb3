"""Who was asked to work in a practice, and who opened charts in an emergency. Who works there is a membership."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import LOGS_TIME, Membership, PracticeModel, supervised_where_outsourced
from accounts.permissions import Role
from foundation.lengths import REASON


class Invitation(PracticeModel):
    """One person, known by e-mail, asked to take a role. Open until accepted or withdrawn; its link dies sooner."""

    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role)
    credential = models.CharField(max_length=20, blank=True)
    npi = models.CharField("NPI", max_length=10, blank=True)
    employer = models.CharField(max_length=120, blank=True)
    supervised_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    starts_on = models.DateField()
    invited_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # When the link that was sent last dies.
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitation_email_in_lower_case"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=LOGS_TIME) | ~Q(credential=""),
                name="invited_to_log_time_with_a_credential",
            ),
            supervised_where_outsourced("invited_from_outside_is_supervised"),
        ]
        indexes = [models.Index(fields=["practice", "-expires_at"])]

    def __str__(self):
        return f"{self.name}, {self.email}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None


EMERGENCY = timedelta(hours=4)


class Emergency(PracticeModel):
    """Somebody whose role sees no chart gave herself charts to read, for four hours or until she ended it."""

    member = models.ForeignKey(Membership, models.PROTECT, related_name="emergencies")
    reason = models.TextField(max_length=REASON)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_early = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="emergency_says_why"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("opened_at"), ends_at__lte=F("opened_at") + EMERGENCY),
                name="emergency_lasts_four_hours_at_most",
            ),
        ]
        indexes = [models.Index(fields=["practice", "-opened_at"])]
