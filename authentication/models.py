"""With what, besides a password, a person proves who she is; and where she is signed in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.tracked import History, TrackedQuerySet, TrackedRow


class FactorKind(models.TextChoices):
    TOTP = "totp", "Authenticator app"
    PASSKEY = "passkey", "Passkey"


class SecondFactorQuerySet(TrackedQuerySet):
    def of(self, user):
        """What this person can use today."""
        return self.filter(user=user, removed_at=None)


class SecondFactor(TrackedRow):
    """An authenticator app or a passkey of one person, in whatever practice. Removed, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="second_factors")
    kind = models.CharField(max_length=10, choices=FactorKind)
    name = models.CharField(max_length=60)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    # Of an app: its key, encrypted (authentication.sealing).
    secret = models.CharField(max_length=200, blank=True)
    # Of a passkey: what the browser calls it, and the public key with which its answers are checked (COSE, CBOR).
    credential_id = models.BinaryField(null=True, unique=True)
    public_key = models.BinaryField(null=True)

    history = History(excluded_fields=["secret", "credential_id", "public_key"])
    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind=FactorKind.TOTP, credential_id=None, public_key=None) & ~Q(secret=""))
                | Q(
                    kind=FactorKind.PASSKEY, secret="", credential_id__isnull=False, public_key__isnull=False
                ),
                name="second_factor_has_its_key",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="second_factor_has_a_name"),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(removed_at__gte=models.F("added_at")),
                name="second_factor_removed_after_added",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind=FactorKind.TOTP, removed_at=None),
                name="one_authenticator_app_per_person",
            ),
        ]

    def __str__(self):
        return self.name


class FactorUse(models.Model):
    """When a factor was used last, and what must not come again: an app's 30-second step, a passkey's counter."""

    factor = models.OneToOneField(SecondFactor, models.PROTECT, primary_key=True, related_name="use")
    counter = models.BigIntegerField(default=0)
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """For who lost her phone: one of ten codes, kept as a digest, good once, until a new set replaces it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(replaced_at=None), name="recovery_code_used_or_replaced"
            ),
        ]


class BrowserSession(models.Model):
    """A sign-in that may still be open: from which kind of browser and address. Gone when it is over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-started_at"])]
