"""The command palette and the keys of every page, in a real browser."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit.models import AccessEvent
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import close_march, guides_example
from timelogs.clock import acts as clock
from timelogs.models import TimeEntry

WIDTHS = [1280, 320]


@pytest.fixture
def window(open_window, cast, sign_in):
    """`window(1280, "rosa", "/inbox/")`: signed in and there."""

    def open_one(width: int, who: str, path: str) -> Page:
        page = sign_in(open_window(width, 800), cast.user(who))
        page.goto(path)
        return page

    return open_one


def palette(page: Page):
    return page.get_by_role("dialog", name="Find")


def field(page: Page):
    return palette(page).get_by_role("combobox")


def lines(page: Page):
    return palette(page).get_by_role("option")


def says(page: Page):
    return palette(page).get_by_role("status")


def marked(page: Page) -> str:
    """What the line reads that Enter would choose; the field names it, and it alone is selected."""
    chosen = lines(page).and_(page.locator("[aria-selected=true]"))
    expect(chosen).to_have_count(1)
    expect(field(page)).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    return " ".join(chosen.inner_text().split())


class Hands:
    """Presses keys and counts them; what is typed as text is counted as none."""

    def __init__(self, page: Page):
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_is_accessible_and_fits(width, window, cast, axe, shot):
    page = window(width, "rosa", "/inbox/")
    states = {
        "empty": ("", "Go to Caseload"),
        "results": ("doe", "DOE, Jane"),
        "nothing": ("zzz", None),
    }
    page.keyboard.press("/")
    for name, (text, line) in states.items():
        field(page).fill(text)
        if line:
            expect(lines(page).filter(has_text=line).first).to_be_visible()
            expect(says(page)).to_have_text(re.compile(r"^\d+ (results?|commands)$"))
            expect(field(page)).to_have_attribute("aria-expanded", "true")
        else:
            expect(says(page)).to_have_text("Nothing found. Try the family name, MRN or date of birth.")
            expect(field(page)).to_have_attribute("aria-expanded", "false")
        expect(field(page)).to_be_focused()
        axe(page)
        assert_reflows(page)
        shot(page, f"palette-{name}-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_without_the_server_it_says_so_and_finds_again_later(width, window, cast, axe, shot):
    page = window(width, "rosa", "/inbox/")
    page.keyboard.press("/")
    expect(lines(page).first).to_be_visible()
    page.route("**/find/", lambda route: route.abort())
    field(page).fill("doe")
    expect(says(page)).to_have_text("The server was not reached. Check the connection, then type again.")
    expect(lines(page)).to_have_count(0)
    axe(page)
    shot(page, f"palette-offline-{width}")
    page.unroute("**/find/")
    page.route("**/find/", lambda route: route.fulfill(status=500, headers={"X-Request-Id": "ab12cd34ef"}))
    field(page).fill("doe,")
    expect(says(page)).to_have_text("Something went wrong on our side. Reference AB12CD34")
    axe(page)
    page.unroute("**/find/")
    field(page).fill("doe")
    expect(lines(page).first).to_contain_text("DOE, Jane")


def test_a_patient_is_found_in_two_keys_and_a_session_started_in_three(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    hands = Hands(page)
    hands.press("/")
    hands.type("doe")
    hands.press("Enter")
    page.wait_for_url(f"**/patients/{cast.jane.pk}/")
    assert hands.pressed == 2
    assert "doe" not in page.url

    hands = Hands(page)
    hands.press("/")
    hands.type("roe")
    expect(lines(page).first).to_contain_text("ROE, Max")
    hands.press("ArrowDown")
    assert marked(page) == "Start session for ROE, Max"
    hands.press("Enter")
    page.wait_for_url("**/sessions/**")
    assert hands.pressed == 3
    assert TimeEntry.objects.get().patient == cast.max


def test_find_then_s_starts_and_start_with_a_name_does_too(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/patients/")
    hands = Hands(page)
    hands.press("/")
    hands.type("1948-05-12")
    hands.press("Enter")
    page.wait_for_url(f"**/patients/{cast.jane.pk}/")
    hands.press("s")
    page.wait_for_url("**/sessions/**")
    assert hands.pressed == 3

    # Beside the clock that runs now, the next one asks first.
    page.goto("/inbox/")
    hands = Hands(page)
    hands.press("Control+k")
    hands.type("start roe")
    hands.press("Enter")
    expect(
        page.get_by_role("heading", name=re.compile("A session with DOE, Jane is running"))
    ).to_be_visible()
    assert hands.pressed == 2
    assert TimeEntry.objects.count() == 1
    page.get_by_role("button", name="Pause it and start Max’s").click()
    page.wait_for_url("**/sessions/**")
    assert TimeEntry.objects.filter(patient=cast.max).count() == 1


def test_log_with_a_name_opens_the_form_for_a_past_session(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    page.keyboard.press("/")
    page.keyboard.type("log")
    expect(lines(page).first).to_contain_text("Log past session for…")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("log ")
    page.keyboard.type("doe")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{cast.jane.pk}/sessions/new/")


def test_enter_before_the_answer_acts_only_where_one_patient_can_be_meant(page, cast, sign_in):
    factories.patient(cast.practice, "Doe", "Dora", mrn="T-0009", born_on=date(1950, 1, 1))
    sign_in(page, cast.rosa).goto("/inbox/")
    page.keyboard.press("/")
    page.keyboard.type("start doe")
    page.keyboard.press("Enter")
    expect(lines(page)).to_have_count(2)
    expect(field(page)).to_be_focused()
    assert page.url.endswith("/inbox/")
    assert TimeEntry.objects.count() == 0


def test_an_answer_that_comes_too_late_changes_nothing(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    page.keyboard.press("/")
    expect(lines(page).first).to_be_visible()
    held = []
    page.route(
        "**/find/",
        lambda route: held.append(route) if "roe" in route.request.post_data else route.continue_(),
    )
    with page.expect_request("**/find/"):
        field(page).fill("roe")
    field(page).fill("doe")
    expect(lines(page).first).to_contain_text("DOE, Jane")
    for route in held:
        route.fulfill(
            body='<div data-says="1 result"><div role="option" id="late">ROE, Max</div></div>',
            content_type="text/html",
        )
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(lines(page).first).to_contain_text("DOE, Jane")
    assert len(held) == 1


def test_the_arrows_home_and_end_walk_the_lines_and_the_field_keeps_the_focus(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    page.keyboard.press("/")
    expect(says(page)).to_have_text(re.compile("commands"))
    first, last = (" ".join(lines(page).nth(at).inner_text().split()) for at in (0, -1))
    assert marked(page) == first
    for key, expected in (("ArrowUp", last), ("ArrowDown", first), ("End", last), ("Home", first)):
        page.keyboard.press(key)
        assert marked(page) == expected
        expect(field(page)).to_be_focused()


@pytest.mark.parametrize("keys", ["/", "Control+k", "Meta+k"])
def test_escape_gives_the_focus_back_and_forgets_what_was_typed(keys, page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    place = page.get_by_role("link", name="Caseload")
    place.focus()
    page.keyboard.press(keys)
    field(page).fill("doe")
    expect(lines(page).first).to_contain_text("DOE, Jane")
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    expect(place).to_be_focused()
    assert "DOE" not in page.locator("#palette").inner_html()
    page.keyboard.press(keys)
    expect(field(page)).to_have_value("")


def test_a_pointer_opens_chooses_and_closes(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    opener = page.get_by_role("button", name="Find patient or command")
    opener.click()
    expect(field(page)).to_be_focused()
    palette(page).get_by_role("button", name="Close").click()
    expect(palette(page)).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.mouse.click(5, 500)
    expect(palette(page)).to_be_hidden()
    opener.click()
    field(page).fill("doe")
    lines(page).filter(has_text="born 12-May-1948").click()
    page.wait_for_url(f"**/patients/{cast.jane.pk}/")


def test_a_finger_finds_and_starts_on_a_phone(phone, cast, sign_in, axe, shot):
    sign_in(phone, cast.rosa).goto("/inbox/")
    shot(phone, "phone-header")
    phone.get_by_role("button", name="Find patient or command").tap()
    expect(lines(phone).first).to_be_visible()
    shot(phone, "phone-palette-empty")
    field(phone).fill("doe")
    line = lines(phone).filter(has_text="Start session for DOE, Jane")
    expect(line).to_be_visible()
    assert line.bounding_box()["height"] >= 44
    axe(phone)
    shot(phone, "phone-palette")
    line.tap()
    phone.wait_for_url("**/sessions/**")


def test_each_role_is_offered_its_own(page, open_window, cast, sign_in, shot):
    for who, has, lacks in (
        ("cora", "Go to Queue", "Enroll patient"),
        ("omar", "Go to History", "Enroll patient"),
        ("ade", "Go to Closed months", "Go to Caseload"),
    ):
        page = sign_in(open_window(), cast.user(who))
        page.goto("/styleguide/")
        page.keyboard.press("/")
        expect(lines(page).filter(has_text=has)).to_have_count(1)
        expect(lines(page).filter(has_text=lacks)).to_have_count(0)
        shot(page, f"palette-{who}")
        field(page).fill("start doe")
        expect(says(page)).to_have_text(re.compile("Nothing found"))


def test_a_biller_goes_to_a_claim_by_its_number(page, cast, sign_in, axe, shot):
    guides_example(cast)
    close_march(cast)
    claim = cast.jane.claims.get()
    sign_in(page, cast.cora).goto("/policies/")
    page.keyboard.press("/")
    field(page).fill("doe")
    expect(lines(page)).to_have_count(2)
    axe(page)
    shot(page, "palette-claims")
    field(page).fill(claim.number[-6:])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{claim.pk}/")


def test_many_of_one_name_are_told_apart_by_their_birthdays(window, cast, axe, shot):
    for number in range(12):
        person = factories.patient(
            cast.practice, "Poe", f"Pat{number:02}", mrn=f"P-{number}", born_on=date(1940 + number, 3, 9)
        )
        if number % 3:
            factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    page = window(320, "rosa", "/inbox/")
    page.keyboard.press("/")
    field(page).fill("poe")
    expect(says(page)).to_have_text("8 results. More patients match: type more of the name")
    for _ in range(7):
        page.keyboard.press("ArrowDown")
    assert marked(page).startswith("POE, Pat07")
    expect(lines(page).last).to_be_in_viewport()
    axe(page)
    assert_reflows(page)
    shot(page, "palette-many")


def test_another_practices_patient_is_never_found(page, cast, sign_in):
    sign_in(page, cast.user("dan")).goto("/inbox/")
    page.keyboard.press("/")
    for text in ("doe", "1948-05-12", "jane"):
        field(page).fill(text)
        expect(says(page)).to_have_text(re.compile("Nothing found"))
    assert not AccessEvent.objects.filter(patient_id=cast.jane.pk).exists()


def test_letters_off_leaves_ctrl_k(page, cast, sign_in, shot):
    sign_in(page, cast.rosa).goto("/inbox/")
    page.evaluate("document.cookie = 'letters=off; path=/'")
    page.reload()
    page.keyboard.press("/")
    page.keyboard.press("Shift+H")
    expect(palette(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Find patient or command")).to_contain_text("CtrlK")
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(lines(page).filter(has_text="Go to Caseload")).to_have_text(re.compile(r"Go to Caseload\s*$"))


def test_what_is_typed_in_a_field_is_never_taken(page, cast, sign_in):
    sign_in(page, cast.rosa).goto(reverse("timelogs:session_past", args=[cast.jane.pk]))
    minutes = page.get_by_label("Minutes")
    minutes.focus()
    page.keyboard.type("/?gtsH")
    expect(minutes).to_have_value("/?gtsH")
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.type("g / ? t")
    expect(field(page)).to_have_value("g / ? t")
    page.keyboard.press("Escape")
    expect(minutes).to_be_focused()
    expect(minutes).to_have_value("/?gtsH")


def test_no_key_of_the_page_answers_below_the_palette(page, cast, sign_in):
    now = timezone.now()
    entry = clock.start_session(cast.jane, by=cast.rosa, at=now)
    sign_in(page, cast.rosa).goto(reverse("timelogs:session", args=[entry.pk]))
    page.keyboard.press("/")
    expect(lines(page).first).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.keyboard.type("r")
    expect(field(page)).to_have_value("r")
    expect(page.locator("#id_data_reviewed")).not_to_be_checked()
    assert page.get_by_text("There is a problem").count() == 0


def test_the_running_clock_is_paused_resumed_and_gone_to(page, cast, sign_in):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    session = reverse("timelogs:session", args=[entry.pk])
    sign_in(page, cast.rosa).goto("/inbox/")
    expect(page.locator(".clock-pill")).to_be_visible()
    page.locator("#main").focus()
    page.keyboard.press("t")
    page.wait_for_url(f"**{session}")
    page.locator("#id_said").fill("Half a word")
    page.keyboard.press("Control+k")
    page.keyboard.type("pause")
    page.keyboard.press("Enter")
    # The page's own button was pressed: nothing was left, nothing lost.
    expect(page.locator("#clock")).to_have_attribute("data-state", "paused")
    expect(page.locator("#id_said")).to_have_value("Half a word")
    page.goto("/inbox/")
    page.keyboard.press("/")
    page.keyboard.type("resume")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{session}")
    expect(page.locator("#clock")).to_have_attribute("data-state", "running")


def test_the_caseloads_own_field_asks_the_palette_too(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/patients/")
    page.get_by_label("Name, MRN or date of birth").fill("doe")
    page.keyboard.press("Enter")
    expect(lines(page).first).to_contain_text("DOE, Jane")
    assert page.url.endswith("/patients/")


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_the_header_still_finds(width, open_window, cast, sign_in):
    page = sign_in(open_window(width, java_script_enabled=False), cast.rosa)
    page.goto("/inbox/")
    expect(page.locator("[data-opens-palette]")).to_be_hidden()
    if width == 1280:
        page.get_by_label("Find a patient").fill("doe")
    else:
        page.get_by_role("link", name="Find a patient").click()
        page.get_by_label("Name, MRN or date of birth").fill("doe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="DOE, Jane", exact=True)).to_be_visible()


# The keys of every page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_list_of_keys_begins_with_this_page_and_fits(width, window, cast, axe, shot):
    page = window(width, "rosa", f"/patients/{cast.jane.pk}/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("heading", level=3).first).to_have_text("Chart · this page")
    axe(page)
    assert_reflows(page)
    shot(page, f"keys-{width}")


def test_shift_h_shows_the_history_of_the_record_shown(page, cast, sign_in):
    sign_in(page, cast.rosa).goto(f"/patients/{cast.jane.pk}/")
    page.keyboard.press("Shift+H")
    page.wait_for_url("**/history/patient/**")


def test_the_palette_opens_the_list_of_keys(page, cast, sign_in):
    sign_in(page, cast.rosa).goto("/inbox/")
    page.keyboard.press("/")
    page.keyboard.type("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("Escape")
    # The closed dialog lets the focus go with the next frame.
    page.wait_for_function("document.activeElement === document.body")
