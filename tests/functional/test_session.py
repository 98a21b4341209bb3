"""A session in a real browser: the screen that a nurse uses forty times a day."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from patients.models import TargetRange
from tests import factories
from tests.faults.processes import wait_until
from tests.functional.browsing import assert_reflows, focused
from tests.functional.sessions import shows, went_silent
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.clock import acts as clock
from timelogs.models import Clock, Status, TimeEntry, TimeSegment
from timelogs.note import drafts

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "Patient reports occasional missed evening dose. Discussed evening salt intake and medication timing."
DECIDED = "Reinforced medication schedule. Updated care plan."

# The element in focus, if something else lies on top of its middle.
COVERED = """() => {
    const held = document.activeElement, target = held.closest('.chip') || held;
    if (held === document.body) return null;
    const box = target.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return top && !target.contains(top) && !top.contains(held) ? held.id || held.outerHTML.slice(0, 80) : null;
}"""


@pytest.fixture
def readings(cast):
    """The guide's fourteen days: 132-158 over 82-96, six of them above a goal of 140/90."""
    goal = TargetRange.objects.get(patient=cast.jane)
    goal.high, goal.second_high = Decimal(140), Decimal(90)
    goal.save()
    # As a session sees them that began before midnight.
    first = cast.practice.today(timezone.now() - timedelta(minutes=13)) - timedelta(days=13)
    for offset in range(14):
        systolic, diastolic = (158, 96) if offset % 2 and offset < 12 else (132, 82)
        day = first + timedelta(days=offset)
        factories.readings(cast.jane, day, 1, systolic=systolic, diastolic=diastolic)
    return cast


def begin(cast, *, ago: timedelta = timedelta(0), who="rosa", patient="jane") -> TimeEntry:
    """A running session that began a while ago, its page alive ever since."""
    entry = clock.start_session(getattr(cast, patient), by=getattr(cast, who), at=timezone.now() - ago)
    Clock.objects.filter(entry=entry).update(heartbeat_at=timezone.now(), input_at=timezone.now())
    return entry


@pytest.fixture
def entry(readings) -> TimeEntry:
    return begin(readings, ago=timedelta(minutes=12, seconds=5))


@pytest.fixture
def open_page(page, readings, sign_in, entry):
    """Rosa's page of a session with Jane, running for twelve minutes."""
    sign_in(page, readings.rosa)
    page.goto(f"/sessions/{entry.pk}/")
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    return page


def choose(page, group: str, *labels: str) -> None:
    for label in labels:
        page.get_by_role("group", name=group, exact=True).get_by_label(label, exact=True).check()


def saved(page) -> None:
    expect(page.locator("#save-state")).to_contain_text(re.compile(r"Saved \d\d:\d\d:\d\d"))


def digits(page) -> int:
    minutes, seconds = page.locator(".clock-digits").inner_text().split(":")[-2:]
    return int(minutes) * 60 + int(seconds)


def test_the_guides_note_is_recorded_field_by_field_and_reads_back_the_same(open_page, entry, axe, shot):
    page = open_page
    facts = page.locator("#data-facts")
    expect(facts).to_contain_text("14 readings on 14 days, 132–158/82–96 mmHg, 6 days above range")
    page.get_by_label("I reviewed these readings").check()
    page.get_by_label("What you saw in them").fill("Readings above target on 6 days.")
    choose(page, "Who", "Patient")
    choose(page, "How", "Phone")
    page.get_by_label("It took").fill("7")
    choose(page, "Topics", "Medicines", "Salt and diet")
    page.get_by_label("What was said").fill(SAID)
    choose(page, "Decision", "Care plan updated")
    page.get_by_label("Reason or detail").fill(DECIDED)
    page.get_by_label("Minutes to record").fill("12")
    page.get_by_label("Minutes to record").blur()
    saved(page)
    expect(page.locator("#note-check")).to_contain_text("Note check: 6 of 6")
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()
    record = page.locator(".record")
    expect(record).to_contain_text("14 readings on 14 days, 132–158/82–96 mmHg, 6 days above range")
    for words in (
        "DOE, Jane, MRN T-0001",
        "Patient by phone",
        "7 min",
        "Medicines, Salt and diet",
        SAID,
        DECIDED,
        "12 min",
    ):
        expect(record).to_contain_text(words)
    expect(record).to_contain_text("12 min, as shown at signing")
    expect(page.locator("main")).to_contain_text("Signed by Rosa Nguyen, RN")
    axe(page)
    shot(page, "session-signed")


