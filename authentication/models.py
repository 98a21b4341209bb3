"""With what, besides a password, a person proves who she is; where she is signed in; and how a program proves who it
is."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, Practice
from foundation.lengths import REASON
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


class Scope(models.TextChoices):
    """What a token lets a program do. Each is asked for by some address today; a new one comes with its address."""

    PATIENTS_READ = "patients.read", "Read patients and coverages"
    PATIENTS_WRITE = "patients.write", "Send patients and coverages"
    READINGS_READ = "readings.read", "Read readings"
    READINGS_WRITE = "readings.write", "Send readings of devices"
    DEVICES_READ = "devices.read", "Read devices"


TOKEN_LASTS = timedelta(days=366)
MOST_PER_MINUTE = 600


class ApiToken(TrackedRow):
    """What a program of another system shows to come in. Of its secret only the SHA-256 is kept.

    Shown once, to whoever made it; so it ends when she stops running the practice. Ended, never deleted.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    # The part of it that is no secret, by which it is found.
    key = models.CharField("public part", max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    # Where requests may come from; from everywhere if there is none.
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    per_minute = models.PositiveSmallIntegerField("requests per minute", default=120)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Nobody, where it ended with the role of who made it.
    ended_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    ended_why = models.TextField("why it ended", max_length=REASON, blank=True)

    history = History(excluded_fields=["digest"])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], condition=Q(ended_at=None), name="one_open_token_per_name"
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="token_has_a_name"),
            # By its name a sender's identifiers are known: those of hubs are others (interchange/hubs/receiving.py).
            models.CheckConstraint(condition=~Q(name__startswith="hub: "), name="token_is_named_as_no_hub"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]{8}$"), name="token_has_a_public_part"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="token_has_a_digest"),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=list(Scope.values), scopes__len__gte=1),
                name="token_has_known_scopes",
            ),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, per_minute__lte=MOST_PER_MINUTE), name="token_has_a_limit"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"), expires_at__lte=F("made_at") + TOKEN_LASTS),
                name="token_lasts_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_why="")
                | Q(ended_at__isnull=False, ended_at__gte=F("made_at"), ended_why__regex=r"\S"),
                name="token_ended_when_and_why",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def scopes_in_words(self) -> list[str]:
        return [Scope(scope).label for scope in self.scopes]


class ApiTokenUse(models.Model):
    """When a token was used last and from where, and how often within the minute that its limit counts."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    token = models.OneToOneField(ApiToken, models.PROTECT, primary_key=True, related_name="use")
    used_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    minute_began_at = models.DateTimeField(null=True)
    in_minute = models.PositiveIntegerField(default=0)


class WhyRefused(models.TextChoices):
    SECRET = "secret", "Wrong secret"
    ENDED = "ended", "Token ended"
    EXPIRED = "expired", "Token expired"
    MAKER = "maker", "Its maker no longer runs the practice"
    NETWORK = "network", "From another network"
    LIMIT = "limit", "Too many in a minute"
    SCOPE = "scope", "Not allowed to this token"
    CONTENT = "content", "Content refused"
    FAULT = "fault", "Failed here"


class ApiTokenRefusal(models.Model):
    """How many requests under a token were refused on a day of the practice, by what was wrong with them."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="refusals")
    day = models.DateField()
    why = models.CharField(max_length=10, choices=WhyRefused)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "day", "why"], name="refusals_of_a_token_per_day_and_cause"
            )
        ]
