"""The e-mails of notices: each at once, or a person's alerts of a day together. None names a patient."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from dispatch.models import EmailDelivery
from foundation.practice_scope import every_practice

LEASE = timedelta(minutes=5)
# A mail that fails waits twice as long each time, up to this, and is tried for as long as its notice stands.
LONGEST_LEASE = timedelta(hours=6)
# After so many failures in a row the server is at fault, not a mail: the rest waits for the next run. One that does not
# answer is at fault at once: each mail would wait ten seconds for it, and what else the worker has to do with them.
FAILURES = 3
# The server, an address, or a header that cannot be written.
MAIL_FAILS = (OSError, ValueError)
# So many persons' digests are looked for at a time.
_SOME = 50
# A digest names what still is to be looked at. Of a line that she read or has done she needs no number.
WANTED = Q(notice__withdrawn_at=None) & (Q(digest_at=None) | Q(notice__read_at=None, notice__done_at=None))
_WITH = ("notice__recipient", "notice__practice")


def due_emails(*, at: datetime):
    """What waits to be sent, but for digests whose hour has not come."""
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    rows = EmailDelivery.objects.filter(free, WANTED, sent_at=None).order_by("id")
    return rows.filter(Q(digest_at=None) | Q(digest_at__lte=at))


def send_due_emails(*, at: datetime | None = None, limit: int = 50) -> int:
    """Send what waits, each under a lease. A crash after sending repeats a mail with the same Message-ID.

    How many went out. One that fails keeps none behind it waiting; what it failed with is raised after the others.
    """
    sent, failures, in_a_row = 0, list[Exception](), 0
    with every_practice():
        for mails in islice(_leased(lambda: at or timezone.now()), limit):
            try:
                sent, in_a_row = sent + _send(mails), 0
            except MAIL_FAILS as error:
                _note(mails, last_error=type(error).__name__)
                failures.append(error)
                in_a_row = FAILURES if isinstance(error, TimeoutError) else in_a_row + 1
            if in_a_row == FAILURES:
                break
    if failures:
        raise failures[-1]
    return sent


def _leased(now) -> Iterator[list[EmailDelivery]]:
    """One at a time, so that nothing is held while another is being sent."""
    while mail := _lease_next(now()):
        yield [mail]
    while mails := _lease_digest(now()):
        yield mails


@transaction.atomic
def _send(leased: Sequence[EmailDelivery]) -> bool:
    """All of them in one message; whether it was still to be sent. What fails is tried again when the lease is over.

    The rows are held meanwhile, so that nobody has one sent again that is on its way.
    """
    mails = _still_leased(leased)
    if mails:
        (_digest(mails) if mails[0].digest_at else _message(mails[0])).send()
        _note(mails, sent_at=timezone.now(), last_error="")
    return bool(mails)


def _still_leased(leased: Sequence[EmailDelivery]) -> list[EmailDelivery]:
    """Those that nobody freed since: another run may be sending them, or may have."""
    rows = EmailDelivery.objects.filter(pk__in=[mail.pk for mail in leased], sent_at=None)
    until = dict(rows.select_for_update(skip_locked=True).values_list("pk", "leased_until"))
    return [mail for mail in leased if until.get(mail.pk) == mail.leased_until]


def _note(mails: Sequence[EmailDelivery], **fields) -> None:
    EmailDelivery.objects.filter(pk__in=[mail.pk for mail in mails]).update(**fields)


@transaction.atomic
def _lease_next(now: datetime) -> EmailDelivery | None:
    rows = due_emails(at=now).filter(digest_at=None).select_related(*_WITH)
    mail = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if mail is not None:
        _lease([mail], now)
    return mail


@transaction.atomic
def _lease_digest(now: datetime) -> list[EmailDelivery]:
    """All that one person is to be told of together, in one practice. Whoever else asks takes another person's."""
    waiting = due_emails(at=now).filter(digest_at__isnull=False)
    people = waiting.order_by("digest_at", "notice__recipient").values_list(
        "notice__practice", "notice__recipient", "digest_at"
    )
    for practice, recipient, digest_at in people.distinct()[:_SOME]:
        if _mine(f"digest:{practice}:{recipient}"):
            rows = waiting.filter(notice__practice=practice, notice__recipient=recipient, digest_at=digest_at)
            mails = list(rows.select_related(*_WITH).select_for_update(of=("self",)))
            if mails:
                _lease(mails, now)
                return mails
    return []


def _mine(name: str) -> bool:
    """Whether nobody else is taking this at the moment, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 58))", [name])
        return cursor.fetchone()[0]


def _lease(mails: Sequence[EmailDelivery], now: datetime) -> None:
    """5 minutes at first, then 10, 20 … 6 hours."""
    for mail in mails:
        longer = LEASE * 2 ** min(mail.attempts, 10)
        mail.leased_until, mail.attempts = now + min(longer, LONGEST_LEASE), mail.attempts + 1
    EmailDelivery.objects.bulk_update(mails, ["leased_until", "attempts"])


def _message(mail: EmailDelivery) -> EmailMessage:
    notice = mail.notice
    body = f"{notice.headline}.\n\nOpen it in RPM Portal: {settings.SITE_URL}{notice.url}\n\n"
    return _mail(notice, f"RPM Portal: {notice.headline}", body, f"notice-{notice.pk}")


def _digest(mails: Sequence[EmailDelivery]) -> EmailMessage:
    """`5 patients reached 20 min in November 2026.`, a line for each, and where the inbox is."""
    notices = [mail.notice for mail in mails]
    counts = Counter(notice.fold or notice.headline for notice in notices)
    lines = [f"{count} patient{'' if count == 1 else 's'} {words}." for words, count in counts.items()]
    inbox = f"Open your inbox in RPM Portal: {settings.SITE_URL}{reverse('dispatch:inbox')}"
    body = "\n".join([*lines, "", inbox, ""])
    total = f"{len(mails)} alert{'' if len(mails) == 1 else 's'} today"
    first = min(notice.pk for notice in notices)
    return _mail(notices[0], f"RPM Portal: {total}", f"{body}\n", f"digest-{first}")


def _mail(notice, subject: str, body: str, name: str) -> EmailMessage:
    return EmailMessage(
        subject=subject,
        body=f"{body}{notice.practice.name}. This message names no patient on purpose.\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<{name}@rpm-portal>"},
    )
