"""What must happen after a commit, what was already done, and who is told. Technical rows, no clinical history."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Practice
from foundation.lengths import LABEL, REASON, WORDS
from foundation.tracked import ClockTimestamp


class OutboxMessage(models.Model):
    """Work that a committed change asks for. Written in the change's own transaction; topic and ids, no detail.

    `published_at`: the doorbell was rung. `done_at`: the work's own transaction committed. Both may lag.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=60)
    body = models.JSONField()
    request_id = models.UUIDField()
    actor_label = models.TextField(max_length=LABEL)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    published_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Set aside after too many attempts: shown to operations, rung rarely, never dropped.
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(done_at=None), name="outbox_waiting"),
        ]


class Operation(models.Model):
    """A write that was done once. A replay gets the same answer; another body under the same id is refused."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    operation_id = models.UUIDField()
    user_id = models.UUIDField()
    route = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.TextField(max_length=REASON, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "operation_id"], name="one_operation_per_id")
        ]


class Notice(models.Model):
    """One line in one person's inbox. `cause` makes it appear once, however often its task runs."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    cause = models.CharField(max_length=100)
    text = models.TextField(max_length=WORDS)
    # Whom the text names; the inbox writes down that it showed them.
    patient_id = models.UUIDField(null=True)
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    read_at = models.DateTimeField(null=True)
    # Set when what it announced no longer stands; the line stays, struck through.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "cause"], name="one_notice_per_cause")]
        indexes = [models.Index(fields=["recipient", "-id"])]

    @property
    def headline(self) -> str:
        """What it is about, without naming a patient: for the bell of every page, and for e-mails."""
        return HEADLINES.get(self.kind, "Something new in your inbox")


HEADLINES = {
    "threshold": "A patient's month reached a line",
    "close": "A month was closed",
    "intake": "A file of patients was taken in",
    "asked-merge": "Another system asks to merge two records",
    "arrivals": "Patients from another system wait for a decision",
    "question": "A question from billing",
    "force": "Somebody asks you to confirm a held line",
    "signature": "Something waits for your signature",
    "handover": "A colleague handed you a draft",
    "left_drafts": "Somebody left drafts unsigned",
    "returned": "A paper came back unsigned",
    "plan-review": "A care plan is to be reviewed",
    "token-expiry": "A token of another system expires soon",
    "hub-secret-expiry": "A secret of a hub of devices expires soon",
    "emergency": "Somebody opened charts in an emergency",
    "escalation": "An escalation waits for you",
    "escalation_top": "Nobody is left to answer an escalation",
    "invariants": "The nightly check of the records found something",
}


class EmailDelivery(models.Model):
    """An e-mail to be sent for a notice, without any patient detail. Leased while being sent."""

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="email")
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)


class Slot(models.Model):
    """One run of a scheduled job: two beats, one run."""

    job = models.CharField(max_length=60)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "starts_at"], name="one_run_per_slot")]


class Pulse(models.Model):
    """When a process was last known to be at work, by a message of its own that a worker took from the queue."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
