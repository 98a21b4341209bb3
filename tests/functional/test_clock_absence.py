"""Silence, a closed lid, no connection: what nobody proved is not credited, and it is offered with a reason.

`./dev soak` waits in real time. `./dev test` sets the server's clock on instead: the pages are as real.
"""

import time

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from accounts.practice_policies import set_policy
from tests.faults.browser_process import OwnBrowser
from tests.faults.trials import SOAK
from tests.functional.browsing import sign_in as put_cookie
from tests.functional.sessions import (
    RealTime,
    SetClock,
    digits,
    look_at,
    saved,
    seconds_of,
    shows,
    start,
    toggle,
)
from timelogs.clock import acts as clock
from timelogs.counting.segments import standing
from timelogs.models import Clock, Evidence, TimeEntry

pytestmark = pytest.mark.django_db(transaction=True)
ATTESTED, OBSERVED = {"evidence": Evidence.ATTESTED}, {"evidence": Evidence.OBSERVED}


@pytest.fixture
def time_that():
    """`time_that.passes(seconds)`."""
    if SOAK:
        yield RealTime()
    else:
        with time_machine.travel(timezone.now(), tick=True) as traveller:
            yield SetClock(traveller)


@pytest.fixture
def quick(cast):
    """A practice that asks after one idle minute and gives a lost page up after two."""
    for key, minutes in (("idle_minutes", 1), ("lost_minutes", 2)):
        set_policy(cast.practice, key=key, value=minutes, starts_on=cast.practice.today(), why="Trial.")
    return cast


@pytest.fixture
def session(quick, page, sign_in) -> TimeEntry:
    """Rosa's running session with Jane, open in `page`."""
    return start(sign_in(page, quick.rosa), quick.jane)


def fall_silent(page, entry, time_that) -> None:
    """The question is on the screen, the idle minute after the last input."""
    time_that.passes(61, at=entry)
    look_at(page)
    expect(page.locator(".question")).to_contain_text("Still working with Jane?", timeout=20_000)


def add_what_was_left_out(page, reason: str) -> None:
    page.get_by_label("What you did in that time").fill(reason)
    page.get_by_role("button", name="Add with this reason").click()
    expect(page.locator(".gap")).to_have_count(0)


@pytest.mark.parametrize("waits", [75, 121])
def test_a_question_left_open_is_answered_and_what_is_kept_is_attested(waits, page, session, time_that):
    fall_silent(page, session, time_that)
    time_that.passes(waits, at=session)
    asked_from = Clock.objects.get(entry=session).doubt_from
    page.get_by_role("button", name="Keep the").click()
    shows(page, "running")
    toggle(page)
    shows(page, "paused")
    (kept,) = [part for part in standing(session) if part.evidence == Evidence.ATTESTED]
    assert kept.during.lower == asked_from
    assert kept.reason == "Kept working; said so when asked."
    assert waits + 60 <= seconds_of(session, **ATTESTED) == (kept.during.upper - asked_from).total_seconds()
    paused_at = standing(session)[-1].during.upper
    assert seconds_of(session) == (paused_at - session.started_at).total_seconds()


def test_a_question_left_open_for_ten_minutes_pauses_and_credits_up_to_the_last_input(
    page, session, time_that
):
    fall_silent(page, session, time_that)
    asked_from = Clock.objects.get(entry=session).doubt_from
    time_that.passes(601, at=session)
    look_at(page)
    shows(page, "paused")
    expect(page.locator("#clock")).to_contain_text("Paused: no input")
    assert (
        seconds_of(session)
        == (asked_from - session.started_at).total_seconds()
        == seconds_of(session, **OBSERVED)
    )
    add_what_was_left_out(page, "Read the hospital's letter on paper.")
    assert seconds_of(session, **ATTESTED) >= 601


def test_leaving_a_silence_out_credits_none_of_it(page, session, time_that):
    fall_silent(page, session, time_that)
    time_that.passes(75, at=session)
    page.get_by_role("button", name="Leave it out and go on").click()
    shows(page, "running")
    toggle(page)
    shows(page, "paused")
    assert seconds_of(session, **ATTESTED) == 0
    assert seconds_of(session) < 60


@pytest.fixture
def laptop(playwright, tmp_path):
    opened = OwnBrowser(playwright, tmp_path / "laptop")
    yield opened
    opened.kill()


def last_beat_of(entry: TimeEntry):
    """The last one that arrived: what was on its way when the lid closed still does."""
    time.sleep(1)
    return Clock.objects.get(entry=entry).heartbeat_at


def test_a_laptop_that_slept_shows_what_was_paused_and_offers_the_minutes(
    laptop, quick, live_server, time_that
):
    page = put_cookie(laptop.page, quick.rosa, address=live_server.url)
    page.goto(f"{live_server.url}/patients/{quick.jane.pk}/")
    page.get_by_role("button", name="Start session").click()
    shows(page, "running")
    entry = TimeEntry.objects.get()
    with page.expect_response("**/heartbeat/"):
        look_at(page)
    laptop.stop()
    last_beat = last_beat_of(entry)
    time_that.passes(135)
    clock.settle_silent(entry.pk, at=timezone.now())
    laptop.wake()
    shows(page, "paused")
    expect(page.locator("#clock")).to_contain_text("Paused: connection lost")
    assert seconds_of(entry) == (last_beat - entry.started_at).total_seconds()
    assert digits(page) == int(seconds_of(entry))
    add_what_was_left_out(page, "Spoke with the pharmacy on the way.")
    assert 135 <= seconds_of(entry, **ATTESTED) <= (timezone.now() - last_beat).total_seconds()


def test_ten_minutes_without_a_connection_gain_nothing_and_lose_no_word(page, session, time_that):
    with page.expect_response("**/heartbeat/"):
        look_at(page)
    page.context.set_offline(True)
    page.get_by_label("What was said").fill("Typed in the lift.")
    expect(page.locator("#save-state")).to_contain_text("Not saved since")
    last_beat = Clock.objects.get(entry=session).heartbeat_at
    time_that.passes(135 if SOAK else 600)
    page.context.set_offline(False)
    saved(page)
    shows(page, "paused")
    assert TimeEntry.objects.get().said == "Typed in the lift."
    assert seconds_of(session) == (last_beat - session.started_at).total_seconds()
    add_what_was_left_out(page, "Talked to her doctor in the lift.")
    wall = timezone.now() - session.started_at
    assert seconds_of(session, **OBSERVED) < seconds_of(session) <= wall.total_seconds()
