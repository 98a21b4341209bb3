"""What may be claimed, and why: alerts, the close, stored decisions, claims, what holds them and what is forced."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON, WORDS
from patients.models import Patient
from timelogs.models import PatientMonth, Period


class AlertKind(models.TextChoices):
    NEAR = "near", "Near"
    REACHED = "reached", "Reached"
    NO_CONTACT = "no_contact", "No live contact"


class ThresholdAlert(PracticeModel):
    """A patient-month is near a line, has reached it, or has its minutes and no live contact yet.

    What no longer holds is withdrawn and stays; what holds again is another row. Why is in the history.
    """

    patient_month = models.ForeignKey(PatientMonth, models.PROTECT, related_name="alerts")
    minutes = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=AlertKind)
    raised_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A line that is reached is not near any more.
            models.UniqueConstraint(
                fields=["patient_month", "minutes"],
                condition=Q(withdrawn_at=None, kind__in=["near", "reached"]),
                name="one_alert_per_line",
            ),
            models.UniqueConstraint(
                fields=["patient_month"],
                condition=Q(withdrawn_at=None, kind="no_contact"),
                name="one_alert_of_contact",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["near", "reached"], minutes__in=[10, 20, 40, 60, 80])
                | Q(kind="no_contact", minutes__in=[10, 20]),
                name="alert_is_of_a_line",
            ),
        ]


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class CloseRun(PracticeModel):
    """One closing of a period, and how far it is. The page reads this row."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    # Approved claims that went back to review: they came out differently, or their approver has logged time since.
    sent_back = models.PositiveIntegerField(default=0)
    # Patients are taken in order of id; everything up to here is decided.
    last_patient_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="one_run_per_number"),
            models.UniqueConstraint(
                fields=["period"], condition=Q(state="running"), name="one_close_at_a_time"
            ),
        ]


class CodeSelection(PracticeModel):
    """A photograph of one decision: facts, rule set, outcome and their digest. Superseded, never updated.

    `evidence` names the sessions: {"sessions": [{"id", "seconds", "plan"}], "contacts": [ids],
    "left_out": [{"id", "seconds", "why"}]}, and the versions of the care plan under which they were worked.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="selections")
    period = models.ForeignKey(Period, models.PROTECT, related_name="selections")
    run = models.ForeignKey(CloseRun, models.PROTECT, related_name="selections")
    payer = models.SlugField()
    facts = models.JSONField()
    evidence = models.JSONField()
    ruleset = models.CharField(max_length=60)
    decision = models.JSONField()
    digest = models.CharField(max_length=64)
    supersedes = models.OneToOneField("self", models.PROTECT, related_name="superseded_by", null=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "patient"], name="one_selection_per_run")]


class ClaimState(models.TextChoices):
    READY = "ready", "Ready to review"
    ATTENTION = "attention", "Needs attention"
    ON_HOLD = "on_hold", "On hold"
    APPROVED = "approved", "Approved"
    EXPORTED = "exported", "Exported"
    NOTHING = "nothing", "Nothing to bill"


class Claim(PracticeModel):
    """A patient-month for one payer, as the biller works on it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="claims")
    period = models.ForeignKey(Period, models.PROTECT, related_name="claims")
    selection = models.ForeignKey(CodeSelection, models.PROTECT, related_name="+")
    payer = models.SlugField()
    number = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=ClaimState)
    approved_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    # It was approved, and then decided otherwise: it waits for a second look, which its pages say.
    sent_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "patient", "payer"], name="one_claim_per_patient_month"
            ),
            models.UniqueConstraint(fields=["practice", "number"], name="one_claim_per_number"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="claim_approved_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "exported"]) | Q(approved_at__isnull=False),
                name="approved_claim_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["period", "state"])]


class Force(PracticeModel):
    """Two people release a held code of one claim: one asks with a reason, another confirms with hers.

    It is about one decision and the record behind it: it ends when the month is decided otherwise. Never changed but
    for its confirmation and its end.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="forces")
    selection = models.ForeignKey(CodeSelection, models.PROTECT, related_name="+")
    code = models.CharField(max_length=5)
    units = models.PositiveSmallIntegerField()
    holds = models.JSONField("held because")
    # Of the record as it was when somebody asked, which a later reading or discarded draft changes too.
    digest = models.CharField(max_length=64)
    reason = models.TextField("why it was asked", max_length=REASON)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_reason = models.TextField("why it was confirmed", max_length=REASON, blank=True)
    ended_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField("why it ended", max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="force_has_units"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="force_says_why"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, confirmed_reason="")
                | Q(
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    confirmed_at__gte=F("asked_at"),
                    confirmed_reason__regex=r"\S",
                ),
                name="force_confirmed_by_at_and_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | Q(ended_at__isnull=False, ended_reason__regex=r"\S"),
                name="force_end_says_why",
            ),
            models.UniqueConstraint(
                fields=["claim", "code"], condition=Q(ended_at=None), name="one_force_per_code"
            ),
        ]

    @property
    def stands(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None


class ClaimLine(PracticeModel):
    """Code × units on a date of service. `released` may be claimed; the rest is held.

    As the rules answer, unless its code is blocked by hand (a hold) or forced by two people (`force`).
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="lines")
    selection = models.ForeignKey(CodeSelection, models.PROTECT, related_name="lines")
    code = models.CharField(max_length=5)
    units = models.PositiveSmallIntegerField()
    service_on = models.DateField()
    released = models.BooleanField()
    standing = models.BooleanField(default=True)
    force = models.ForeignKey(Force, models.PROTECT, related_name="lines", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="line_has_units"),
            models.CheckConstraint(
                condition=Q(force=None) | Q(released=True), name="forced_line_is_released"
            ),
            models.UniqueConstraint(
                fields=["claim", "code", "service_on", "released"],
                condition=Q(standing=True),
                name="one_line_per_code_and_day",
            ),
        ]


class Hold(PracticeModel):
    """A named reason why lines are not released: by rule (slug) or by a biller's hand (reason).

    Without a code it holds the whole claim; by hand with a code it is a block of that code's lines.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="holds")
    code = models.CharField(max_length=5, blank=True)
    slug = models.CharField(max_length=40)
    reason = models.TextField(max_length=WORDS, blank=True)
    placed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug="by-hand") | (~Q(reason="") & Q(placed_by__isnull=False)),
                name="hold_by_hand_says_why",
            ),
            models.UniqueConstraint(
                fields=["claim", "code", "slug"], condition=Q(lifted_at=None), name="one_hold_per_reason"
            ),
        ]


class Release(PracticeModel):
    """Somebody took a claim's lines away in an export. Only ever added: each export anew."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="releases")
    released_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
