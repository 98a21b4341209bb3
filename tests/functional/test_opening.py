"""Contacts begun on the chart, charts that start the clock, and what the clock asks, in a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.preferences import choose
from tests.functional.browsing import assert_reflows, telephone
from tests.functional.sessions import went_silent
from tests.functional.test_session import begin, readings  # noqa: F401
from timelogs.clock.silence import LOST
from timelogs.models import Clock, Gap, TimeEntry, TimeSegment

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [1280, 320]


@pytest.fixture
def rosa(readings):  # noqa: F811
    choose(readings.rosa.user, clock_on_chart=True, video_room="https://video.example/rosa")
    readings.jane.phone = "555-0100"
    readings.jane.save()
    return readings


@pytest.fixture(params=WIDTHS)
def window(request, open_window, rosa, sign_in):
    """Rosa's window, on a desk and on the narrowest phone."""
    return sign_in(open_window(request.param, 844), rosa.rosa)


def looked_at(page, axe, shot, name: str) -> None:
    axe(page)
    assert_reflows(page)
    shot(page, f"{name}-{page.viewport_size['width']}")


def test_a_chart_starts_the_clock_after_its_grace_and_takes_it_back(window, rosa, axe, shot):
    page = window
    page.goto(f"/patients/{rosa.jane.pk}/")
    expect(page.locator("#opening")).to_contain_text("The clock for Jane starts in")
    looked_at(page, axe, shot, "opening")
    assert not TimeEntry.objects.exists()
    expect(page.locator("#opening")).to_contain_text("because you opened the chart")
    expect(page.locator("#clock-pill")).to_contain_text("Running")
    expect(page.locator("[data-this-session]")).to_contain_text("not signed yet")
    looked_at(page, axe, shot, "opened")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("The draft was discarded")
    expect(page.locator("#opening")).to_have_count(0)
    looked_at(page, axe, shot, "undone")


def test_not_this_time_starts_nothing(page, rosa, sign_in, axe):
    sign_in(page, rosa.rosa)
    page.goto(f"/patients/{rosa.jane.pk}/")
    page.get_by_role("button", name="Not this time").click()
    expect(page.locator("#opening")).to_contain_text("No clock was started for Jane")
    axe(page)
    page.reload()
    expect(page.get_by_role("button", name="Start session")).to_be_visible()
    expect(page.locator("#opening")).to_have_count(0)
    assert not TimeEntry.objects.exists()


def test_a_chart_that_starts_no_clock_after_all_promises_none(page, rosa, sign_in):
    sign_in(page, rosa.rosa)
    page.goto(f"/patients/{rosa.jane.pk}/")
    expect(page.locator("#opening")).to_contain_text("The clock for Jane starts in")
    begin(rosa)
    with page.expect_response(lambda answer: answer.url.endswith("/opened/")):
        page.wait_for_timeout(100)
    expect(page.locator("#opening")).to_have_count(0)
    assert TimeEntry.objects.count() == 1


def test_the_chart_keeps_its_own_patients_clock_alive_and_no_other_page_does(page, rosa, sign_in):
    sign_in(page, rosa.rosa)
    entry = begin(rosa)
    page.goto(f"/patients/{rosa.max.pk}/")
    expect(page.locator("#clock-pill")).to_contain_text("DOE, J.")
    before = Clock.objects.get(entry=entry).heartbeat_at
    page.wait_for_timeout(6000)
    assert Clock.objects.get(entry=entry).heartbeat_at == before
    with page.expect_response(lambda answer: answer.url.endswith("/heartbeat/")):
        page.goto(f"/patients/{rosa.jane.pk}/")
    page.wait_for_timeout(200)
    assert Clock.objects.get(entry=entry).heartbeat_at > before


def test_silence_on_the_chart_is_seen_there(page, rosa, sign_in, axe, shot):
    sign_in(page, rosa.rosa)
    entry = begin(rosa, ago=timedelta(minutes=10))
    page.goto(f"/patients/{rosa.jane.pk}/")
    expect(page.locator("#clock-pill")).to_contain_text("Running")
    went_silent(page, entry)
    expect(page.locator("#clock-pill")).to_contain_text("Still there?")
    axe(page)
    shot(page, "chart-asking")


