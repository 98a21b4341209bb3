"""The inbox and its e-mails."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dispatch.models import EmailDelivery, Notice
from foundation.practice_scope import every_practice

LEASE = timedelta(minutes=5)
# A mail that fails waits twice as long each time, up to this, and is tried for as long as its notice stands.
LONGEST_LEASE = timedelta(hours=6)


def notify(
    practice,
    recipients: Iterable,
    *,
    kind: str,
    cause: str,
    text: str,
    url: str,
    patient_id: UUID | None = None,
    email: bool = True,
    again: bool = False,
) -> None:
    """One line in each inbox, and an e-mail that names no patient. Repeating it for the same cause does nothing.

    `again`: a line that was withdrawn stands again, unread and with these words; without another e-mail.
    """
    for user in recipients:
        notice, fresh = Notice.objects.get_or_create(
            recipient=user,
            cause=cause,
            defaults={"practice": practice, "kind": kind, "text": text, "url": url, "patient_id": patient_id},
        )
        if fresh and email:
            EmailDelivery.objects.create(notice=notice)
        if again and notice.withdrawn_at is not None:
            Notice.objects.filter(pk=notice.pk).update(withdrawn_at=None, read_at=None, text=text)


def withdraw(*causes: str, at, but: Iterable = ()) -> None:
    """What these notices announced no longer stands, but for these people. Mails not yet sent stay unsent."""
    standing = Notice.objects.filter(cause__in=causes, withdrawn_at=None)
    standing.exclude(recipient__in=but).update(withdrawn_at=at)


def standing(practice, kind: str):
    """Lines of this kind that were not withdrawn."""
    return Notice.objects.filter(practice=practice, kind=kind, withdrawn_at=None)


def due_emails(*, at):
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    return EmailDelivery.objects.filter(free, sent_at=None, notice__withdrawn_at=None).order_by("id")


def send_due_emails(*, at=None, limit: int = 50) -> int:
    """Send what waits, each under a lease. A crash after sending repeats a mail with the same Message-ID."""
    sent = 0
    with every_practice():
        while sent < limit and (delivery := _lease_next(at or timezone.now())) is not None:
            _message(delivery).send()
            delivery.sent_at = timezone.now()
            delivery.save(update_fields=["sent_at"])
            sent += 1
    return sent


@transaction.atomic
def _lease_next(now) -> EmailDelivery | None:
    delivery = due_emails(at=now).select_for_update(skip_locked=True).first()
    if delivery is not None:
        delivery.leased_until, delivery.attempts = now + _lease(delivery.attempts), delivery.attempts + 1
        delivery.save(update_fields=["leased_until", "attempts"])
    return delivery


def _lease(attempts: int) -> timedelta:
    """How long a mail tried so often before is kept from the next try: 5 min, 10, 20 … 6 hours."""
    return min(LEASE * 2 ** min(attempts, 10), LONGEST_LEASE)


def _message(delivery: EmailDelivery) -> EmailMessage:
    notice = Notice.objects.select_related("recipient", "practice").get(pk=delivery.notice_id)
    body = (
        f"{notice.headline}.\n\n"
        f"Open it in RPM Portal: {settings.SITE_URL}{notice.url}\n\n"
        f"{notice.practice.name}. This message names no patient on purpose.\n"
    )
    return EmailMessage(
        subject=f"RPM Portal: {notice.headline}",
        body=body,
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@rpm-portal>"},
    )
