"""What must happen after a commit, what was already done, and who is told. Technical rows, no clinical history."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Practice, PracticeModel
from dispatch.kinds import kind_of, topic_in_words
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

    @property
    def words(self) -> str:
        return topic_in_words(self.topic)


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
    """One line in one person's inbox. `cause` makes it appear once, however often its task runs.

    Read is her own matter. Done is seen by everybody who was told of the same cause.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    cause = models.CharField(max_length=100)
    text = models.TextField(max_length=WORDS)
    # What many like it say together, after "27 patients": `reached 20 min in October 2026`. Names nobody.
    fold = models.CharField(max_length=80, blank=True)
    # Whom the text names; the inbox writes down that it showed them.
    patient_id = models.UUIDField(null=True)
    url = models.CharField(max_length=200)
    # Shown on every page until somebody sees to it.
    urgent = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    read_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    # Set when what it announced no longer stands; the line stays, struck through.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "cause"], name="one_notice_per_cause")]
        indexes = [
            models.Index(fields=["recipient", "-id"]),
            models.Index(
                fields=["recipient", "-urgent", "-id"],
                condition=Q(read_at=None, done_at=None, withdrawn_at=None),
                name="notices_open",
            ),
            models.Index(fields=["cause"], name="notices_by_cause"),
        ]

    @property
    def headline(self) -> str:
        """What it is about, without naming a patient: for the bell of every page, and for e-mails."""
        return kind_of(self.kind).headline


class EmailDelivery(models.Model):
    """An e-mail to be sent for a notice, without any patient detail. Leased while being sent.

    `digest_at`: not before then, and together with the person's others of then.
    """

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="email")
    digest_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="mails_waiting")]


class Retry(PracticeModel):
    """An administrator has work done again that failed: a message that was set aside, or the e-mail of a notice."""

    message = models.ForeignKey(OutboxMessage, models.PROTECT, related_name="+", null=True)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", null=True)
    attempts = models.PositiveSmallIntegerField("attempts before")
    last_error = models.CharField("failed with", max_length=200, blank=True)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField(max_length=REASON)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(message=None, notice__isnull=False) | Q(message__isnull=False, notice=None),
                name="retry_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="retry_says_why"),
        ]


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
