"""E-mails of notices: tried for as long as the notice stands, ever more rarely, and seen when they stay behind."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone

from audit.invariants import broken
from dispatch import notices
from dispatch.models import EmailDelivery


@pytest.fixture
def waiting(cast) -> EmailDelivery:
    notices.notify(cast.practice, [cast.cora.user], kind="threshold", cause="x", text="t", url="/")
    return EmailDelivery.objects.get()


@pytest.fixture
def server_is_down(monkeypatch):
    def fails(self, *args, **kwargs):
        raise OSError

    monkeypatch.setattr(EmailMessage, "send", fails)
    return monkeypatch


def tries(hours: float, *, start) -> list[int]:
    """Ask every minute for so many hours; minutes at which a mail was tried."""
    tried = []
    for minute in range(int(hours * 60)):
        try:
            notices.send_due_emails(at=start + timedelta(minutes=minute))
        except OSError:
            tried.append(minute)
    return tried


def test_a_mail_is_tried_ever_more_rarely(waiting, server_is_down):
    tried = tries(3, start=timezone.now())
    gaps = [after - before for before, after in zip(tried, tried[1:], strict=False)]
    assert gaps == [6, 11, 21, 41, 81]


def test_after_any_number_of_failures_it_still_goes_out_within_six_hours(waiting, server_is_down):
    EmailDelivery.objects.update(attempts=400)
    start = timezone.now()
    assert tries(13, start=start) == [0, 361, 722]
    server_is_down.undo()
    assert notices.send_due_emails(at=start + timedelta(hours=19)) == 1
    waiting.refresh_from_db()
    assert waiting.sent_at


def test_a_mail_whose_notice_was_withdrawn_is_not_tried_again(waiting, server_is_down):
    tries(0.1, start=timezone.now())
    notices.withdraw("x", at=timezone.now())
    assert tries(24, start=timezone.now() + timedelta(hours=7)) == []


@pytest.mark.breaks_invariants
def test_a_mail_unsent_after_a_day_is_seen(waiting):
    assert "mails-go-out" not in broken()
    age("25 hours")
    assert len(broken()["mails-go-out"]) == 1
    notices.withdraw("x", at=timezone.now())
    assert "mails-go-out" not in broken()


def age(interval: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dispatch_notice SET created_at = created_at - %s::interval", [interval])