def test_a_label_with_minutes_cannot_be_signed_and_the_page_says_why(open_page, entry, axe, shot):
    page = open_page
    page.get_by_label("I reviewed these readings").check()
    choose(page, "Who", "No contact")
    choose(page, "Decision", "No change")
    page.get_by_label("Reason or detail").fill("RPM management - 20 min")
    page.get_by_role("button", name="Sign and finish").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("“RPM management - 20 min” is no description")
    assert page.title().startswith("Error: ")
    expect(page.get_by_label("Reason or detail")).to_have_value("RPM management - 20 min")
    axe(page)
    shot(page, "session-error")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Reason or detail")).to_be_focused()
    assert TimeEntry.objects.get().status == Status.DRAFT


def test_the_clock_survives_pause_reload_and_a_second_tab(open_page, entry, axe, shot):
    page = open_page
    assert 725 <= digits(page) <= 760
    before = digits(page)
    expect(page.locator("[data-sum]")).to_contain_text("Signed 0 min + this session 12 min")
    page.wait_for_timeout(1500)
    assert digits(page) > before
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock")).to_contain_text("Paused")
    expect(page.locator("#clock-toggle")).to_be_focused()
    stood = digits(page)
    axe(page)
    shot(page, "session-paused")
    page.wait_for_timeout(1500)
    assert digits(page) == stood
    page.reload()
    assert digits(page) == stood
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock")).to_contain_text("Running")
    second = page.context.new_page()
    second.goto(page.url)
    assert abs(digits(second) - digits(page)) <= 2
    shown = Clock.objects.get(entry=entry)
    assert shown.state == "running"


def test_the_screen_is_within_two_seconds_of_the_server(open_page, entry):
    page = open_page
    wait_until(lambda: digits(page) >= 5, "the clock stands still")
    # A busy machine may take seconds to read what was shown at one moment between the two.
    asked = timezone.now()
    shown, read = digits(page), timezone.now()
    since, until = ((at - entry.started_at).total_seconds() for at in (asked, read))
    assert since - 2 < shown < until + 2


def test_keyboard_alone_signs_a_routine_call(open_page, entry):
    page = open_page
    page.keyboard.press("r")
    expect(page.get_by_label("I reviewed these readings")).to_be_checked()
    page.keyboard.press("p")
    page.keyboard.press("1")
    choose(page, "Decision", "No change")
    page.locator("#id_said").focus()
    page.keyboard.type("She feels well and takes the evening dose with the alarm.")
    page.locator("#id_action_detail").focus()
    page.keyboard.type("Values are within the goal on most days.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()
    signed = TimeEntry.objects.get()
    assert (signed.status, signed.party, signed.method, signed.topics) == (
        Status.SIGNED,
        "patient",
        "phone",
        ["readings"],
    )


def test_single_keys_can_be_switched_off_and_never_act_inside_a_field(open_page):
    page = open_page
    page.get_by_label("What was said").focus()
    page.keyboard.type("pr 1")
    expect(page.get_by_label("I reviewed these readings")).not_to_be_checked()
    expect(page.get_by_label("What was said")).to_have_value("pr 1")
    page.evaluate("document.cookie = 'letters=off; path=/'")
    page.locator("h1").click()
    page.keyboard.press("r")
    expect(page.get_by_label("I reviewed these readings")).not_to_be_checked()
    page.keyboard.press("Alt+r")
    expect(page.get_by_label("I reviewed these readings")).to_be_checked()


def test_typing_is_saved_without_moving_the_focus(open_page, entry):
    page = open_page
    field = page.get_by_label("What was said")
    field.click()
    page.keyboard.type("She sleeps badly")
    saved(page)
    expect(field).to_be_focused()
    page.keyboard.type(" since Monday.")
    expect(field).to_have_value("She sleeps badly since Monday.")
    page.wait_for_timeout(1500)
    assert TimeEntry.objects.get().said == "She sleeps badly since Monday."
    page.reload()
    expect(page.get_by_label("What was said")).to_have_value("She sleeps badly since Monday.")


def test_without_a_connection_it_says_so_and_saves_later(open_page):
    page = open_page
    page.context.set_offline(True)
    page.get_by_label("What was said").fill("Typed in the lift.")
    expect(page.locator("#save-state")).to_contain_text("Not saved since")
    expect(page.locator("#save-state")).to_contain_text("Keep this page open; we are trying again")
    page.context.set_offline(False)
    saved(page)
    assert TimeEntry.objects.get().said == "Typed in the lift."


def test_signing_without_a_connection_leaves_the_page_with_its_text(open_page, entry):
    page = open_page
    page.context.set_offline(True)
    page.get_by_label("What was said").fill("Typed in the lift.")
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.locator("#save-state")).to_contain_text("Not saved since")
    expect(page.get_by_label("What was said")).to_have_value("Typed in the lift.")
    assert page.url.endswith(f"/sessions/{entry.pk}/")
    page.context.set_offline(False)
    saved(page)


