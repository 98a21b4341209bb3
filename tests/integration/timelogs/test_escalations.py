"""A session begun from an escalation: linked, with what was found in the note; also logged afterwards, and amended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from escalations import owners
from escalations.acts import answer, escalate, refer
from foundation.refusals import Refused
from tests.integration.escalations.found import opened
from tests.integration.timelogs.notes import CALL, signed_session
from tests.rows import signed_entry
from timelogs.clock.escalations import sessions_about, start_about, work_on, worked_on_in
from timelogs.models import EscalationWork, TimeEntry
from timelogs.signing.amend import amend


@pytest.fixture
def row(cast):
    return opened(cast.jane, timezone.now() - timedelta(hours=1))


def start(client, row) -> TimeEntry:
    answer = client.post(
        reverse("timelogs:escalation_session", args=[row.pk]), {"operation_id": str(uuid4())}
    )
    assert answer.status_code == 303
    return TimeEntry.objects.get()


def test_one_press_starts_the_session_with_what_was_found(cast, client, row):
    client.force_login(cast.rosa.user)
    entry = start(client, row)
    assert (entry.patient, entry.data_note) == (cast.jane, row.says)
    assert entry.data_facts
    assert worked_on_in(entry) == [row]
    page = client.get(reverse("timelogs:session", args=[entry.pk])).content.decode()
    assert reverse("escalations:escalation", args=[row.pk]) in page
    panel = client.get(reverse("timelogs:escalation_sessions", args=[row.pk])).content.decode()
    assert reverse("timelogs:session", args=[entry.pk]) in panel


def test_the_session_shows_what_the_clinician_answered_last(cast, client, row):
    client.force_login(cast.rosa.user)
    entry = start(client, row)
    for words in ("Wait a day.", "Double the evening dose."):
        answer(row, answer="change_medicine", words=words, by=cast.ana, at=timezone.now())
        refer(row, to=cast.ana, ask="And now?", by=cast.rosa, at=timezone.now())
    page = client.get(reverse("timelogs:session", args=[entry.pk])).content.decode()
    assert "Answer of Ana Rivera, MD: <b>Change medicine</b>: Double the evening dose." in page
    assert "Wait a day." not in page


def test_the_session_that_runs_is_linked_and_its_words_stay(cast, client, row):
    client.force_login(cast.rosa.user)
    entry = start(client, row)
    other = opened(cast.jane, timezone.now(), measure="heart_rate", says="Heart rate 122.")
    assert start(client, other) == entry
    entry.refresh_from_db()
    assert entry.data_note == row.says
    assert worked_on_in(entry) == [row, other]
    start(client, other)
    assert EscalationWork.objects.count() == 2


def test_beside_another_patients_clock_it_asks(cast, client, row):
    client.force_login(cast.rosa.user)
    start(client, opened(cast.max, timezone.now()))
    answer = client.post(
        reverse("timelogs:escalation_session", args=[row.pk]), {"operation_id": str(uuid4())}
    )
    assert answer.status_code == 409
    assert not worked_on_in(TimeEntry.objects.get())[1:]


def test_a_clinician_logs_her_answers_time_afterwards(cast, client, row):
    client.force_login(cast.ana.user)
    address = reverse("timelogs:session_past", args=[cast.jane.pk]) + f"?escalation={row.pk}"
    assert row.says in client.get(address).content.decode()
    began = timezone.now().astimezone(cast.practice.tz) - timedelta(hours=2)
    typed = {
        "day": began.date(),
        "starts": f"{began:%H:%M}",
        "minutes": "5",
        "reason": "Answered on the ward.",
    }
    assert client.post(address, {"operation_id": str(uuid4()), **typed}).status_code == 303
    assert [entry.author for entry in sessions_about(row)] == [cast.ana]


@pytest.mark.parametrize("asked", ["nonsense", "00000000-0000-4000-8000-000000000000", "max"])
def test_an_escalation_that_is_not_hers_names_none(cast, client, asked):
    other = opened(cast.max, timezone.now())
    client.force_login(cast.ana.user)
    asked = other.pk if asked == "max" else asked
    page = client.get(reverse("timelogs:session_past", args=[cast.jane.pk]) + f"?escalation={asked}")
    assert "About the escalation" not in page.content.decode()


def test_nobody_links_anothers_draft_and_the_database_no_other_patients(cast, row):
    entry = start_about(row, by=cast.rosa, at=timezone.now())
    with pytest.raises(Refused):
        work_on(entry, row, by=cast.luis, at=timezone.now())
    foreign = opened(cast.max, timezone.now())
    with pytest.raises(IntegrityError, match="not of its patient"), transaction.atomic():
        EscalationWork(practice=cast.practice, entry=entry, escalation=foreign).save()


def test_an_amended_version_is_about_the_same(cast):
    began = timezone.now() - timedelta(hours=3)
    asked = {"ask": "Call her?", "severity": "warning", "to": cast.rosa, "by": cast.rosa}
    row = escalate(cast.jane, at=began, **asked)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=300, **CALL)
    EscalationWork(practice=cast.practice, entry=entry, escalation=row).save()
    newer = amend(
        entry,
        note={},
        seconds=None,
        reason="Add detail",
        by=cast.rosa,
        at=timezone.now(),
    )
    assert sessions_about(row) == [newer]


def test_who_signed_last_is_asked_first(cast):
    signed_entry(cast.jane_enrolled, timezone.now() - timedelta(days=2), 5, by=cast.rosa)
    signed_entry(cast.jane_enrolled, timezone.now() - timedelta(days=1), 5, by=cast.luis)
    people = owners.in_order(cast.jane, at=timezone.now())
    assert [member.user.name for member in people] == ["Luis Ortiz", "Ana Rivera"]
