"""The what-if in a real browser: from the claim, by hand, on a phone, and without a script."""

import re
from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.practice_policies import set_policy
from billing.models import Claim
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import APRIL_5, close_march, guides_example

PAYER = re.compile("Payer")


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def closed(live_server, cast):
    """Jane's March is closed; the commercial plan wants a live contact for each unit and covers other diagnoses."""
    for key, value in {"live_contact_per_unit": True, "covered_diagnoses": ["E11", "J44"]}.items():
        set_policy(
            cast.practice,
            key=key,
            value=value,
            starts_on=date(2026, 1, 1),
            why="Contract.",
            payer="commercial",
        )
    guides_example(cast)
    close_march(cast)
    return cast


def calculate(page):
    """The same address answers: without waiting, the page before could be looked at, or this one half loaded."""
    with page.expect_navigation():
        page.get_by_role("button", name="Show the difference").click()


def test_from_the_claim_to_the_difference_and_on(closed, page, sign_in, axe, shot):
    sign_in(page, closed.cora)
    page.goto(f"/claims/{Claim.objects.get(patient=closed.jane).pk}/")
    page.get_by_role("link", name="What if…").click()
    expect(page.get_by_text("Nothing here is stored.")).to_be_visible()
    axe(page)
    shot(page, "what-if")
    page.get_by_role("combobox", name=PAYER).select_option("commercial")
    page.get_by_label("Staff minutes").fill("65:30")
    calculate(page)
    expect(page.get_by_role("heading", name="4 codes would change")).to_be_visible()
    expect(page.get_by_role("row", name="99458 Changed")).to_contain_text("65 min 30 s signed")
    assert page.url.endswith("/what-if/")
    axe(page)
    shot(page, "what-if-difference")
    page.get_by_label("Live contacts").fill("many")
    calculate(page)
    page.get_by_role("link", name="Live contacts must be a whole number from 0 to 999.").click()
    expect(page.get_by_label("Live contacts")).to_be_focused()
    expect(page.get_by_label("Staff minutes")).to_have_value("65:30")
    axe(page)
    shot(page, "what-if-wrong")
    page.goto(page.url)
    calculate(page)
    expect(page.get_by_role("heading", name="You changed nothing yet")).to_be_visible()


def test_without_a_script_it_does_the_same(closed, browser, live_server, sign_in):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    bare = sign_in(context.new_page(), closed.omar)
    bare.goto(f"/patients/{closed.jane.pk}/billing/2026-03/what-if/")
    bare.get_by_label("Consent on file by the end of the month?").select_option("no")
    bare.get_by_role("button", name="Show the difference").click()
    expect(bare.get_by_text("Held: No consent on file by the end of the month.").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_scrolls_sideways(closed, open_window, sign_in, axe, shot, width):
    phone = sign_in(open_window(width, 844, has_touch=True, is_mobile=True), closed.cora)
    phone.goto(f"/patients/{closed.jane.pk}/billing/2026-03/what-if/")
    assert_reflows(phone)
    axe(phone)
    shot(phone, f"what-if-{width}")
    phone.get_by_role("combobox", name=PAYER).select_option("commercial")
    phone.get_by_label("Staff minutes").fill("65")
    calculate(phone)
    expect(phone.get_by_role("heading", name="4 codes would change")).to_be_visible()
    assert_reflows(phone)
    axe(phone)
    shot(phone, f"what-if-difference-{width}")
