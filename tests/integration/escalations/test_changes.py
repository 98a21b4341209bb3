"""A reading that is corrected or excluded after it opened an escalation: said there, and nothing ends by itself."""

from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from dispatch import outbox
from dispatch.emails import due_emails
from dispatch.models import Notice, OutboxMessage
from escalations import changes
from escalations.acts import escalate, hand_over, resolve
from escalations.holding import GONE
from escalations.models import Escalation, EscalationReading
from escalations.watching import take_in
from monitoring import services
from monitoring.models import Entrance, Reading, Source
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.taking import take
from patients.models import DeviceAssignment
from tests.integration.escalations.found import NOON, later, pressure, trail


def deliver(at) -> None:
    with time_machine.travel(at, tick=False):
        for message in OutboxMessage.objects.filter(done_at=None).order_by("id"):
            outbox.deliver(message.pk)


def typed(cast, *, minutes: int = 0, value: int = 182) -> Reading:
    row = pressure(cast.jane, later(minutes), value)
    row.source, row.device = Source.TYPED, None
    row.save()
    return row


def found(cast, *readings: Reading, at=NOON) -> Escalation:
    take_in(cast.practice, [reading.pk for reading in readings], at=at)
    return Escalation.objects.exclude(state="resolved").get(patient=cast.jane, cause="reading")


def exclude(cast, reading: Reading, *, at) -> None:
    services.exclude(reading, reason="The neighbor's.", by=cast.rosa, at=at)
    deliver(at)


def correct(cast, reading: Reading, value: int, second: int = 78, *, at) -> None:
    reading.refresh_from_db()
    given = {"value": Decimal(value), "second_value": Decimal(second), "version": reading.version}
    services.correct(reading, **given, reason="Mistyped.", by=cast.rosa, at=at)
    deliver(at)


def last(row: Escalation) -> str:
    return row.steps.order_by("number").last().words


def test_an_excluded_reading_is_said_and_where_none_is_left_plainly(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1), 190)
    row = found(cast, first, second)
    exclude(cast, first, at=later(10))
    assert last(row) == "Blood pressure of 02-Mar-2026 12:00, 182/96 mmHg was excluded: The neighbor's."
    exclude(cast, second, at=later(20))
    assert last(row).endswith(f"190/96 mmHg was excluded: The neighbor's.\n{GONE}")
    row.refresh_from_db()
    assert (row.state, trail(row)) == ("open", ["opened", "noted", "noted"])
    assert [notice.text.split(": ", 2)[2] for notice in Notice.objects.order_by("id")][1:] == [
        changes.CHANGED,
        GONE,
    ]


def told() -> list[str]:
    """What stands in the owner's inbox, newest first."""
    rows = Notice.objects.filter(kind="escalation", withdrawn_at=None).order_by("-id")
    return [notice.text.split(": ", 2)[2] for notice in rows]


def mails() -> int:
    """E-mails that would go out now, and do."""
    waiting = due_emails(at=later(60)).filter(notice__kind="escalation")
    return waiting.update(sent_at=later(60))


def test_of_what_became_of_its_readings_one_line_stands_with_its_last_words(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1), 190)
    row = found(cast, first, second)
    opened = told()
    assert mails() == 1
    exclude(cast, first, at=later(10))
    assert (told(), mails()) == ([changes.CHANGED, *opened], 1)
    exclude(cast, second, at=later(20))
    assert (told(), mails()) == ([GONE, *opened], 0)
    services.readmit(second, reason="It was hers.", by=cast.rosa, at=later(30))
    deliver(later(30))
    assert (told(), mails()) == ([changes.CHANGED, *opened], 0)
    assert trail(row) == ["opened", "noted", "noted", "noted"]


@pytest.mark.parametrize("seen", ["read_at", "done_at"])
def test_who_looked_at_the_last_change_gets_an_e_mail_of_the_next(seen, cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1), 190)
    found(cast, first, second)
    exclude(cast, first, at=later(10))
    assert mails() == 2
    Notice.objects.update(**{seen: later(15)})
    exclude(cast, second, at=later(20))
    assert mails() == 1


def test_a_change_whose_e_mail_did_not_go_out_yet_is_mailed_once_with_the_next(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1), 190)
    found(cast, first, second)
    assert mails() == 1
    exclude(cast, first, at=later(10))
    exclude(cast, second, at=later(20))
    assert mails() == 1


def test_a_new_owner_is_told_of_a_change_by_e_mail(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1), 190)
    row = found(cast, first, second)
    exclude(cast, first, at=later(10))
    assert mails() == 2
    row = hand_over(row, to=cast.luis, by=cast.rosa, at=later(15))
    assert mails() == 1
    exclude(cast, second, at=later(20))
    assert mails() == 1
    assert set(Notice.objects.filter(withdrawn_at=None).values_list("recipient", flat=True)) == {
        cast.luis.user_id
    }


def test_a_further_reading_stands_in_the_place_of_what_said_that_it_no_longer_holds(cast):
    first = pressure(cast.jane)
    row = found(cast, first)
    opened = told()
    exclude(cast, first, at=later(10))
    assert (told(), mails()) == ([GONE, *opened], 2)
    second = pressure(cast.jane, later(20), 190)
    found(cast, second, at=later(20))
    assert trail(row) == ["opened", "noted", "merged"]
    again = last(row)
    assert (told(), mails()) == ([again, *opened], 1)
    third = pressure(cast.jane, later(30), 185)
    found(cast, third, at=later(30))
    assert (told(), mails()) == ([again, *opened], 0), "It holds already: one more tells nobody."
    for reading, minutes in ((second, 40), (third, 50)):
        exclude(cast, reading, at=later(minutes))
    assert told() == [GONE, *opened]


