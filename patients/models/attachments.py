"""Papers as files: a scan or a letter on a patient's record."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from patients.models.patients import Patient


class AttachmentKind(models.TextChoices):
    CONSENT = "consent", "Consent form"
    ORDER = "order", "Order"
    CARE_PLAN = "care_plan", "Care plan"
    LETTER = "letter", "Letter"
    OTHER = "other", "Other paper"


class ContentType(models.TextChoices):
    """What is taken, known by a file's first bytes and not by its name."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "PNG image"
    JPEG = "image/jpeg", "JPEG image"


class Attachment(PracticeModel):
    """A file of a patient. Its bytes lie in the storage `attachments` under a key that says nothing."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=12, choices=AttachmentKind)
    title = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20, choices=ContentType)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=80, unique=True)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-added_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_at__gte=F("added_at")) & ~Q(withdraw_reason="")),
                name="attachment_withdrawn_with_reason",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_has_its_digest"
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=ContentType.values), name="attachment_is_of_a_known_type"
            ),
        ]

    def __str__(self):
        return self.title