def test_two_screens_show_both_texts_and_the_author_chooses(open_page, axe, shot):
    page = open_page
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_label("What was said").fill("From the first screen.")
    saved(page)
    second.get_by_label("What was said").fill("From the second screen.")
    conflict = second.locator("#conflict")
    expect(conflict).to_contain_text("Compare the two and choose")
    expect(conflict).to_contain_text("From the first screen.")
    expect(conflict).to_contain_text("From the second screen.")
    axe(second)
    shot(second, "session-conflict")
    second.get_by_role("button", name="Keep what I typed here").click()
    saved(second)
    assert TimeEntry.objects.get().said == "From the second screen."


def test_on_call_is_one_press_and_puts_the_calls_start_into_the_note(open_page, entry):
    page = open_page
    page.keyboard.press("o")
    expect(page.locator("#clock-call")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Contact began")).not_to_have_value("")
    page.keyboard.press("o")
    expect(page.locator("#clock-call")).to_have_attribute("aria-pressed", "false")
    assert TimeSegment.objects.filter(entry=entry, activity="contact").count() == 1


def test_silence_is_asked_about_in_the_page(open_page, entry, axe, shot):
    page = open_page
    went_silent(page, entry)
    question = page.locator(".question")
    expect(question).to_contain_text("Still working with Jane?")
    axe(page)
    shot(page, "session-asking")
    question.get_by_role("button", name="Leave it out and go on").click()
    expect(question).to_have_count(0)
    expect(page.locator("#clock")).to_contain_text("Running")
    assert digits(page) < 420


def test_a_second_patient_asks_which_clock_goes_on(page, readings, entry, sign_in, axe, shot):
    sign_in(page, readings.rosa)
    other = begin(readings, who="luis", patient="max")
    page.goto(f"/sessions/{entry.pk}/")
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock")).to_contain_text("Paused")
    clock.pause(other, by=readings.luis, at=timezone.now())
    begin(readings, patient="max")
    # The press before is done once the note is saved.
    page.wait_for_load_state("networkidle")
    page.locator("#clock-toggle").click()
    expect(page.get_by_role("heading", name="A session with ROE, Max is running")).to_be_visible()
    axe(page)
    shot(page, "session-two-clocks")
    page.get_by_role("button", name="Pause it and go on with Jane’s").click()
    expect(page.locator("#clock")).to_contain_text("Running")


def test_an_overlap_is_named_and_fixed_with_one_press(page, readings, sign_in, axe, shot):
    cast = readings
    began = timezone.now() - timedelta(hours=3)
    signed_session(cast.max, by=cast.rosa, starts_at=began, seconds=600, **CALL)
    sign_in(page, cast.rosa)
    local = began.astimezone(cast.practice.tz)
    page.goto(f"/patients/{cast.jane.pk}/sessions/new/")
    axe(page)
    page.locator("#id_day").fill(f"{local:%Y-%m-%d}")
    page.get_by_label("Started at").fill(f"{local - timedelta(minutes=4):%H:%M}")
    page.locator("#id_minutes").fill("12")
    page.get_by_label("Why is this entered later?").fill("The tablet was empty.")
    page.get_by_role("button", name="Go on to the note").click()
    expect(page.locator(".error-summary")).to_contain_text("This overlaps your session with ROE, Max")
    axe(page)
    shot(page, "session-overlap")
    page.get_by_role("button", name="Start when the other session ends").click()
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("Entered by hand: 12 min")


@pytest.fixture
def signed_today(readings):
    began = timezone.now() - timedelta(minutes=40)
    signed_session(readings.jane, by=readings.rosa, starts_at=began, seconds=600, **CALL)
    return signed_session(
        readings.jane, by=readings.rosa, starts_at=began + timedelta(minutes=15), seconds=828, **CALL
    )


def test_amending_minutes_shows_the_effect_and_makes_a_new_version(
    page, readings, signed_today, sign_in, axe, shot
):
    sign_in(page, readings.rosa)
    page.goto(f"/sessions/{signed_today.pk}/")
    page.get_by_role("link", name="Amend").click()
    page.get_by_label("Minutes to record").fill("11:48")
    expect(page.locator("#effect")).to_contain_text("total 23 min 48 s → 21 min 48 s")
    page.get_by_label("Reason for the amendment").fill("Wrong end time")
    axe(page)
    shot(page, "session-amend")
    page.get_by_role("button", name="Sign the amendment").click()
    expect(page.locator(".record")).to_contain_text("11 min 48 s")
    expect(page.locator(".versions")).to_contain_text("Wrong end time")
    axe(page)
    assert TimeEntry.objects.get(supersedes=signed_today).seconds_signed == 708


def test_voiding_shows_the_effect_and_stays_readable(page, readings, signed_today, sign_in, axe, shot):
    sign_in(page, readings.rosa)
    page.goto(f"/sessions/{signed_today.pk}/")
    page.get_by_role("link", name="Void…").click()
    expect(page.locator("#effect")).to_contain_text("total 23 min 48 s → 10 min")
    page.get_by_label("Reason").fill("Wrong patient")
    axe(page)
    page.get_by_role("button", name="Void this session").click()
    expect(page.locator("main")).to_contain_text("Voided: Wrong patient")
    expect(page.locator(".record")).to_contain_text(CALL["said"])
    axe(page)
    shot(page, "session-voided")


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_everything_fits_and_the_clock_stays_in_sight(
    width, open_window, readings, entry, sign_in, axe, shot
):
    page = open_window(width, 844, has_touch=True, is_mobile=True)
    sign_in(page, readings.rosa)
    page.goto(f"/sessions/{entry.pk}/")
    axe(page)
    assert_reflows(page)
    shot(page, f"session-{width}")
    page.get_by_label("Reason or detail").scroll_into_view_if_needed()
    expect(page.locator("#clock")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Sign and finish")).to_be_in_viewport()
    page.get_by_role("button", name="Sign and finish").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    assert_reflows(page)
    for address in (f"/patients/{readings.jane.pk}/sessions/new/", "/my/sessions/"):
        page.goto(address)
        axe(page)
        assert_reflows(page)


def test_nothing_in_focus_is_hidden_behind_what_sticks(open_page):
    page = open_page
    page.emulate_media(reduced_motion="reduce")
    page.locator("h1").click()
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden = page.evaluate(COVERED)
        assert hidden is None, hidden
        if focused(page) == "button#sign":
            return
    pytest.fail("Tab never reached the sign button.")


def test_without_scripts_the_forms_do_it_all(browser, live_server, readings, entry, sign_in):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = sign_in(context.new_page(), readings.rosa)
    page.goto(f"/sessions/{entry.pk}/")
    page.get_by_label("What was said").fill("Typed without scripts: she feels well and walks daily.")
    page.locator("#clock-toggle").click()
    page.wait_for_timeout(1500)
    expect(page.locator("#clock")).to_contain_text("Paused")
    expect(page.get_by_label("What was said")).to_have_value(re.compile("Typed without scripts"))
    page.get_by_label("I reviewed these readings").check()
    choose(page, "Who", "Patient")
    choose(page, "How", "Phone")
    page.get_by_label("It took").fill("4")
    choose(page, "Topics", "Activity")
    choose(page, "Decision", "No change")
    page.get_by_label("Reason or detail").fill("Values are within the goal on most days.")
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()
    context.close()


def test_a_date_that_was_begun_and_not_finished_is_said_and_stays(open_page, entry):
    page = open_page
    page.get_by_label("Follow up on").focus()
    page.keyboard.type("02")
    page.get_by_role("button", name="Sign and finish").click()
    said = page.get_by_text(
        "Follow up on must be a whole date, like 01/20/2026. Finish it, or empty the field."
    )
    expect(said).to_be_visible()
    expect(page.get_by_label("Follow up on")).to_be_focused()
    assert TimeEntry.objects.get(pk=entry.pk).status == Status.DRAFT
    # The clock does not wait for a date.
    page.locator("#clock-toggle").click()
    shows(page, "paused")
    page.get_by_label("Follow up on").fill("2027-02-01")
    expect(said).to_have_count(0)


def test_a_conflict_is_asked_in_sight_on_a_phone(phone, readings, entry, sign_in, axe, shot):
    sign_in(phone, readings.rosa)
    phone.goto(f"/sessions/{entry.pk}/")
    expect(phone.locator("#clock")).to_have_attribute("data-state", "running")
    row = TimeEntry.objects.get(pk=entry.pk)
    drafts.save_draft(
        row, note={"said": "From the first."}, version=row.version, by=readings.rosa, at=timezone.now()
    )
    phone.get_by_label("What was said").fill("From the second.")
    phone.get_by_label("What was said").blur()
    question = phone.locator("#conflict")
    expect(question).to_be_focused()
    expect(question.get_by_role("button", name="Keep what I typed here")).to_be_in_viewport()
    expect(question.get_by_role("heading")).to_be_in_viewport()
    expect(phone.locator("#note-check")).to_contain_text("It looks again once you have chosen")
    axe(phone)
    shot(phone, "conflict-390")
