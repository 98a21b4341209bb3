"""E-mails of notices: tried for as long as the notice stands, ever more rarely, and seen when they stay behind."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from threading import Thread

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts.preferences import choose
from audit.invariants import broken
from dispatch import emails, notices
from dispatch.models import EmailDelivery, Notice
from dispatch.queues import mails_waiting, retry_mail
from foundation.context import acting
from foundation.refusals import Refused
from tests.cast import make_cast


@pytest.fixture
def waiting(cast) -> EmailDelivery:
    notices.notify(cast.practice, [cast.cora.user], kind="close", cause="x", text="t", url="/")
    return EmailDelivery.objects.get()


@pytest.fixture
def server_is_down(monkeypatch):
    def fails(self, *args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr(EmailMessage, "send", fails)
    return monkeypatch


def tries(hours: float, *, start) -> list[int]:
    """Ask every minute for so many hours; minutes at which a mail was tried."""
    tried = []
    for minute in range(int(hours * 60)):
        try:
            emails.send_due_emails(at=start + timedelta(minutes=minute))
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
    assert emails.send_due_emails(at=start + timedelta(hours=19)) == 1
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


def test_what_failed_is_noted_until_it_went_out(waiting, server_is_down):
    tries(0.02, start=timezone.now())
    waiting.refresh_from_db()
    assert (waiting.attempts, waiting.last_error) == (1, "OSError")
    server_is_down.undo()
    assert emails.send_due_emails(at=timezone.now() + timedelta(hours=1)) == 1
    waiting.refresh_from_db()
    assert waiting.last_error == ""


# One that fails, and the others ---------------------------------------------------------------------------------


@pytest.fixture
def refused(monkeypatch) -> set[str]:
    """Addresses that the mail server takes nothing for."""
    addresses: set[str] = set()

    class Server(EmailBackend):
        def send_messages(self, messages):
            if any(address in addresses for message in messages for address in message.to):
                raise SMTPRecipientsRefused({})
            return super().send_messages(messages)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", Server)
    return addresses


def told_at_once(cast, *names: str) -> None:
    for name in names:
        notices.notify(cast.practice, [cast.user(name)], kind="close", cause=name, text="t", url="/")


def test_a_mail_that_fails_keeps_none_behind_it_waiting(cast, refused, mailoutbox):
    told_at_once(cast, "cora", "rosa", "luis")
    alert(cast, "lena", cause="a")
    refused.add(cast.user("cora").email)
    with pytest.raises(SMTPRecipientsRefused):
        emails.send_due_emails(at=FIVE)
    assert [mail.to[0] for mail in mailoutbox] == [cast.user(name).email for name in ("rosa", "luis", "lena")]
    (left,) = EmailDelivery.objects.filter(sent_at=None)
    assert (left.notice.recipient, left.last_error) == (cast.user("cora"), "SMTPRecipientsRefused")


@pytest.mark.parametrize(("failing", "gone"), [(emails.FAILURES - 1, True), (emails.FAILURES, False)])
def test_a_server_that_takes_none_is_left_alone_until_the_next_run(failing, gone, cast, refused, mailoutbox):
    names = ("cora", "rosa", "luis", "lena")
    told_at_once(cast, *names)
    refused.update(cast.user(name).email for name in names[:failing])
    with pytest.raises(SMTPRecipientsRefused):
        emails.send_due_emails(at=FIVE)
    assert bool(mailoutbox) is gone
    tried = EmailDelivery.objects.filter(attempts__gt=0).count()
    assert tried == (len(names) if gone else emails.FAILURES)
    assert emails.send_due_emails(at=FIVE + timedelta(seconds=10)) == len(names) - tried
    assert EmailDelivery.objects.filter(sent_at=None).count() == failing


def test_a_server_that_does_not_answer_is_asked_once_in_a_run(cast, monkeypatch):
    """Each would take the ten seconds that one waits for it, and the worker is there for alerts."""

    class Server(EmailBackend):
        def send_messages(self, messages):
            raise TimeoutError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", Server)
    told_at_once(cast, "cora", "rosa", "luis")
    with pytest.raises(TimeoutError):
        emails.send_due_emails(at=FIVE)
    assert EmailDelivery.objects.filter(attempts__gt=0).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_on_its_way_is_not_tried_again_by_hand(monkeypatch, mailoutbox):
    """Pressed while the server takes it: refused, and sent once."""
    cast, pressed = make_cast(), []
    told_at_once(cast, "cora")
    EmailDelivery.objects.update(last_error="OSError")
    send = EmailMessage.send

    def press():
        pressed.append("pressed")
        with acting("system: trial"):
            try:
                retry_mail(EmailDelivery.objects.get(), reason="Nothing came.", by=cast.ade, at=FIVE)
            except Refused as refusal:
                pressed.append(refusal.message)
            pressed.append(emails.send_due_emails(at=FIVE + timedelta(hours=7)))
        connection.close()

    def slowly(self, *args, **kwargs):
        if not pressed:
            other = Thread(target=press)
            other.start()
            other.join()
        return send(self, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", slowly)
    assert emails.send_due_emails(at=FIVE) == 1
    assert pressed[1:] == ["It is being sent at this moment. Look in a minute whether it went out.", 0]
    assert len(mailoutbox) == 1


def test_a_mail_that_was_freed_before_it_went_out_is_sent_by_one_run(waiting, cast, mailoutbox):
    mine = emails._lease_next(FIVE)
    retry_mail(waiting, reason="Nothing came.", by=cast.ade, at=FIVE)
    assert emails.send_due_emails(at=FIVE + timedelta(seconds=1)) == 1
    assert not emails._send([mine])
    assert len(mailoutbox) == 1


# Alerts of a day together ----------------------------------------------------------------------------------------

# 17:00 in New York.
FIVE = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
FOLD = "reached 20 min in November 2026"


def alert(cast, *names: str, cause: str, at: datetime = FIVE - timedelta(hours=3), fold: str = FOLD) -> None:
    users = [cast.user(name) for name in names]
    told = {"kind": "threshold", "cause": cause, "text": "DOE, Jane reached 20 min", "url": "/patients/x/"}
    notices.notify(cast.practice, users, **told, fold=fold, patient_id=cast.jane.pk, at=at)


def test_alerts_go_out_together_at_five_and_name_nobody(cast, mailoutbox):
    for number in range(5):
        alert(cast, "cora", "rosa", cause=f"a{number}")
    alert(cast, "cora", cause="b", fold="within 4 min of 40 min in November 2026")
    assert emails.send_due_emails(at=FIVE - timedelta(seconds=1)) == 0
    assert emails.send_due_emails(at=FIVE) == 2
    assert emails.send_due_emails(at=FIVE + timedelta(hours=8)) == 0
    assert [mail.to for mail in mailoutbox] == [[cast.user("cora").email], [cast.user("rosa").email]] or [
        mail.to for mail in mailoutbox
    ] == [[cast.user("rosa").email], [cast.user("cora").email]]
    (mine,) = [mail for mail in mailoutbox if mail.to == [cast.user("cora").email]]
    assert mine.subject == "RPM Portal: 6 alerts today"
    assert "5 patients reached 20 min in November 2026.\n" in mine.body
    assert "1 patient within 4 min of 40 min in November 2026.\n" in mine.body
    assert "DOE" not in mine.subject + mine.body
    assert "/patients/" not in mine.body


def test_who_wants_each_at_once_gets_each_at_once(cast, mailoutbox):
    choose(cast.user("cora"), alert_emails="at_once")
    alert(cast, "cora", "rosa", cause="a")
    assert emails.send_due_emails(at=FIVE - timedelta(hours=3)) == 1
    assert [mail.to for mail in mailoutbox] == [[cast.user("cora").email]]
    assert "DOE" not in mailoutbox[0].subject + mailoutbox[0].body


@pytest.mark.parametrize(("seconds", "days"), [(-1, 0), (0, 1), (1, 1)])
def test_what_comes_at_five_or_later_is_tomorrows(seconds, days, cast):
    at = FIVE + timedelta(seconds=seconds)
    assert notices.next_digest(cast.practice, at) == FIVE + timedelta(days=days)


def test_what_was_withdrawn_before_is_not_in_it(cast, mailoutbox):
    alert(cast, "cora", cause="a")
    alert(cast, "cora", cause="b")
    notices.withdraw("a", at=FIVE)
    emails.send_due_emails(at=FIVE)
    assert mailoutbox[0].subject == "RPM Portal: 1 alert today"


@pytest.mark.parametrize("seen", ["read_at", "done_at"])
def test_what_was_looked_at_before_is_not_counted(seen, cast, mailoutbox):
    for number in range(3):
        alert(cast, "cora", cause=f"a{number}")
    Notice.objects.filter(cause="a0").update(**{seen: FIVE})
    assert emails.send_due_emails(at=FIVE) == 1
    assert mailoutbox[0].subject == "RPM Portal: 2 alerts today"
    Notice.objects.update(**{seen: FIVE})
    alert(cast, "cora", cause="tomorrow", at=FIVE)
    Notice.objects.update(**{seen: FIVE})
    assert emails.send_due_emails(at=FIVE + timedelta(days=1)) == 0
    age("72 hours")
    assert "mails-go-out" not in broken()
    assert mails_waiting(cast.practice, at=FIVE + timedelta(days=1)) == 0


def test_a_digest_that_failed_is_tried_again_whole(cast, server_is_down):
    alert(cast, "cora", cause="a")
    alert(cast, "cora", cause="b")
    with pytest.raises(OSError, match="no route"):
        emails.send_due_emails(at=FIVE)
    assert list(EmailDelivery.objects.values_list("attempts", "last_error")) == [(1, "OSError")] * 2
    server_is_down.undo()
    assert emails.send_due_emails(at=FIVE + timedelta(minutes=4)) == 0
    assert emails.send_due_emails(at=FIVE + timedelta(minutes=6)) == 1
    assert not EmailDelivery.objects.filter(sent_at=None).exists()


def test_telling_many_takes_as_many_queries_as_telling_one(cast, django_assert_max_num_queries):
    everybody = ("rosa", "luis", "lena", "ana", "cora", "ade")
    with django_assert_max_num_queries(8):
        alert(cast, *everybody, cause="many")
    with django_assert_max_num_queries(8):
        alert(cast, "cora", cause="one")
    alert(cast, *everybody, cause="many")
    assert EmailDelivery.objects.count() == len(everybody) + 1


def age(interval: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dispatch_notice SET created_at = created_at - %s::interval", [interval])
