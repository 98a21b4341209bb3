"""Readings that come in become escalations by the outbox, once; silence by its own task, ended by the next reading."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from dispatch import outbox
from dispatch.models import OutboxMessage
from escalations import tasks
from escalations.acts import open_or_merge
from escalations.models import Escalation
from escalations.watching import take_in
from foundation.refusals import Refused
from monitoring.models import Entrance
from monitoring.readings.incoming import Incoming
from monitoring.readings.taking import take
from patients.models import DeviceAssignment
from tests.integration.escalations.found import NOON, later, pressure, trail


def sent(cast, *values: int, at=NOON) -> None:
    """By a hub, one a minute; the worker does what the outbox asks for."""
    serial = DeviceAssignment.objects.get(patient=cast.jane).device.serial
    rows = [
        Incoming("blood_pressure", Decimal(value), at + timedelta(minutes=n), Decimal(78), serial=serial)
        for n, value in enumerate(values)
    ]
    take(rows, practice=cast.practice, entrance=Entrance.CSV, sender="test", at=at + timedelta(hours=1))
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        for message in OutboxMessage.objects.filter(done_at=None).order_by("id"):
            outbox.deliver(message.pk)


def test_a_batch_is_one_escalation_and_the_next_one_merges(cast):
    sent(cast, 182, 120, 175)
    row = Escalation.objects.get(cause="reading")
    assert (row.patient, row.owner, row.attached.count(), trail(row)) == (cast.jane, cast.ana, 2, ["opened"])
    sent(cast, 190, at=later(90))
    assert Escalation.objects.filter(cause="reading").count() == 1
    assert (row.attached.count(), trail(row)) == (3, ["opened", "merged"])


def test_what_is_in_range_opens_nothing(cast):
    sent(cast, 118, 121)
    assert not Escalation.objects.exists()


def test_a_message_that_comes_twice_changes_nothing(cast):
    sent(cast, 182)
    row = Escalation.objects.get(cause="reading")
    OutboxMessage.objects.update(done_at=None)
    outbox.deliver(OutboxMessage.objects.get().pk)
    row.refresh_from_db()
    assert row.version == 1


def test_a_crash_between_leaves_the_work_to_be_done_again(cast, monkeypatch):
    calls = []

    def dies(finding, **more):
        calls.append(finding)
        raise RuntimeError

    monkeypatch.setattr("escalations.watching.open_or_merge", dies)
    with pytest.raises(RuntimeError):
        sent(cast, 182)
    assert calls
    assert not Escalation.objects.exists()
    monkeypatch.undo()
    outbox.deliver(OutboxMessage.objects.get(done_at=None).pk)
    assert Escalation.objects.get(cause="reading")


def test_what_fails_for_one_patient_is_told_again_alone(cast, monkeypatch):
    def fails_for_jane(finding, **more):
        if finding.patient_id == cast.jane.pk:
            raise RuntimeError
        return open_or_merge(finding, **more)

    readings = [pressure(cast.jane), pressure(cast.max)]
    monkeypatch.setattr("escalations.watching.open_or_merge", fails_for_jane)
    assert [row.patient for row in take_in(cast.practice, [each.pk for each in readings], at=NOON)] == [
        cast.max
    ]
    message = OutboxMessage.objects.get(topic="readings.taken")
    assert message.body == {"readings": str(readings[0].pk)}
    monkeypatch.undo()
    outbox.deliver(message.pk)
    assert Escalation.objects.get(patient=cast.jane, cause="reading")


def test_a_silence_that_somebody_ends_meanwhile_keeps_no_alert_back(cast, monkeypatch):
    def ended_already(*args, **more):
        raise Refused("This escalation is resolved.")

    silence(NOON)
    reading = pressure(cast.jane, later(30), 182)
    monkeypatch.setattr("escalations.watching.resolve", ended_already)
    assert [row.cause for row in take_in(cast.practice, [reading.pk], at=later(31))] == ["reading"]


def silence(at) -> list[Escalation]:
    with time_machine.travel(at, tick=False):
        tasks.watch_silence()
    return list(Escalation.objects.filter(cause="silence").order_by("patient__mrn"))


def test_who_is_silent_has_one_escalation_however_often_it_is_looked(cast):
    first = silence(NOON)
    assert [row.patient for row in first if row.practice_id == cast.practice.pk] == [cast.jane, cast.max]
    assert silence(later(hours=1)) == first
    assert all(row.version == 1 for row in silence(later(hours=48)))


def test_a_reading_ends_the_silence_and_says_so(cast):
    silence(NOON)
    reading = pressure(cast.jane, later(30), 118)
    take_in(cast.practice, [reading.pk], at=later(31))
    row = Escalation.objects.get(patient=cast.jane, cause="silence")
    assert (row.state, row.outcome, trail(row)) == ("resolved", "transmitting", ["opened", "resolved"])
    assert Escalation.objects.get(patient=cast.max, cause="silence").state == "open"


def test_an_old_reading_ends_no_silence_that_lasts(cast):
    silence(NOON)
    reading = pressure(cast.jane, NOON - timedelta(days=9), 118)
    take_in(cast.practice, [reading.pk], at=later(31))
    assert Escalation.objects.get(patient=cast.jane, cause="silence").state == "open"


def test_a_batch_asks_no_more_for_more_readings_in_range(cast, django_assert_max_num_queries):
    readings = [pressure(cast.jane, later(n), 118, 78) for n in range(30)]
    with django_assert_max_num_queries(20):
        take_in(cast.practice, [reading.pk for reading in readings], at=later(60))
