"""What a page, a heartbeat and a signature ask of the database does not grow with what the month holds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import started, text_of
from timelogs.clock import acts as clock
from timelogs.counting.sums import month_sum
from timelogs.models import TimeEntry
from timelogs.note import drafts
from timelogs.pages import axis, session
from timelogs.signing.sign import sign
from timelogs.signing.void import void
from timelogs.views import month_panel

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 14
NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
ABOUT_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@pytest.fixture
def rosa(cast, client):
    factories.readings(cast.jane, NOW.date() - timedelta(days=10), 10)
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.user("rosa"))
        yield client


def asked(act) -> list[str]:
    """The statements of an act, without those that begin and end transactions."""
    with CaptureQueriesContext(connection) as found:
        act()
    return [each["sql"] for each in found if not each["sql"].startswith(ABOUT_TRANSACTIONS)]


def work(cast, count: int, *, first: int = 0) -> list:
    """Signed sessions of a colleague, an hour after the other."""
    begin = NOW - timedelta(days=3) + timedelta(hours=first)
    times = [begin + timedelta(hours=number) for number in range(count)]
    return [signed_session(cast.jane, by=cast.luis, starts_at=at, seconds=300, **CALL) for at in times]


def beat(client, entry):
    return client.post(f"/sessions/{entry.pk}/heartbeat/", HTTP_X_BACKGROUND="1")


def signed(cast, entry) -> None:
    sign(entry, version=entry.version, by=cast.rosa, at=NOW)


def ready(cast):
    """A draft with its note, in the order of the day."""
    entry = drafts.log_past(
        cast.jane,
        starts_at=NOW - timedelta(minutes=30),
        seconds=300,
        reason="Typed later.",
        by=cast.rosa,
        at=NOW,
    )
    return drafts.save_draft(entry, note=CALL, version=entry.version, by=cast.rosa, at=NOW)


def test_questions_are_the_same_however_much_the_month_holds(cast, rosa):
    own = started(cast.jane, cast.rosa)
    pages = {
        "the heartbeat": lambda: beat(rosa, own),
        "the session": lambda: rosa.get(f"/sessions/{own.pk}/"),
        "its live parts": lambda: rosa.get(f"/sessions/{own.pk}/live/"),
        "the chart": lambda: rosa.get(reverse("chart", args=[cast.jane.pk])),
        "the chart's panel": lambda: rosa.get(reverse("timelogs:month_panel", args=[cast.jane.pk])),
    }
    work(cast, FEW)
    few = {name: len(asked(act)) for name, act in pages.items()}
    first = ready(cast)
    few["a signature"] = len(asked(lambda: signed(cast, first)))
    void(TimeEntry.objects.get(pk=first.pk), reason="Another patient's.", by=cast.rosa, at=NOW)
    work(cast, MANY - FEW, first=FEW)
    many = {name: len(asked(act)) for name, act in pages.items()}
    second = ready(cast)
    many["a signature"] = len(asked(lambda: signed(cast, second)))
    assert many == few
    assert few["the heartbeat"] == 6


def test_a_heartbeat_tells_that_a_colleague_signed_or_took_back(cast, rosa):
    own = started(cast.jane, cast.rosa)
    told = [json.loads(beat(rosa, own).content)["counted"]]
    (entry,) = work(cast, 1)
    told.append(json.loads(beat(rosa, own).content)["counted"])
    void(entry, reason="Another patient's.", by=cast.luis, at=NOW)
    told.append(json.loads(beat(rosa, own).content)["counted"])
    assert told == [0, 300, 0]


def test_a_heartbeat_cuts_seconds_as_the_page_does(cast, rosa):
    """Else each page would ask for its parts once more as soon as it is open."""
    own, theirs = started(cast.jane, cast.rosa), started(cast.jane, cast.luis, NOW - timedelta(minutes=10))
    entry = clock.pause(theirs, by=cast.luis, at=theirs.started_at + timedelta(seconds=60.7))
    note = {**CALL, "contact_seconds": 60}
    entry = drafts.save_draft(entry, note=note, version=None, by=cast.luis, at=NOW)
    sign(entry, version=None, by=cast.luis, at=NOW)
    told = json.loads(beat(rosa, own).content)["counted"]
    assert (told, month_sum(cast.jane, NOW.date().replace(day=1)).seconds) == (60, 60)


def test_the_session_shows_the_latest_of_its_month_and_leads_to_the_rest(cast, rosa, monkeypatch):
    monkeypatch.setattr(session, "LATEST", 2)
    own = started(cast.jane, cast.rosa)
    work(cast, 2)
    page = text_of(rosa.get(f"/sessions/{own.pk}/"))
    assert "2 signed sessions" in page
    assert "The chart lists all" not in page
    work(cast, 1, first=2)
    page = text_of(rosa.get(f"/sessions/{own.pk}/"))
    assert "3 signed sessions" in page
    assert "The latest 2." in page
    assert "The chart lists all 3" in page
    assert page.count("5 min counted") == 2


@pytest.mark.parametrize(
    ("page", "hours", "older"),
    [("", (1, 2), True), ("x", (1, 2), True), ("2", (0,), False), ("99", (0,), False)],
)
def test_the_charts_panel_goes_by_pages_the_latest_first(cast, rosa, monkeypatch, page, hours, older):
    monkeypatch.setattr(month_panel, "EACH", 2)
    entries = work(cast, 3)
    address = reverse("timelogs:month_panel", args=[cast.jane.pk])
    shown = text_of(rosa.get(address, {"month": "2026-03", "page": page}))
    assert "15 min counted" in shown
    links = [f'<a href="/sessions/{entry.pk}/"' in shown for entry in entries]
    assert links == [number in hours for number in range(3)]
    assert ("Older sessions" in shown, "Newer sessions" in shown) == (older, not older)


def test_many_sessions_are_one_mark_a_day_on_the_axis(cast, rosa, monkeypatch):
    monkeypatch.setattr(axis, "MOST", 3)
    work(cast, 2)
    tried = {"party": "patient", "method": "no_answer", "action": "try_again", "follow_up_on": NOW.date()}
    at = NOW - timedelta(days=2)
    signed_session(cast.jane, by=cast.luis, starts_at=at, seconds=240, **tried)
    month = (NOW - timedelta(days=19), NOW)
    one_by_one = [(event.kind, event.words.split(",")[0]) for event in axis.events(cast.jane, *month)]
    assert one_by_one.count(("session", "Session of 5 min")) == 2
    work(cast, 1, first=2)
    by_day = sorted((event.kind, event.words) for event in axis.events(cast.jane, *month))
    assert by_day == [
        ("attempt", "1 try without an answer"),
        ("contact", "3 contacts"),
        ("session", "1 session, 4 min"),
        ("session", "3 sessions, 15 min"),
    ]
