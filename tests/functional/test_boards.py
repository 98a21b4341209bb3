"""The caseload and the month board as a nurse and a biller use them: by keys, on a phone, without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from boards.saved_views import save_view
from tests import factories
from tests.integration.escalations.found import opened
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session

WIDTHS = (1280, 390)


@pytest.fixture
def people(cast):
    """Somebody critical, somebody without a contact, and somebody who was talked to."""
    now, today = timezone.now(), cast.practice.today()
    opened(cast.max, at=now - timedelta(minutes=30), severity="critical")
    for number, given in enumerate(("Ann", "Bea", "Cleo")):
        person = factories.patient(cast.practice, "Care", given, mrn=f"C-{number}", born_on=cast.jane.born_on)
        factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
        factories.readings(person, today, 1, hour=5, systolic=120 + 20 * number)
        began = now - timedelta(minutes=40 + 40 * number)
        note = CALL if number else REVIEW
        signed_session(person, by=cast.rosa, starts_at=began, seconds=480 + 500 * number, **note)
    return cast


@pytest.mark.parametrize("width", WIDTHS)
def test_the_caseload_says_why_and_offers_what_comes_next(open_window, sign_in, axe, shot, people, width):
    page = sign_in(open_window(width), people.rosa)
    page.goto("/patients/")
    first = page.locator("[data-row]").first
    expect(first).to_contain_text("Critical, and nobody has acknowledged it")
    axe(page)
    shot(page, f"caseload-{width}")
    page.get_by_text("How is this sorted?").click()
    expect(page.get_by_text("critical, and nobody has acknowledged it", exact=True)).to_be_visible()
    first.locator("summary").click(force=True)
    expect(first.get_by_role("link", name="Escalate…")).to_be_visible()
    shot(page, f"caseload-menu-{width}")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"
    page.keyboard.press("Escape")
    expect(first.get_by_role("link", name="Escalate…")).to_be_hidden()
    page.get_by_role("link", name="No live contact yet").click()
    page.get_by_text("Filters and views").click()
    shot(page, f"caseload-filters-{width}")
    page.get_by_label("Keep this view as").fill("Nobody called yet")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("link", name="Nobody called yet", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    axe(page)
    shot(page, f"caseload-view-{width}")
    page.get_by_text("Filters and views").click()
    page.get_by_role("button", name="Delete the view Nobody called yet").click()
    expect(page.get_by_role("link", name="Nobody called yet", exact=True)).to_have_count(0)


def test_the_keys_of_a_row(page, sign_in, people):
    sign_in(page, people.rosa).goto("/patients/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="ROE, Max", exact=True)).to_be_focused()
    page.keyboard.press("e")
    page.wait_for_url(f"**/patients/{people.max.pk}/escalate/")
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("l")
    page.wait_for_url(f"**/patients/{people.max.pk}/sessions/new/")


def test_what_changed_is_a_line_and_moves_nothing(page, sign_in, axe, shot, people):
    sign_in(page, people.rosa).goto("/patients/")
    before = page.locator("[data-row] .patient-link").all_inner_texts()
    signed_session(
        people.jane, by=people.luis, starts_at=timezone.now() - timedelta(minutes=9), seconds=480, **CALL
    )
    page.evaluate("htmx.ajax('GET', document.querySelector('.updates').getAttribute('hx-get'), '.updates')")
    link = page.get_by_role("link", name="1 update – show")
    expect(link).to_be_visible()
    assert page.locator("[data-row] .patient-link").all_inner_texts() == before
    axe(page)
    shot(page, "caseload-updates")
    link.click()
    expect(page.locator("[data-row]").filter(has_text="DOE, Jane")).to_contain_text("8 min")


def test_without_scripts_a_session_starts_and_a_view_opens(open_window, sign_in, people):
    save_view("My silent ones", "show=silent", by=people.rosa, at=timezone.now())
    page = sign_in(open_window(java_script_enabled=False), people.rosa)
    page.goto("/patients/")
    page.get_by_role("link", name="My silent ones").click()
    page.wait_for_url("**/patients/?show=silent")
    page.goto("/patients/")
    page.get_by_role("button", name="Start session with ROE, Max").click()
    page.wait_for_url("**/sessions/*/")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_month_board_and_the_patients_behind_a_number(open_window, sign_in, axe, shot, people, width):
    page = sign_in(open_window(width), people.cora)
    page.goto(f"/billing/{people.practice.today():%Y-%m}/")
    expect(page.get_by_role("heading", name="Close to a line")).to_be_visible()
    axe(page)
    shot(page, f"month-board-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="6–9 min").click()
    expect(page.get_by_role("link", name="CARE, Ann", exact=True)).to_be_visible()
    axe(page)
    shot(page, f"month-patients-{width}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
