"""The queues of work: what administrators see, and having it done again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from devtools.ports import free_port
from dispatch import notices, outbox, queues
from dispatch.models import EmailDelivery, OutboxMessage, Retry
from dispatch.tasks import ring
from foundation.refusals import Refused

REASON = "The mail server is back."


@pytest.fixture
def ade(cast, client):
    client.force_login(cast.user("ade"))
    return client


def failed_message(practice) -> OutboxMessage:
    message = outbox.send(practice, "timelogs.time_changed", patient_month=str(uuid4()))
    message.failed_at, message.attempts, message.last_error = timezone.now(), 8, "DoesNotExist"
    message.published_at = timezone.now()
    message.save()
    return message


def failed_mail(practice, user) -> EmailDelivery:
    notices.notify(practice, [user], kind="close", cause=str(uuid4()), text="t", url="/")
    mail = EmailDelivery.objects.latest("id")
    mail.attempts, mail.last_error, mail.leased_until = 8, "OSError", timezone.now() + timedelta(hours=6)
    mail.save()
    return mail


def retry(client, what: str, row, reason: str = REASON, operation=None):
    form = {"operation_id": str(operation or uuid4()), "reason": reason}
    return client.post(f"/queues/{what}/{row.pk}/retry/", form)


def test_the_page_says_what_waits_how_long_and_what_failed(cast, ade):
    failed_message(cast.practice)
    failed_message(cast.elsewhere)
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    failed_mail(cast.practice, cast.user("cora"))
    page = ade.get("/queues/")
    text = page.content.decode()
    assert page.context["counts"] == {"messages": 1, "mails": 1}
    assert "Slow" in text
    assert "Alerts after time was signed or changed" in text
    assert "DoesNotExist" in text
    mails = ade.get("/queues/?tab=mails").content.decode()
    assert "Dead" in mails
    assert "cora@example.test" in mails


def test_the_depth_of_a_queue_is_what_the_broker_holds(cast):
    before = queues.depths()
    ring(1)
    ring(2, "billing.close_chunk")
    after = queues.depths()
    assert {name: after[name] - before[name] for name in after} == {
        "interactive": 1, "close": 1, "intake": 0, "exports": 0,
    }  # fmt: skip


def test_a_broker_that_is_away_keeps_no_page(cast, ade, monkeypatch):
    away = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setattr(queues, "broker_address", lambda: away)
    page = ade.get("/queues/")
    assert page.context["depths"] is None
    assert "The broker does not answer" in page.content.decode()


def test_a_message_is_rung_for_again_and_who_asked_is_written_down(cast, ade):
    message, operation = failed_message(cast.practice), uuid4()
    for _ in range(2):
        assert retry(ade, "messages", message, operation=operation).status_code == 303
    message.refresh_from_db()
    assert (message.failed_at, message.published_at, message.attempts) == (None, None, 0)
    row = Retry.objects.get()
    assert (row.message, row.asked_by, row.reason, row.attempts, row.last_error) == (
        message, cast.ade, REASON, 8, "DoesNotExist",
    )  # fmt: skip
    assert row.history.get().history_change_reason == REASON
    rung = []
    outbox.relay_once(lambda pk, topic: rung.append(pk))
    assert message.pk in rung


def test_a_mail_goes_out_with_the_next(cast, ade, mailoutbox):
    from dispatch.emails import send_due_emails

    mail = failed_mail(cast.practice, cast.user("cora"))
    assert send_due_emails() == 0
    assert retry(ade, "mails", mail).status_code == 303
    assert send_due_emails() == 1
    assert Retry.objects.get().notice == mail.notice


@pytest.mark.parametrize("reason", ["", "   "])
def test_why_is_asked(reason, cast, ade):
    answer = retry(ade, "messages", failed_message(cast.practice), reason)
    assert answer.status_code == 422
    assert "Give the reason" in answer.content.decode()
    assert not Retry.objects.exists()


def test_what_was_done_meanwhile_is_not_tried_again(cast, ade):
    message = failed_message(cast.practice)
    OutboxMessage.objects.filter(pk=message.pk).update(done_at=timezone.now())
    with pytest.raises(Refused, match="done meanwhile"):
        queues.retry_message(message, reason=REASON, by=cast.ade, at=timezone.now())
    assert retry(ade, "messages", message).status_code == 404


def test_what_another_practice_has_is_not_there(cast, ade):
    assert retry(ade, "messages", failed_message(cast.elsewhere)).status_code == 404
    assert retry(ade, "mails", failed_mail(cast.elsewhere, cast.user("dora"))).status_code == 404


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "cora", "omar"])
def test_nobody_else_sees_the_queues(who, cast, client):
    client.force_login(cast.user(who))
    assert client.get("/queues/").status_code == 403


def test_the_database_refuses_a_retry_of_nothing_of_two_things_and_without_a_reason(cast):
    message, mail = failed_message(cast.practice), failed_mail(cast.practice, cast.user("cora"))
    for of, reason in (
        ({}, "r"),
        ({"message": message, "notice": mail.notice}, "r"),
        ({"message": message}, " "),
    ):
        row = Retry(
            practice=cast.practice,
            attempts=1,
            asked_by=cast.ade,
            asked_at=timezone.now(),
            reason=reason,
            **of,
        )
        with pytest.raises(Exception, match="retry_"), transaction.atomic():
            row.save()


def test_a_retry_is_of_its_own_practice(cast):
    message, now = failed_message(cast.elsewhere), timezone.now()
    told = {"attempts": 1, "asked_by": cast.ade, "asked_at": now, "reason": "r"}
    Retry(practice=cast.practice, message=message, **told).save()
    with pytest.raises(IntegrityError, match="_same"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_long_lists_come_by_pages(cast, ade, django_assert_max_num_queries):
    for _ in range(30):
        failed_message(cast.practice)
    page = ade.get("/queues/")
    assert len(page.context["page"].object_list) == 25
    assert len(ade.get("/queues/?page=2").context["page"].object_list) == 5
