"""Orders and care plans are signed by a clinician: how each was, and what still waits for a signature."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON, WORDS
from foundation.tracked import TrackedQuerySet
from patients.models.attachments import Attachment
from patients.models.plan_content import PlanContent


class SignatureKind(models.TextChoices):
    OWN = "own", "Signed here by the clinician"
    TRANSCRIPT = "transcript", "Transcript of a signed paper"


class SignedPaperQuerySet(TrackedQuerySet):
    def standing(self):
        """What was not recorded in error."""
        return self.filter(withdrawn_at=None)

    def releasing(self, transcripts: str):
        """What the practice lets release: the clinician's own signature, and transcripts as its policy says.

        `transcripts` is the value of that policy: "scan" (with the paper attached), "any", "never".
        """
        standing = self.standing()
        if transcripts == "any":
            return standing
        own = Q(signature=SignatureKind.OWN)
        return standing.filter(own | Q(scan__isnull=False) if transcripts == "scan" else own)


class SignedPaper(PracticeModel):
    """A paper with a clinician's signature: her own here, or that on a paper which somebody saw and transcribed."""

    signature = models.CharField(max_length=12, choices=SignatureKind, default=SignatureKind.OWN)
    signed_on = models.DateField()
    signed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # Of her own signature.
    signed_at = models.DateTimeField(null=True)
    # Of a transcript: who saw the paper, on which day, and its scan.
    seen_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    seen_on = models.DateField(null=True)
    scan = models.ForeignKey(Attachment, models.PROTECT, related_name="+", null=True)
    # Recorded in error: it holds for nothing, from its first day on, and stays readable.
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.TextField(max_length=REASON, blank=True)

    objects = SignedPaperQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    signature=SignatureKind.OWN,
                    signed_at__isnull=False,
                    seen_by=None,
                    seen_on=None,
                    scan=None,
                )
                | Q(
                    signature=SignatureKind.TRANSCRIPT,
                    signed_at=None,
                    seen_by__isnull=False,
                    seen_on__isnull=False,
                ),
                name="%(class)s_says_how_it_was_signed",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="%(class)s_withdrawn_with_reason",
            ),
        ]

    @property
    def how_signed(self) -> str:
        """In words, for pages and claims."""
        if self.signature == SignatureKind.OWN:
            return "signed here by the clinician"
        scan = "with its scan" if self.scan_id else "without a scan"
        return f"transcript of a signed paper, seen by {self.seen_by} on {self.seen_on:%d-%b-%Y}, {scan}"


class PaperKind(models.TextChoices):
    ORDER = "order", "Order"
    CARE_PLAN = "care_plan", "Care plan"


class RequestState(models.TextChoices):
    WAITING = "waiting", "Waits for the signature"
    SIGNED = "signed", "Signed"
    RETURNED = "returned", "Returned unsigned"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SignatureRequest(PlanContent, PracticeModel):
    """An order or a plan that somebody wrote for a clinician to sign. It holds for nothing until she has."""

    enrollment = models.ForeignKey("patients.Enrollment", models.PROTECT, related_name="signature_requests")
    kind = models.CharField(max_length=12, choices=PaperKind)
    # Of an order.
    text = models.TextField(max_length=WORDS, blank=True)
    # Of a care plan, beside its content.
    effective_on = models.DateField(null=True)
    session_id = models.UUIDField(null=True)
    # Whose signature it waits for. None: any clinician's of the practice.
    asked_of = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.WAITING)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=REASON, blank=True)
    order = models.OneToOneField("patients.Order", models.PROTECT, related_name="request", null=True)
    care_plan = models.OneToOneField("patients.CarePlan", models.PROTECT, related_name="request", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["session_id"], condition=Q(session_id__isnull=False), name="request_by_session"
            ),
            models.Index(fields=["practice", "state", "asked_at"]),
        ]
        constraints = [
            *PlanContent.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=PaperKind.ORDER, effective_on=None, review_by=None) & ~Q(text="")
                | Q(kind=PaperKind.CARE_PLAN, effective_on__isnull=False, review_by__isnull=False, text="")
                & Q(review_by__gt=F("effective_on"))
                & ~Q(goals=""),
                name="signature_request_has_its_words",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.WAITING, ended_at=None, order=None, care_plan=None, reason="")
                | Q(
                    state__in=[RequestState.RETURNED, RequestState.WITHDRAWN],
                    ended_at__isnull=False,
                    order=None,
                    care_plan=None,
                )
                & ~Q(reason="")
                | Q(state=RequestState.SIGNED, kind=PaperKind.ORDER, ended_at__isnull=False, care_plan=None)
                & Q(order__isnull=False)
                | Q(state=RequestState.SIGNED, kind=PaperKind.CARE_PLAN, ended_at__isnull=False, order=None)
                & Q(care_plan__isnull=False),
                name="signature_request_ends_in_one_way",
            ),
        ]

    @property
    def title(self) -> str:
        return self.get_kind_display()
