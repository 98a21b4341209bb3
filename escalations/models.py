"""What somebody must answer about a patient, who, until when; and every step of it.

The row says where it stands; the steps say how it came there. Each change of the row is one step with the row's version
as its number: the database refuses one without the other.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership, PracticeModel
from escalations.states import Kind, State
from foundation.lengths import REASON
from monitoring.findings import Severity
from monitoring.models import Reading
from patients.models import Patient

# One line for somebody in a hurry.
LINE = 300
# What the system's step says where nobody is left to climb to.
TOP = "Past due, and nobody is left to pass it on to. The administrators were told."


class Cause(models.TextChoices):
    """Those of a finding (`monitoring.findings.Cause`), and a person."""

    READING = "reading", "Reading out of range"
    TREND = "trend", "Trend"
    SILENCE = "silence", "No readings"
    PERSON = "person", "Asked by a colleague"


class Outcome(models.TextChoices):
    """What came of it. The last four are of silence alone."""

    MEDICINE_CHANGED = "medicine_changed", "Medicine changed by a clinician"
    PLAN_CHANGED = "plan_changed", "Care plan changed"
    ADVISED = "advised", "Patient called and advised"
    VISIT = "visit", "Visit arranged"
    EMERGENCY = "emergency", "Sent to emergency care"
    DEVICE_HELPED = "device_helped", "Device put right or exchanged"
    NO_CHANGE = "no_change", "Looked at: no change needed"
    NOT_REAL = "not_real", "The reading was not right"
    TRANSMITTING = "transmitting", "Transmitting again"
    PAUSED = "paused", "Paused"
    RETURNED = "returned", "Device returned"
    NOT_EXPECTED = "not_expected", "No readings expected now"


LED_TO_AN_ACTION = frozenset(
    {
        Outcome.MEDICINE_CHANGED,
        Outcome.PLAN_CHANGED,
        Outcome.ADVISED,
        Outcome.VISIT,
        Outcome.EMERGENCY,
        Outcome.DEVICE_HELPED,
    }
)


OF_SILENCE = frozenset({Outcome.TRANSMITTING, Outcome.PAUSED, Outcome.RETURNED, Outcome.NOT_EXPECTED})


class Answer(models.TextChoices):
    """What a physician, NP or PA says to it."""

    CONTINUE = "continue", "Continue plan"
    CHANGE_MEDICINE = "change_medicine", "Change medicine"
    SEE_PATIENT = "see_patient", "See patient"
    OTHER = "other", "Other"


class Attempt(models.TextChoices):
    """How somebody tried to reach a patient, or to have readings come again."""

    PHONE = "phone", "Phone, no answer"
    VOICEMAIL = "voicemail", "Voicemail"
    MESSAGE = "message", "Message or letter"
    CAREGIVER = "caregiver", "By the caregiver"
    REACHED = "reached", "Reached"
    VISIT = "visit", "Visit"
    DEVICE = "device", "Device checked or exchanged"


class Escalation(PracticeModel):
    """Something about a patient that a person must answer: whose it is and until when, from its first moment on."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="escalations")
    cause = models.CharField(max_length=8, choices=Cause)
    # Empty where it is about no single measure, as silence of every device is.
    measure = models.CharField(max_length=20, blank=True)
    # Which trend it is.
    rule = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=8, choices=Severity)
    says = models.TextField("what was found", max_length=REASON)
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    owner = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    due_at = models.DateTimeField("due")
    # Nobody is left to whom it could climb; the administrators were told.
    topped_at = models.DateTimeField("nobody left to pass it on to since", null=True)
    ask = models.CharField("what is asked", max_length=LINE, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "cause", "measure", "rule"],
                condition=~Q(state=State.RESOLVED) & ~Q(cause=Cause.PERSON),
                name="one_open_escalation_per_cause",
            ),
            models.CheckConstraint(condition=Q(says__regex=r"\S"), name="escalation_says_what"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="escalation_has_a_cause"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="escalation_is_so_severe"),
            models.CheckConstraint(
                condition=~Q(cause=Cause.PERSON) | Q(ask__regex=r"\S"), name="who_escalates_asks"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFERRED) | Q(ask__regex=r"\S"), name="referred_with_an_ask"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="due_after_it_opened"),
            models.CheckConstraint(
                condition=Q(state=State.RESOLVED, outcome__in=Outcome.values, resolved_at__isnull=False)
                | (~Q(state=State.RESOLVED) & Q(outcome="", resolved_at=None)),
                name="resolved_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-opened_at"]),
            models.Index(fields=["practice", "opened_at"]),
            models.Index(
                fields=["practice", "owner", "due_at"],
                condition=~Q(state=State.RESOLVED),
                name="open_escalations",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state != State.RESOLVED

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_at <= timezone.now()


class EscalationReading(PracticeModel):
    """A reading in which it was found, as it stood then; another row where it was corrected or excluded since."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="attached")
    reading = models.ForeignKey(Reading, models.PROTECT, related_name="+")
    # The reading's version.
    seen_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "reading", "seen_version"], name="a_reading_is_attached_once"
            )
        ]


class EscalationStep(PracticeModel):
    """One thing that happened to it: what, by whom (nobody: the system), when; and how it stood then."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="steps")
    # The escalation's version that it made.
    number = models.PositiveIntegerField()
    kind = models.CharField("what happened", max_length=12, choices=Kind)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    words = models.TextField(max_length=REASON, blank=True)
    state = models.CharField(max_length=12, choices=State)
    owner = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    severity = models.CharField(max_length=8, choices=Severity)
    due_at = models.DateTimeField("due")
    answer = models.CharField(max_length=16, choices=Answer, blank=True)
    attempt = models.CharField("how it was tried", max_length=10, choices=Attempt, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["escalation", "number"], name="one_step_per_number"),
            models.CheckConstraint(
                condition=Q(kind=Kind.ANSWERED, answer__in=Answer.values, by__isnull=False)
                | (~Q(kind=Kind.ANSWERED) & Q(answer="")),
                name="answered_with_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.ATTEMPTED, attempt__in=Attempt.values)
                | (~Q(kind=Kind.ATTEMPTED) & Q(attempt="")),
                name="attempt_says_how",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.RESOLVED, outcome__in=Outcome.values)
                | (~Q(kind=Kind.RESOLVED) & Q(outcome="")),
                name="step_resolves_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[Kind.REFERRED, Kind.NOTED]) | Q(words__regex=r"\S"),
                name="step_has_its_words",
            ),
        ]
        ordering = ["number"]


class LadderPlace(PracticeModel):
    """A place of the practice's list of people to whom an escalation climbs, after the patient's own care team."""

    position = models.PositiveSmallIntegerField()
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    why = models.TextField(max_length=REASON)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "position"], condition=Q(ended_at=None), name="one_person_per_place"
            ),
            models.UniqueConstraint(
                fields=["practice", "member"], condition=Q(ended_at=None), name="one_place_per_person"
            ),
            models.CheckConstraint(condition=Q(why__regex=r"\S"), name="place_says_why"),
        ]