def test_the_page_says_that_it_no_longer_holds_until_it_does(client, cast):
    reading = pressure(cast.jane)
    row = found(cast, reading)
    exclude(cast, reading, at=later(10))
    client.force_login(cast.rosa.user)
    page = reverse("escalations:escalation", args=[row.pk])
    assert "no longer holds" in client.get(page).context["steps"][-1].words
    assert client.get(page).context["is_over"]
    services.readmit(reading, reason="It was hers.", by=cast.rosa, at=later(20))
    deliver(later(20))
    assert last(row) == "Blood pressure of 02-Mar-2026 12:00, 182/96 mmHg counts again."
    assert not client.get(page).context["is_over"]
    assert len(client.get(page).context["lines"]) == 1


def test_a_corrected_value_is_said_with_the_one_before(cast):
    reading = typed(cast)
    row = found(cast, reading)
    correct(cast, reading, 128, at=later(10))
    assert last(row) == (
        "Blood pressure of 02-Mar-2026 12:00 was corrected from 182/96 mmHg to 128/78 mmHg.\n" + GONE
    )
    assert Escalation.objects.filter(cause="reading").count() == 1


def test_a_device_that_corrects_and_withdraws_is_said_too(cast):
    serial = DeviceAssignment.objects.get(patient=cast.jane).device.serial
    value = Incoming("blood_pressure", Decimal(182), NOON, Decimal(96), serial=serial, identifier="a")
    hub = {"practice": cast.practice, "entrance": Entrance.HUB, "sender": "hub one"}
    take([value], **hub, at=NOON)
    deliver(NOON)
    row = Escalation.objects.get(cause="reading")
    for number, status in enumerate((Status.CORRECTED, Status.ERROR), start=1):
        change = Incoming(
            "blood_pressure", Decimal(172), NOON, Decimal(96), serial=serial, identifier="a", status=status
        )
        take([change], **hub, at=later(number))
        deliver(later(number))
    words = [step.words for step in row.steps.all()][1:]
    assert words[0].endswith("was corrected from 182/96 mmHg to 172/96 mmHg.")
    assert words[1].endswith(f"was excluded: Withdrawn by its sender, hub one.\n{GONE}")


def test_told_twice_it_is_said_once(cast):
    reading = pressure(cast.jane)
    row = found(cast, reading)
    exclude(cast, reading, at=later(10))
    OutboxMessage.objects.update(done_at=None)
    deliver(later(11))
    take_in(cast.practice, [reading.pk], at=later(12))
    assert trail(row) == ["opened", "noted"]
    with pytest.raises(IntegrityError), transaction.atomic():
        EscalationReading(practice=cast.practice, escalation=row, reading=reading, seen_version=2).save()


def test_excluded_and_counted_again_at_once_is_no_news(cast):
    reading = pressure(cast.jane)
    row = found(cast, reading)
    services.exclude(reading, reason="?", by=cast.rosa, at=later(1))
    services.readmit(reading, reason="!", by=cast.rosa, at=later(2))
    deliver(later(3))
    assert trail(row) == ["opened"]


@pytest.mark.parametrize(("value", "opens"), [(200, True), (150, True), (128, False)])
def test_a_value_corrected_after_its_escalation_was_resolved_is_looked_at_anew(cast, value, opens):
    reading = typed(cast)
    row = found(cast, reading)
    resolve(row, outcome="advised", by=cast.rosa, at=later(5))
    correct(cast, reading, value, at=later(10))
    anew = Escalation.objects.filter(cause="reading").exclude(pk=row.pk)
    assert [each.state for each in anew] == (["open"] if opens else [])
    take_in(cast.practice, [reading.pk], at=later(20))
    assert anew.count() == opens
    row.refresh_from_db()
    assert trail(row) == ["opened", "resolved"]


def test_excluded_and_counted_again_after_it_was_resolved_opens_nothing(cast):
    reading = pressure(cast.jane)
    row = found(cast, reading)
    resolve(row, outcome="not_real", words="Her neighbor's.", by=cast.rosa, at=later(5))
    exclude(cast, reading, at=later(10))
    services.readmit(reading, reason="It was hers.", by=cast.rosa, at=later(20))
    deliver(later(20))
    assert Escalation.objects.filter(cause="reading").count() == 1


def test_what_a_person_asks_hears_of_it_and_goes_on(cast):
    reading = pressure(cast.jane)
    asked = {"ask": "Evening dose?", "severity": "warning", "to": cast.ana, "by": cast.rosa}
    row = escalate(cast.jane, **asked, readings=[reading], at=NOON)
    exclude(cast, reading, at=later(10))
    assert trail(row) == ["opened", "referred", "noted"]
    assert GONE not in last(row)


def test_a_month_that_is_withdrawn_is_counted(cast):
    readings = [pressure(cast.jane, later(minutes)) for minutes in range(9)]
    row = found(cast, *readings)
    for reading in readings:
        services.exclude(reading, reason="r" * 300, by=cast.rosa, at=later(30))
    deliver(later(30))
    step = row.steps.order_by("number").last()
    assert len(step.words) <= 1000
    assert "4 more readings changed." in step.words
