"""One documented piece of work: the note and who signed it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON, WORDS
from patients.models import CarePlan, Enrollment, Patient


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"
    AMENDED = "amended", "Amended"
    VOIDED = "voided", "Voided"
    DISCARDED = "discarded", "Discarded"


class Activity(models.TextChoices):
    """What was done; the first five are countable for remote monitoring, the rest are not."""

    DATA_REVIEW = "data_review", "Reviewing data"
    CONTACT = "contact", "Talking with patient or caregiver"
    COORDINATION = "coordination", "Coordinating care"
    PLAN_UPDATE = "plan_update", "Updating the care plan"
    DOCUMENTATION = "documentation", "Documenting"
    SETUP = "setup", "Set-up and teaching"
    TECHNICAL_HELP = "technical_help", "Technical help"
    SCHEDULING = "scheduling", "Scheduling"
    ATTEMPT = "attempt", "Tried, no answer"


COUNTABLE = frozenset(
    {
        Activity.DATA_REVIEW,
        Activity.CONTACT,
        Activity.COORDINATION,
        Activity.PLAN_UPDATE,
        Activity.DOCUMENTATION,
    }
)


class Party(models.TextChoices):
    PATIENT = "patient", "Patient"
    CAREGIVER = "caregiver", "Caregiver"
    CLINICIAN = "clinician", "Clinician"
    NONE = "none", "No contact"


class Method(models.TextChoices):
    PHONE = "phone", "Phone"
    VIDEO = "video", "Video"
    IN_PERSON = "in_person", "In person"
    RELAY = "relay", "Relay service"
    LIVE_CHAT = "live_chat", "Live chat"
    SECURE_MESSAGE = "secure_message", "Secure message"
    NO_ANSWER = "no_answer", "Voicemail or no answer"


LIVE_METHODS = frozenset({Method.PHONE, Method.VIDEO, Method.IN_PERSON, Method.RELAY})


class Topic(models.TextChoices):
    READINGS = "readings", "Readings"
    MEDICINES = "medicines", "Medicines"
    DIET = "diet", "Salt and diet"
    SYMPTOMS = "symptoms", "Symptoms"
    ACTIVITY = "activity", "Activity"
    DEVICE_HELP = "device_help", "Device help"
    SCHEDULING = "scheduling", "Scheduling"
    OTHER = "other", "Other"


# What a talk may be about without being care: about these alone it is no live contact, and its time does not count.
NOT_CARE = frozenset({Topic.DEVICE_HELP, Topic.SCHEDULING})


class ClinicalAction(models.TextChoices):
    NO_CHANGE = "no_change", "No change"
    EDUCATION = "education", "Education"
    PLAN_UPDATED = "plan_updated", "Care plan updated"
    MEDICINE_CHANGE = "medicine_change", "Medicine changed by a clinician"
    ESCALATED = "escalated", "Escalated"
    REFERRAL = "referral", "Referral"
    TRY_AGAIN = "try_again", "Try again"


class TimeEntry(PracticeModel):
    """One documented piece of work ("session" on the page): the note, its author, its segments.

    A draft changes freely; once signed, only `status` and what goes with it may (a trigger sees to that).
    Amending makes a new entry that `supersedes` this one.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="entries")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="entries")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="entries")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    supersedes = models.OneToOneField("self", models.PROTECT, related_name="superseded_by", null=True)
    started_at = models.DateTimeField()
    # Data reviewed: filled from readings taken up to `data_seen_at` and kept as it was shown then.
    data_from = models.DateField("readings from", null=True)
    data_until = models.DateField("readings until", null=True)
    data_facts = models.JSONField(default=list)
    data_seen_at = models.DateTimeField(null=True)
    data_left_out = ArrayField(
        models.CharField(max_length=16),
        verbose_name="not reviewed",
        default=list,
        blank=True,
        help_text="Measures among the facts that the author did not review.",
    )
    data_reviewed = models.BooleanField(default=False)
    data_note = models.TextField("what you saw", max_length=WORDS, blank=True)
    no_data_reason = models.TextField("why no readings were reviewed", max_length=REASON, blank=True)
    # Communication.
    party = models.CharField("who", max_length=10, choices=Party, blank=True)
    party_name = models.CharField("caregiver's name", max_length=80, blank=True)
    party_relation = models.CharField("relation", max_length=40, blank=True)
    method = models.CharField("how", max_length=16, choices=Method, blank=True)
    contact_started_at = models.DateTimeField(null=True)
    contact_seconds = models.PositiveIntegerField(null=True)
    contact_longer_reason = models.TextField(
        "why the contact was longer than the session", max_length=REASON, blank=True
    )
    topics = ArrayField(models.CharField(max_length=20, choices=Topic), default=list, blank=True)
    said = models.TextField("what was said", max_length=WORDS, blank=True)
    # Clinical action.
    action = models.CharField("clinical action", max_length=16, choices=ClinicalAction, blank=True)
    action_detail = models.TextField("reason or detail", max_length=WORDS, blank=True)
    follow_up_on = models.DateField(null=True)
    # Time.
    late_reason = models.TextField("why entered later", max_length=REASON, blank=True)
    raise_reason = models.TextField("why more than measured", max_length=REASON, blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_label = models.CharField(max_length=160, blank=True)
    signature = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was signed.")
    seconds_signed = models.PositiveIntegerField(null=True)
    cumulative_seconds = models.PositiveIntegerField(
        null=True, help_text="The month's counted total as shown at signing."
    )
    # The version under which it was worked: in effect on the day it began, as the record stood at the signature. None:
    # there was none.
    care_plan = models.ForeignKey(CarePlan, models.PROTECT, related_name="+", null=True)
    late = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(
        max_length=REASON, blank=True, help_text="Why it was amended, voided or discarded."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[Status.DRAFT, Status.DISCARDED],
                    signed_at=None,
                    signature="",
                    seconds_signed=None,
                )
                | (
                    Q(status__in=[Status.SIGNED, Status.AMENDED, Status.VOIDED], signed_at__isnull=False)
                    & Q(seconds_signed__isnull=False, seconds_signed__gt=0, cumulative_seconds__isnull=False)
                    & ~Q(signature="")
                    & ~Q(signed_label="")
                ),
                name="entry_signature_complete_or_empty",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.DISCARDED])
                | Q(contact_seconds=None)
                | Q(seconds_signed__isnull=False, contact_seconds__lt=F("seconds_signed") + 60)
                | Q(party__in=["", Party.NONE])
                | Q(method=Method.NO_ANSWER)
                | ~Q(contact_longer_reason=""),
                name="contact_lies_in_its_session_or_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.AMENDED, Status.VOIDED, Status.DISCARDED])
                | ~Q(ended_reason=""),
                name="entry_end_says_why",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("author"))),
                name="entry_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(care_plan=None) | ~Q(status__in=[Status.DRAFT, Status.DISCARDED]),
                name="entry_takes_its_plan_when_signed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.DISCARDED])
                | Q(data_reviewed=False)
                | Q(data_from__isnull=False, data_until__isnull=False, data_from__lte=F("data_until")),
                name="reviewed_readings_are_of_days_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-started_at"]),
            models.Index(fields=["author", "status", "-started_at"]),
        ]
