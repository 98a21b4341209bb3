"""Words without time that follow a signature."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from accounts.models import Membership, PracticeModel
from foundation.lengths import WORDS
from timelogs.models.entries import TimeEntry


class AdditionKind(models.TextChoices):
    ADDENDUM = "addendum", "Addendum"
    ATTESTATION = "attestation", "Attestation"


ADDITION_LENGTH = 4000


class Addition(PracticeModel):
    """Words without time that follow a signed session: an addendum, or its author's attestation. Never changed.

    It knows sessions only, so that an order, which no attestation can cure, has nowhere to take one.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="additions")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=AdditionKind)
    text = models.TextField(max_length=WORDS)
    wording = models.CharField(max_length=10, blank=True, help_text="The attestation's wording, as signed.")
    signed_at = models.DateTimeField()
    signed_label = models.CharField(max_length=160)
    signature = models.CharField(max_length=64, help_text="SHA-256 of what was signed.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(signature="") & ~Q(signed_label=""), name="addition_is_signed"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), ADDITION_LENGTH), name="addition_can_be_read"
            ),
            models.CheckConstraint(
                condition=Q(kind=AdditionKind.ADDENDUM, wording="")
                | (Q(kind=AdditionKind.ATTESTATION) & ~Q(wording="")),
                name="attestation_names_its_wording",
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(kind=AdditionKind.ATTESTATION),
                name="one_attestation_per_session",
            ),
        ]
        indexes = [models.Index(fields=["entry", "signed_at"])]
