"""The outbox: promised with the change, rung until done, done in effect once."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from devtools.ports import free_port
from dispatch import outbox, queues
from dispatch.management.commands import relay
from dispatch.models import OutboxMessage
from dispatch.tasks import full, ring
from foundation.context import current
from tests import factories


@pytest.fixture
def handled(monkeypatch):
    """A topic of the test's own; returns what its handler was given."""
    given = []
    monkeypatch.setitem(
        outbox._HANDLERS, "test.topic", lambda practice, **body: given.append((practice, body, current()))
    )
    return given


@pytest.fixture
def practice(db):
    return factories.practice("Maple", "maple")


def rung():
    """The relay's round with a bell that only writes down."""
    bells = []
    outbox.relay_once(lambda message_id, topic: bells.append((message_id, topic)))
    return bells


def test_work_falls_with_the_change_that_asked_for_it(practice):
    @transaction.atomic
    def change_that_fails():
        outbox.send(practice, "test.topic", id="1")
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        change_that_fails()
    assert not OutboxMessage.objects.exists()


def test_a_message_says_who_asked_in_which_request(practice):
    message = outbox.send(practice, "test.topic", id="1")
    assert (message.actor_label, message.request_id) == (current().actor_label, current().request_id)


def test_the_relay_rings_once_and_again_only_after_a_while(practice, handled):
    message = outbox.send(practice, "test.topic", id="1")
    assert rung() == [(message.pk, "test.topic")]
    assert rung() == []
    late = timezone.now() + outbox.RING_AGAIN + timedelta(seconds=1)
    assert outbox.relay_once(lambda *bell: None, at=late) == 1


def test_nothing_is_rung_for_again_while_its_queue_is_full(practice, handled):
    """What was never rung for is, and so is what waits in another queue; behind it nothing piles up."""
    first, other = outbox.send(practice, "test.topic", id="1"), outbox.send(practice, "test.other", id="1")
    bells = rung()
    assert len(bells) == 2
    new = outbox.send(practice, "test.topic", id="2")
    late, bells = timezone.now() + outbox.RING_AGAIN + timedelta(seconds=1), []
    for _ in range(3):
        outbox.relay_once(lambda pk, topic: bells.append(pk), full=lambda: Q(topic="test.topic"), at=late)
    assert bells == [other.pk, new.pk]
    outbox.relay_once(lambda pk, topic: bells.append(pk), full=lambda: Q(pk=None), at=late)
    assert bells == [other.pk, new.pk, first.pk]


def test_the_broker_is_asked_only_when_something_is_to_be_rung_for_again(practice):
    outbox.send(practice, "test.topic", id="1")
    asked, late = [], timezone.now() + outbox.RING_AGAIN + timedelta(seconds=1)
    ask = {"full": lambda: asked.append(1) or Q(pk=None)}
    assert outbox.relay_once(lambda *bell: None, **ask) == 1
    assert outbox.relay_once(lambda *bell: None, **ask) == 0
    assert asked == []
    assert outbox.relay_once(lambda *bell: None, at=late, **ask) == 1
    assert asked == [1]


def test_a_queue_is_full_from_as_many_tasks_on_as_are_enough(practice, monkeypatch):
    sent = {topic: outbox.send(practice, topic, id="1").pk for topic in ("test.topic", "billing.close_chunk")}
    depths = queues.depths()
    assert depths is not None
    monkeypatch.setattr(outbox, "ENOUGH", max(depths.values()) + 1000)
    assert not OutboxMessage.objects.filter(full()).exists()
    for name, topic in (("interactive", "test.topic"), ("close", "billing.close_chunk")):
        depths = queues.depths()
        monkeypatch.setattr(outbox, "ENOUGH", max(depths.values()) + 1)
        for _ in range(outbox.ENOUGH - depths[name]):
            ring(1, topic)
        assert list(OutboxMessage.objects.filter(full()).values_list("pk", flat=True)) == [sent[topic]]


def test_a_broker_that_is_away_is_not_full(practice, monkeypatch):
    outbox.send(practice, "test.topic", id="1")
    monkeypatch.setattr(queues, "broker_address", lambda: f"redis://127.0.0.1:{free_port()}/0")
    assert not OutboxMessage.objects.filter(full()).exists()


def test_a_relay_that_dies_while_ringing_marks_nothing(practice):
    outbox.send(practice, "test.topic", id="1")

    def dies(*bell):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        outbox.relay_once(dies)
    assert len(rung()) == 1


