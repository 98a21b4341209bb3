"""Fifteen minutes without a person's doing end the session; polling does not keep it alive."""

from datetime import UTC, datetime

import pytest
import time_machine

from audit.models import SignInEvent, SignInKind

START = datetime(2026, 1, 20, 15, 0, tzinfo=UTC)
POLL = {"X-Background": "1", "HX-Request": "true"}


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rosa(clock, cast, client):
    client.force_login(cast.user("rosa"))
    assert client.get("/inbox/").status_code == 200
    return client


def poll(client, **headers):
    return client.get("/inbox/bell/", headers={**POLL, **headers})


def test_polling_every_thirty_seconds_does_not_extend_the_session(rosa, clock):
    for _ in range(29):
        clock.shift(30)
        assert poll(rosa).status_code == 200
    clock.shift(30)
    gone = poll(rosa)
    assert gone.status_code == 401
    assert gone["HX-Redirect"] == "/sign-in/"
    assert SignInEvent.objects.filter(kind=SignInKind.IDLE).count() == 1


def test_input_told_by_the_clocks_heartbeat_does(rosa, clock):
    for _ in range(40):
        clock.shift(60)
        assert poll(rosa, **{"X-Input": "1"}).status_code == 200


def test_opening_a_page_does(rosa, clock):
    for _ in range(3):
        clock.shift(14 * 60)
        assert rosa.get("/inbox/").status_code == 200


def test_an_idle_page_opened_later_leads_to_the_sign_in_and_back(rosa, clock):
    clock.shift(15 * 60)
    assert rosa.get("/inbox/?tab=done").url == "/sign-in/?next=/inbox/"


def test_asking_how_long_is_left_takes_nothing_and_gives_nothing(rosa, clock):
    clock.shift(13 * 60)
    assert rosa.get("/session/left/", headers=POLL).json() == {"left": 120}
    clock.shift(60)
    assert rosa.get("/session/left/", headers=POLL).json() == {"left": 60}


def test_staying_gives_the_whole_time_again(rosa, clock):
    clock.shift(14 * 60)
    assert rosa.post("/session/stay/").json() == {"left": 900}
    clock.shift(14 * 60)
    assert rosa.get("/inbox/").status_code == 200


def test_staying_after_the_end_is_too_late(rosa, clock):
    clock.shift(15 * 60)
    assert rosa.post("/session/stay/").status_code == 302
