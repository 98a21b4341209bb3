"""The queues of work: what waits, what failed, and having it done again. Topics and ids, nobody's names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Q, QuerySet
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import Membership
from dispatch.emails import WANTED
from dispatch.kinds import topic_in_words
from dispatch.models import EmailDelivery, OutboxMessage, Retry
from dispatch.outbox import WAKE
from foundation.context import because
from foundation.refusals import Refused, refuse_if

# After so many failed tries an e-mail is called dead, though it is tried on, ever more rarely.
DEAD_AFTER = 8
QUEUES = {
    "interactive": "Alerts, e-mails and what somebody waits for",
    "close": "Closing months, and the nightly check",
    "intake": "Files and messages of other systems",
    "exports": "Exports",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one kind of work that are not done."""

    topic: str
    count: int
    oldest: timedelta

    @property
    def words(self) -> str:
        return topic_in_words(self.topic)

    @property
    def seconds(self) -> int:
        return int(self.oldest.total_seconds())


def waiting_by_topic(practice, *, at: datetime) -> list[Waiting]:
    """Oldest first; counted by the database."""
    rows = OutboxMessage.objects.filter(practice=practice, done_at=None).order_by()
    counted = rows.values_list("topic").annotate(n=Count("id"), oldest=Min("created_at"))
    return [Waiting(topic, n, at - oldest) for topic, n, oldest in counted.order_by("oldest")]


def set_aside(practice) -> QuerySet[OutboxMessage]:
    """Messages that failed too often, the latest first."""
    return OutboxMessage.objects.filter(practice=practice, done_at=None, failed_at__isnull=False).order_by(
        "-id"
    )


def unsent(practice) -> QuerySet[EmailDelivery]:
    """E-mails that failed at least once and still wait, the latest first."""
    rows = EmailDelivery.objects.filter(WANTED, notice__practice=practice, sent_at=None)
    return rows.exclude(last_error="").select_related("notice__recipient").order_by("-id")


def mails_waiting(practice, *, at: datetime) -> int:
    """E-mails whose time has come."""
    rows = EmailDelivery.objects.filter(WANTED, notice__practice=practice, sent_at=None)
    return rows.filter(Q(digest_at=None) | Q(digest_at__lte=at)).count()


def broker_address() -> str:
    return settings.CELERY_BROKER_URL


def depths() -> dict[str, int] | None:
    """Tasks that wait in each of Celery's queues; None while the broker does not answer. Of the whole server."""
    quick = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry_on_timeout": False}
    try:
        with Connection(broker_address(), transport_options=quick) as broker:
            client = broker.default_channel.client
            return {name: client.llen(name) for name in QUEUES}
    except (OperationalError, RedisError, OSError):
        return None


@transaction.atomic
def retry_message(message: OutboxMessage, *, reason: str, by: Membership, at: datetime) -> Retry:
    """Ring for it at once, with as many tries before it as a new one."""
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    refuse_if(why_not_retry(row.done_at))
    retry = _write_down(row, message=row, reason=reason, by=by, at=at)
    row.failed_at, row.published_at, row.attempts = None, None, 0
    row.save(update_fields=["failed_at", "published_at", "attempts"])
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE}")
    return retry


@transaction.atomic
def retry_mail(mail: EmailDelivery, *, reason: str, by: Membership, at: datetime) -> Retry:
    """Send it with the next that go out. Whoever sends it at this moment holds its row."""
    rows = EmailDelivery.objects.select_for_update(of=("self",), skip_locked=True).select_related("notice")
    row = rows.filter(pk=mail.pk).first()
    if row is None:
        raise Refused("It is being sent at this moment. Look in a minute whether it went out.")
    refuse_if(why_not_retry(row.sent_at))
    retry = _write_down(row, notice=row.notice, reason=reason, by=by, at=at)
    row.leased_until, row.attempts, row.last_error = None, 0, ""
    row.save(update_fields=["leased_until", "attempts", "last_error"])
    return retry


def why_not_retry(done_at: datetime | None) -> str | None:
    return None if done_at is None else "It has been done meanwhile. There is nothing to try again."


def _write_down(failed, *, reason: str, by: Membership, at: datetime, **of) -> Retry:
    retry = Retry(
        practice=by.practice,
        attempts=failed.attempts,
        last_error=failed.last_error,
        asked_by=by,
        asked_at=at,
        reason=reason.strip(),
        **of,
    )
    with because(reason):
        retry.save()
    return retry
