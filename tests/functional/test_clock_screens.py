"""Several screens and one truth: tabs, nurses and browsers at the same time."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.functional.sessions import A_BEAT, digits, look_at, seconds_of, shows, start, toggle
from tests.integration.timelogs.notes import REVIEW, signed_session
from timelogs.clock import acts as clock
from timelogs.counting.segments import standing
from timelogs.counting.totals import month_total
from timelogs.models import Clock, TimeEntry, TimeSegment
from timelogs.note import drafts
from timelogs.signing.sign import sign as sign_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(open_window, sign_in):
    """`window(cast.rosa)`: a browser window in which somebody is signed in."""
    return lambda who: sign_in(open_window(), who)


def spans(entry: TimeEntry) -> list[tuple]:
    return [(s.during.lower, s.during.upper) for s in standing(entry)]


def test_one_nurse_with_two_patients_in_two_tabs_is_timed_on_one_at_a_time(window, cast):
    asked = timezone.now()
    janes = window(cast.rosa)
    first = start(janes, cast.jane)
    maxs = janes.context.new_page()
    maxs.goto(f"/patients/{cast.max.pk}/")
    maxs.get_by_role("button", name="Start session").click()
    maxs.get_by_role("button", name="Pause it and start Max’s").click()
    shows(maxs, "running")
    shows(janes, "paused", within=A_BEAT)
    toggle(janes)
    janes.get_by_role("button", name="Pause it and go on with Jane’s").click()
    shows(janes, "running")
    shows(maxs, "paused", within=A_BEAT)
    toggle(janes)
    shows(janes, "paused")
    answered = timezone.now()
    (one, two), (between,) = spans(first), spans(TimeEntry.objects.get(patient=cast.max))
    # Jane, Max, Jane: each begins in the very instant in which the one before ended.
    assert (one[1], between[1]) == (between[0], two[0])
    assert asked < one[0] < two[1] < answered


def test_two_nurses_on_one_patient_each_keep_their_record_and_the_patients_seconds_count_once(window, cast):
    began = timezone.now() - timedelta(minutes=12)
    nurses = ((cast.rosa, timedelta(0)), (cast.luis, timedelta(minutes=4)))
    entries = [clock.start_session(cast.jane, by=who, at=began + later) for who, later in nurses]
    pages = [window(who) for who, _ in nurses]
    for page, entry in zip(pages, entries, strict=True):
        Clock.objects.filter(entry=entry).update(heartbeat_at=timezone.now(), input_at=timezone.now())
        page.goto(f"/sessions/{entry.pk}/")
        shows(page, "running")
    for page in pages:
        toggle(page)
        shows(page, "paused")
    signed = [sign(entry) for entry in entries]
    assert [entry.seconds_signed for entry in signed] == [int(seconds_of(entry)) for entry in entries]
    ((first, _),), ((_, last),) = spans(entries[0]), spans(entries[1])
    month = signed[0].started_at.astimezone(cast.practice.tz).date().replace(day=1)
    assert month_total(cast.jane, month).seconds == int((last - first).total_seconds())
    pages[1].goto(f"/sessions/{entries[1].pk}/")
    expect(pages[1].get_by_text(re.compile("Rosa Nguyen also recorded .* count once"))).to_be_visible()


def test_what_a_colleague_signs_is_shown_at_the_next_beat_where_the_first_answer_was_lost(window, cast):
    page = window(cast.rosa)
    start(page, cast.jane)
    with page.expect_response("**/heartbeat/"):
        look_at(page)
    page.route("**/live/", lambda route: route.abort(), times=1)
    ago = timezone.now() - timedelta(minutes=12)
    with page.expect_event("requestfailed", timeout=A_BEAT):
        signed_session(cast.jane, by=cast.luis, starts_at=ago, seconds=600, **REVIEW)
    expect(page.locator("[data-sum]")).to_contain_text("Signed 10 min", timeout=A_BEAT)


def sign(entry: TimeEntry) -> TimeEntry:
    now = timezone.now()
    drafts.save_draft(entry, note=REVIEW, version=None, by=entry.author, at=now)
    return sign_session(entry, version=None, by=entry.author, at=now)


def test_one_nurse_in_two_browsers_has_one_clock_and_both_show_it(window, cast):
    here, there = window(cast.rosa), window(cast.rosa)
    entry = start(here, cast.jane)
    assert start(there, cast.jane) == entry
    assert abs(digits(here) - digits(there)) <= 2
    toggle(there)
    shows(there, "paused")
    shows(here, "paused", within=A_BEAT)
    assert digits(here) == digits(there)
    toggle(here)
    shows(here, "running")
    look_at(there)
    shows(there, "running")
    wait_for_seconds(here, digits(here) + 3)
    toggle(here)
    shows(here, "paused")
    shows(there, "paused", within=A_BEAT)
    assert digits(here) == digits(there) == int(seconds_of(entry))
    assert TimeSegment.objects.filter(staff=cast.rosa.user, standing=True).count() == 2


def wait_for_seconds(page, seconds: int) -> None:
    page.wait_for_function(
        "wanted => document.querySelector('.clock-digits').textContent.split(':').reduce((a, b) => a * 60 + +b, 0)"
        " >= wanted",
        arg=seconds,
    )


def test_a_page_says_that_it_is_there_as_soon_as_it_is_open(window, cast):
    """Else a browser that dies soon after a reload would lose more than the time between two beats."""
    page = window(cast.rosa)
    start(page, cast.jane)
    page.add_init_script("window.setInterval = () => 0")
    with page.expect_request("**/heartbeat/"):
        page.reload()
