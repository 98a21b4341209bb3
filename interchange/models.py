"""Hubs that send readings, the secrets with which they sign, and which messages were answered before."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, Practice, PracticeModel
from authentication.models import MOST_PER_MINUTE
from foundation.lengths import REASON
from foundation.tracked import History, TrackedRow

SECRET_LASTS = timedelta(days=366)


class Hub(PracticeModel):
    """A vendor's cloud, or a gateway of the practice's own, that sends readings to an address of its own.

    Ended, never deleted. `vendor` names the adapter that reads what it sends (`interchange.hubs.adapters`).
    """

    name = models.CharField(max_length=60)
    vendor = models.CharField(max_length=30)
    # In its address; no secret.
    key = models.CharField("public part", max_length=8, unique=True)
    per_minute = models.PositiveSmallIntegerField("requests per minute", default=120)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    ended_why = models.TextField("why it ended", max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], condition=Q(ended_at=None), name="one_open_hub_per_name"
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="hub_has_a_name"),
            models.CheckConstraint(condition=Q(vendor__regex=r"^[a-z][a-z0-9-]*$"), name="hub_has_a_vendor"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]{8}$"), name="hub_has_a_public_part"),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, per_minute__lte=MOST_PER_MINUTE), name="hub_has_a_limit"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_why="")
                | Q(
                    ended_at__isnull=False,
                    ended_at__gte=F("made_at"),
                    ended_by__isnull=False,
                    ended_why__regex=r"\S",
                ),
                name="hub_ended_when_and_why",
            ),
        ]

    def __str__(self):
        return self.name


class HubSecret(TrackedRow):
    """With what a hub signs. It is kept, encrypted, since a signature is checked with the key itself.

    A new one takes the place of the current one, which works on until `good_until`: both are good meanwhile.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="secrets")
    number = models.PositiveSmallIntegerField()
    # Encrypted (authentication.sealing).
    secret = models.CharField(max_length=200)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    good_until = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    history = History(excluded_fields=["secret"])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hub", "number"], name="one_hub_secret_per_number"),
            models.UniqueConstraint(
                fields=["hub"], condition=Q(replaced_at=None), name="one_current_secret_per_hub"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="hub_secret_counts_from_one"),
            models.CheckConstraint(condition=~Q(secret=""), name="hub_secret_is_there"),
            models.CheckConstraint(
                condition=Q(good_until__gte=F("made_at"), good_until__lte=F("made_at") + SECRET_LASTS),
                name="hub_secret_lasts_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("made_at")),
                name="hub_secret_replaced_after_it_was_made",
            ),
        ]

    def __str__(self):
        return f"Secret {self.number}"


class HubUse(models.Model):
    """When a hub's message was let in last, and how often within the minute that its limit counts."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    hub = models.OneToOneField(Hub, models.PROTECT, primary_key=True, related_name="use")
    used_at = models.DateTimeField(null=True)
    # With which of its secrets: the older one may end once the newer one is used.
    secret_number = models.PositiveSmallIntegerField(null=True)
    minute_began_at = models.DateTimeField(null=True)
    in_minute = models.PositiveIntegerField(default=0)


class WhyNotTaken(models.TextChoices):
    SIGNATURE = "signature", "Wrong signature"
    TIME = "time", "Signed at another time"
    ENDED = "ended", "Hub ended"
    EXPIRED = "expired", "Secret expired"
    MAKER = "maker", "The maker of its secret no longer runs the practice"
    LIMIT = "limit", "Too many in a minute"
    CONTENT = "content", "Content refused"
    FAULT = "fault", "Failed here"


class HubRefusal(models.Model):
    """How many messages to a hub's address were refused on a day of the practice, by what was wrong with them."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="refusals")
    day = models.DateField()
    why = models.CharField(max_length=10, choices=WhyNotTaken)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hub", "day", "why"], name="refusals_of_a_hub_per_day_and_cause")
        ]


class Way(models.TextChoices):
    HL7 = "hl7", "HL7"
    HUB = "hub", "Hub"


class Received(models.Model):
    """A message of readings that was done, and the answer: one that is sent again gets the same, and nothing is done.

    `key`: a digest of the message's id, or of its signature. `digest`: of its contents. The answer holds outcomes and
    ids, nothing of a person. Never changed; deleted after a month.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    way = models.CharField(max_length=5, choices=Way)
    sender = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    answer = models.JSONField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "way", "sender", "key"], name="one_answer_per_message_of_readings"
            ),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[0-9a-f]{64}$", digest__regex=r"^[0-9a-f]{64}$"),
                name="message_of_readings_has_its_digests",
            ),
        ]
