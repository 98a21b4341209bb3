"""What care took how long, and until when time may be written."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from accounts.models import Membership, PracticeModel, StaffKind
from foundation.months import bounds
from patients.models import Enrollment, Patient


class PeriodState(models.TextChoices):
    OPEN = "open", "Open"
    CLOSING = "closing", "Closing…"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Re-opened"


class Period(PracticeModel):
    """A practice's calendar month: the gate for time. Signing shares its row, the close takes it alone."""

    month = models.DateField()
    state = models.CharField(max_length=10, choices=PeriodState, default=PeriodState.OPEN)
    # Time signed up to this moment is in the close; nothing can be signed after it until a reopening.
    cut_off_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "month"], name="one_period_per_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="period_begins_on_the_first"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in {PeriodState.OPEN, PeriodState.REOPENED}


class PatientMonth(PracticeModel):
    """The lock of a patient's month, and its bounds as instants, frozen when it was made."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="months")
    month = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "month"], name="one_row_per_patient_month"),
            models.CheckConstraint(
                condition=Q(month__day=1, ends_at__gt=F("starts_at")), name="patient_month_shape"
            ),
        ]

    @classmethod
    def fields_for(cls, patient: Patient, month: date) -> dict:
        starts_at, ends_at = bounds(month, tz=patient.practice.tz)
        return {
            "practice": patient.practice,
            "patient": patient,
            "month": month,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }


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
    # Data reviewed: filled from readings and kept as it was shown.
    data_from = models.DateField("readings from", null=True)
    data_until = models.DateField("readings until", null=True)
    data_facts = models.JSONField(default=list)
    data_reviewed = models.BooleanField(default=False)
    data_note = models.TextField("what you saw", blank=True)
    no_data_reason = models.TextField("why no readings were reviewed", blank=True)
    # Communication.
    party = models.CharField("who", max_length=10, choices=Party, blank=True)
    party_name = models.CharField("caregiver's name", max_length=80, blank=True)
    party_relation = models.CharField("relation", max_length=40, blank=True)
    method = models.CharField("how", max_length=16, choices=Method, blank=True)
    contact_started_at = models.DateTimeField(null=True)
    contact_seconds = models.PositiveIntegerField(null=True)
    topics = ArrayField(models.CharField(max_length=20, choices=Topic), default=list, blank=True)
    said = models.TextField("what was said", blank=True)
    # Clinical action.
    action = models.CharField("clinical action", max_length=16, choices=ClinicalAction, blank=True)
    action_detail = models.TextField("reason or detail", blank=True)
    follow_up_on = models.DateField(null=True)
    # Time.
    late_reason = models.TextField("why entered later", blank=True)
    raise_reason = models.TextField("why more than measured", blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_label = models.CharField(max_length=160, blank=True)
    signature = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was signed.")
    seconds_signed = models.PositiveIntegerField(null=True)
    cumulative_seconds = models.PositiveIntegerField(
        null=True, help_text="The month's counted total as shown at signing."
    )
    late = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, help_text="Why it was amended, voided or discarded.")

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
                    & Q(seconds_signed__gt=0, cumulative_seconds__isnull=False)
                    & ~Q(signature="")
                    & ~Q(signed_label="")
                ),
                name="entry_signature_complete_or_empty",
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
        ]
        indexes = [
            models.Index(fields=["patient", "-started_at"]),
            models.Index(fields=["author", "status", "-started_at"]),
        ]


class ClockState(models.TextChoices):
    RUNNING = "running", "Running"
    ON_CALL = "on_call", "On call"
    PAUSED = "paused", "Paused"
    ASKING = "asking", "Still there?"
    ENDED = "ended", "Ended"


class Clock(models.Model):
    """The live part of a draft's clock: heartbeat and last input. Not history: what it credited is in the segments.

    The open segment is the running time itself.
    """

    entry = models.OneToOneField(TimeEntry, models.PROTECT, related_name="clock", primary_key=True)
    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ClockState)
    heartbeat_at = models.DateTimeField()
    input_at = models.DateTimeField()
    # While asking: from when on the time is in doubt. Off the phone that is the last input, on it the question.
    doubt_from = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=60, blank=True)
    # What a pause that nobody asked for left out, until it is claimed with a reason or left out for good.
    gap_from = models.DateTimeField(null=True)
    gap_until = models.DateTimeField(null=True)


class SegmentSource(models.TextChoices):
    CLOCK = "clock", "Clock"
    MANUAL = "manual", "Entered by hand"
    CALL = "call", "Call record"


class Evidence(models.TextChoices):
    CALL_RECORD = "call_record", "Call record"
    OBSERVED = "observed", "Observed"
    ATTESTED = "attested", "Attested"
    MANUAL = "manual", "Manual"


class TimeSegment(PracticeModel):
    """One unbroken interval of work, half-open. Open at its end while the clock runs.

    No two standing segments of one person overlap, in whatever role or practice: the database refuses them.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="segments")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="segments")
    activity = models.CharField(max_length=16, choices=Activity, default=Activity.DATA_REVIEW)
    during = DateTimeRangeField()
    source = models.CharField(max_length=8, choices=SegmentSource)
    evidence = models.CharField(max_length=12, choices=Evidence)
    reason = models.TextField(blank=True)
    standing = models.BooleanField(default=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="nobody_works_twice_at_once",
                expressions=[("staff", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="segment_has_a_start"
            ),
        ]
        indexes = [models.Index(fields=["entry"], condition=Q(standing=True), name="segment_standing")]


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
    text = models.TextField()
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


class CountedInterval(models.Model):
    """The part of signed work that nobody else holds. Derived, re-derived, switched off and never deleted."""

    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    patient_month = models.ForeignKey(PatientMonth, models.PROTECT, related_name="intervals")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="intervals")
    segment = models.ForeignKey(TimeSegment, models.PROTECT, related_name="intervals")
    staff_kind = models.CharField(max_length=20, choices=StaffKind)
    during = DateTimeRangeField()
    standing = models.BooleanField(default=True)
    stood_from = models.DateTimeField()
    stood_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_second_of_a_patient_twice",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True),
            ),
            ExclusionConstraint(
                name="no_second_of_a_person_twice",
                expressions=[("staff", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(standing=True),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="interval_is_finite",
            ),
            models.CheckConstraint(
                condition=Q(standing=True, stood_until=None) | Q(standing=False, stood_until__isnull=False),
                name="interval_ended_or_standing",
            ),
        ]
        indexes = [
            models.Index(fields=["patient_month"], condition=Q(standing=True), name="interval_standing")
        ]
