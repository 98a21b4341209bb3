"""Telling people: a line in each inbox, and its e-mail."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import AlertEmails, Preferences
from dispatch.kinds import kind_of
from dispatch.models import EmailDelivery, Notice
from foundation.local_time import moments

# By the practice's clocks, when the day's alerts go out together. No country's clocks skip it.
DIGEST_AT = time(17)


def notify(
    practice,
    recipients: Iterable,
    *,
    kind: str,
    cause: str,
    text: str,
    url: str,
    patient_id: UUID | None = None,
    fold: str = "",
    urgent: bool = False,
    email: bool = True,
    again: bool = False,
    at: datetime | None = None,
) -> None:
    """One line in each inbox, and an e-mail that names no patient. Repeating it for the same cause does nothing.

    `fold`: what many like it say together, after "27 patients". `again`: a line that was withdrawn stands again, unread
    and with these words; without another e-mail. A constant number of queries, however many are told.
    """
    told = [user.pk for user in recipients]
    given = {"practice": practice, "kind": kind, "text": text, "url": url, "patient_id": patient_id}
    with transaction.atomic():
        known = set(
            Notice.objects.filter(cause=cause, recipient__in=told).values_list("recipient", flat=True)
        )
        fresh = [pk for pk in told if pk not in known]
        lines = [Notice(recipient_id=pk, cause=cause, fold=fold, urgent=urgent, **given) for pk in fresh]
        # Whoever told them at the same moment was first.
        Notice.objects.bulk_create(lines, ignore_conflicts=True)
        if email and fresh:
            _ask_for_emails(practice, kind, cause, fresh, at=at or timezone.now())
    if again and known:
        old = Notice.objects.filter(cause=cause, recipient__in=known, withdrawn_at__isnull=False)
        # As one whose snooze ended now: an older page, which did not show it, does not mark it read.
        back = at or timezone.now()
        old.update(withdrawn_at=None, read_at=None, done_at=None, snoozed_until=back, text=text)


def _ask_for_emails(practice, kind: str, cause: str, told: list[UUID], *, at: datetime) -> None:
    at_once: set[UUID] = set(told)
    if kind_of(kind).daily:
        choice = Preferences.objects.filter(user__in=told, alert_emails=AlertEmails.AT_ONCE)
        at_once = set(choice.values_list("user", flat=True))
    together = next_digest(practice, at)
    lines = Notice.objects.filter(cause=cause, recipient__in=told).values_list("pk", "recipient")
    mails = [
        EmailDelivery(notice_id=pk, digest_at=None if user in at_once else together) for pk, user in lines
    ]
    EmailDelivery.objects.bulk_create(mails, ignore_conflicts=True)


def next_digest(practice, at: datetime) -> datetime:
    """When alerts of now go out together: today's hour, or tomorrow's."""
    day = practice.today(at)
    for when in (day, day + timedelta(days=1)):
        (moment,) = moments(when, DIGEST_AT, tz=practice.tz)
        if moment > at:
            return moment
    raise AssertionError("tomorrow is later than now")


def withdraw(*causes: str, at, but: Iterable = ()) -> None:
    """What these notices announced no longer stands, but for these people. Mails not yet sent stay unsent."""
    standing = Notice.objects.filter(cause__in=causes, withdrawn_at=None)
    standing.exclude(recipient__in=but).update(withdrawn_at=at)


def mailed_and_waiting(*causes: str, to) -> bool:
    """Whether one of these lines is still to be looked at by somebody who got its e-mail, or that of one before it."""
    waiting = Notice.objects.filter(
        cause__in=causes, recipient=to, read_at=None, done_at=None, withdrawn_at=None
    )
    return waiting.filter(Q(email=None) | Q(email__sent_at__isnull=False)).exists()


def standing(practice, kind: str):
    """Lines of this kind that were not withdrawn."""
    return Notice.objects.filter(practice=practice, kind=kind, withdrawn_at=None)
