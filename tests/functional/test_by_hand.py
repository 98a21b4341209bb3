"""A line forced by two billers and blocked by one, in a real browser, by keyboard and on a narrow screen."""

from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.permissions import Role
from accounts.practice_policies import set_policy
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import APRIL_5, close_march, guides_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def held(live_server, cast):
    covers = {"value": ["E11"], "starts_on": date(2026, 1, 1), "why": "The plan's list."}
    set_policy(cast.practice, key="covered_diagnoses", **covers)
    guides_example(cast)
    close_march(cast)
    return cast


def test_two_force_and_one_blocks(held, page, open_window, sign_in, axe, shot):
    bea = factories.membership(held.practice, "Bea Biller", Role.BILLER, email="bea@example.test")
    address = f"/claims/{held.jane.claims.get().pk}/"
    sign_in(page, held.cora)
    page.goto(address)
    axe(page)
    page.get_by_role("link", name="Force 99457…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ask to force 99457")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Ask for a second person").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Why").fill("The plan agreed by letter of 2 April.")
    page.get_by_role("button", name="Ask for a second person").click()
    expect(page.get_by_text("Another person must confirm it.")).to_be_visible()
    shot(page, "by-hand-asked")
    other = open_window()
    sign_in(other, bea)
    other.goto(address)
    other.get_by_role("link", name="Confirm the force of 99457…").click()
    expect(other.get_by_role("heading", name="What was asked")).to_be_visible()
    axe(other)
    shot(other, "by-hand-confirm")
    other.get_by_label("Why").fill("I read the letter.")
    other.get_by_role("button", name="Confirm the force").click()
    expect(other.get_by_text("Confirmed by Bea Biller")).to_be_visible()
    other.get_by_role("link", name="Block 99454…").click()
    other.get_by_label("Why").fill("The cuff was lost.")
    other.get_by_role("button", name="Block 99454").click()
    expect(other.get_by_role("heading", name="Decided by hand")).to_be_visible()
    axe(other)
    shot(other, "by-hand-done")
    for width in (390, 320):
        other.set_viewport_size({"width": width, "height": 800})
        assert_reflows(other)
        axe(other)
        shot(other, f"by-hand-{width}")