def test_what_is_done_is_neither_done_nor_rung_again(practice, handled):
    message = outbox.send(practice, "test.topic", id="1")
    assert outbox.deliver(message.pk)
    assert not outbox.deliver(message.pk)
    assert len(handled) == 1
    assert rung() == []


def test_the_handler_works_in_the_request_that_asked_and_signs_as_the_system(practice, handled):
    message = outbox.send(practice, "test.topic", id="1")
    outbox.deliver(message.pk)
    ((where, body, actor),) = handled
    assert (where, body) == (practice, {"id": "1"})
    assert (actor.request_id, actor.actor_label, actor.actor_id) == (
        message.request_id,
        "system: test.topic",
        None,
    )


def test_a_failed_attempt_leaves_nothing_of_its_work_but_the_count(practice, monkeypatch):
    def half(practice, **body):
        practice.name = "half done"
        practice.save()
        raise ValueError("Jane Doe, born 1948")

    monkeypatch.setitem(outbox._HANDLERS, "test.topic", half)
    message = outbox.send(practice, "test.topic", id="1")
    with pytest.raises(ValueError, match="Jane"):
        outbox.deliver(message.pk)
    message.refresh_from_db()
    practice.refresh_from_db()
    assert (practice.name, message.attempts, message.done_at) == ("Maple", 1, None)
    assert message.last_error == "ValueError"


def test_after_too_many_failures_it_is_set_aside_and_seen(practice, monkeypatch, caplog):
    def fails(practice, **body):
        raise ValueError

    monkeypatch.setitem(outbox._HANDLERS, "test.topic", fails)
    message = outbox.send(practice, "test.topic", id="1")
    for _ in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(ValueError):  # noqa: PT011
            outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.failed_at
    assert "set aside" in caplog.text


def test_what_was_set_aside_is_rung_rarely_and_done_when_it_can_be(practice, handled):
    message = outbox.send(practice, "test.topic", id="1")
    now = timezone.now()
    OutboxMessage.objects.filter(pk=message.pk).update(published_at=now, failed_at=now)
    just_before, just_after = (now + outbox.RING_RARELY + timedelta(seconds=s) for s in (-1, 1))
    assert outbox.relay_once(lambda *bell: None, at=just_before) == 0
    assert outbox.relay_once(lambda *bell: None, at=just_after) == 1
    assert outbox.deliver(message.pk)
    message.refresh_from_db()
    assert (message.failed_at, bool(message.done_at), len(handled)) == (None, True, 1)


def test_two_handlers_of_one_topic_are_a_mistake():
    outbox.handles("test.twice")(lambda practice: None)
    try:
        with pytest.raises(ValueError, match="Two handlers"):
            outbox.handles("test.twice")(lambda practice: None)
    finally:
        del outbox._HANDLERS["test.twice"]


@pytest.mark.django_db(transaction=True)
def test_workers_who_come_together_do_the_work_once(monkeypatch):
    done, start = [], threading.Barrier(6)
    monkeypatch.setitem(outbox._HANDLERS, "test.topic", lambda practice, **body: done.append(body))
    message = outbox.send(factories.practice("Maple", "maple"), "test.topic", id="1")

    def work():
        start.wait()
        outbox.deliver(message.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_waiting_messages():
    practice = factories.practice("Maple", "maple")
    for number in range(20):
        outbox.send(practice, "test.topic", id=str(number))
    bells, first_has_rung, second_is_through = [], threading.Event(), threading.Event()

    def slowly(message_id, topic):
        bells.append(message_id)
        first_has_rung.set()
        second_is_through.wait(5)

    def first():
        outbox.relay_once(slowly, limit=10)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    first_has_rung.wait(5)
    outbox.relay_once(lambda message_id, topic: bells.append(message_id), limit=20)
    second_is_through.set()
    thread.join()
    assert len(bells) == len(set(bells)) == 20


@pytest.mark.django_db(transaction=True)
def test_what_the_relay_rings_for_besides_keeps_no_message_waiting(monkeypatch):
    def fails():
        raise OperationalError("canceling statement due to statement timeout")

    message = outbox.send(factories.practice("Maple", "maple"), "test.topic", id="1")
    bells = []
    monkeypatch.setattr(outbox, "_RINGS", [fails])
    monkeypatch.setattr(relay, "ring", lambda message_id, topic: bells.append(message_id))
    monkeypatch.setattr(relay, "say_alive", lambda sender: None)
    monkeypatch.setattr(relay.time, "sleep", lambda seconds: None)
    command = relay.Command()
    command.stopping, command.waiting, command.pulse_at = False, False, 0.0
    command._round(idle=0)
    assert bells == [message.pk]