def test_call_and_video_open_what_they_need_and_the_session_is_on_call(page, rosa, sign_in, axe, shot):
    sign_in(page, rosa.rosa)
    dialled, rooms = telephone(page), []
    page.context.route("https://video.example/**", lambda route: route.fulfill(body="The room."))
    page.context.on("page", lambda opened: rooms.append(opened))
    page.goto(f"/patients/{rosa.jane.pk}/")
    page.get_by_role("button", name="Call 555-0100").click()
    expect(page.locator("#clock")).to_contain_text("On call")
    assert dialled == ["tel:555-0100"]
    axe(page)
    page.locator("#clock-call").click()
    expect(page.locator("#clock")).to_contain_text("Running")
    page.get_by_role("link", name="Call 555-0100").click()
    expect(page.locator("#clock")).to_contain_text("On call")
    assert dialled == ["tel:555-0100"] * 2
    page.goto(f"/patients/{rosa.jane.pk}/")
    page.get_by_role("button", name="Video").click()
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    assert len(rooms) == 1
    rooms[0].close()
    assert TimeEntry.objects.count() == 1


def test_a_message_starts_the_session_without_being_on_call(page, rosa, sign_in):
    sign_in(page, rosa.rosa)
    page.goto(f"/patients/{rosa.jane.pk}/")
    page.get_by_role("button", name="Message").click()
    expect(page.locator("#clock")).to_contain_text("Running")
    expect(page.get_by_label("Secure message")).to_be_checked()


def test_two_gaps_are_offered_and_each_is_answered_by_itself(window, rosa, axe, shot):
    page, now = window, timezone.now()
    entry = begin(rosa, ago=timedelta(minutes=12))
    for ago in (9, 5):
        span = (now - timedelta(minutes=ago), now - timedelta(minutes=ago - 2))
        rewrite(entry, span)
    page.goto(f"/sessions/{entry.pk}/")
    expect(page.locator(".gap")).to_have_count(2)
    looked_at(page, axe, shot, "gaps")
    first = page.locator(".gap").first
    first.get_by_role("button", name="Add with this reason").click()
    expect(page.locator("#ask .message")).to_contain_text("Say what you did in that time")
    page.locator(".gap").first.get_by_label("What you did in that time").fill("Spoke with the pharmacy.")
    page.locator(".gap").first.get_by_role("button", name="Add with this reason").click()
    expect(page.locator(".gap")).to_have_count(1)
    page.get_by_role("button", name="Leave out").click()
    expect(page.locator(".gap")).to_have_count(0)
    assert list(Gap.objects.order_by("during").values_list("answer", flat=True)) == ["added", "left_out"]
    page.goto(f"/patients/{rosa.jane.pk}/")


def rewrite(entry, span) -> None:
    """The running segment of this entry, stopped and begun again around a silence."""
    segment = TimeSegment.objects.get(entry=entry, during__upper_inf=True)
    segment.during = (segment.during.lower, span[0])
    segment.save()
    TimeSegment(
        practice=entry.practice,
        entry=entry,
        staff=entry.author.user,
        during=(span[1], None),
        source="clock",
        evidence="observed",
    ).save()
    Gap(practice=entry.practice, entry=entry, during=span, why=LOST).save()


def test_after_an_hour_the_page_asks_whether_the_session_goes_on(window, rosa, axe, shot):
    page = window
    entry = begin(rosa, ago=timedelta(minutes=62))
    page.goto(f"/sessions/{entry.pk}/")
    question = page.locator(".question")
    expect(question).to_contain_text("60 minutes with Jane. Does the session go on?")
    looked_at(page, axe, shot, "hour")
    question.get_by_role("button", name="Leave it out and go on").click()
    expect(question).to_have_count(0)
    expect(page.locator("#clock")).to_contain_text("Running")


def test_what_is_unfolded_stays_so_and_each_total_opens_its_sessions(page, rosa, sign_in, axe):
    sign_in(page, rosa.rosa)
    entry = begin(rosa, ago=timedelta(minutes=2))
    page.goto(f"/sessions/{entry.pk}/")
    page.locator("#month-sessions-summary").click()
    expect(page.locator("#month-sessions")).to_contain_text("Nothing signed in")
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock")).to_contain_text("Paused")
    expect(page.locator("#month-sessions")).to_have_attribute("open", "")
    axe(page)


def test_my_settings_are_kept(window, rosa, axe, shot):
    page = window
    page.goto("/my/settings/")
    page.get_by_label("My video room").fill("http://video.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-summary")).to_contain_text("begins with https://")
    looked_at(page, axe, shot, "settings-wrong")
    page.get_by_label("My video room").fill("")
    page.get_by_label("Opening a chart starts my clock").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("Your settings are saved")
    looked_at(page, axe, shot, "settings")
