"""A new server in a real browser: the practice is opened, its list of what is missing leads on."""

import pytest
from playwright.sync_api import expect

from staff import first_day
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "otter quilt lantern seven"


@pytest.mark.parametrize("width", [1280, 320])
def test_a_practice_is_opened_and_completed(width, open_window, axe, shot):
    page = open_window(width)
    page.goto("/sign-in/")
    page.get_by_role("link", name="Open your practice").click()
    axe(page)
    assert_reflows(page)
    page.get_by_label("Set-up code").fill("0000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="This is not the set-up code of this server.")).to_be_visible()
    axe(page)
    shot(page, f"first-day-{width}")
    for label, typed in (
        ("Set-up code", first_day.set_up_code()),
        ("Name of the practice", "Cedar Lake Internal Medicine"),
        ("NPI of the practice", "1234567893"),
        ("Your name", "Ada Opens"),
        ("Your e-mail", "ada@cedar.example"),
        ("Your password", PASSWORD),
    ):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Open the practice").click()
    page.get_by_label("E-mail").fill("ada@cedar.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Before the first claim")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"set-up-list-{width}")
    page.get_by_role("link", name="Complete the identity").click()
    axe(page)
    assert_reflows(page)
    for label, typed in (
        ("Tax id", "123456789"),
        ("Taxonomy code", "207r00000x"),
        ("Street", "1 Lake Road"),
        ("City", "Cedar Lake"),
        ("State", "il"),
        ("ZIP+4", "60601-0001"),
        ("Reason", "first day"),
    ):
        page.get_by_label(label).fill(typed)
    shot(page, f"identity-{width}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="claims say this identity")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Complete the identity")).to_have_count(0)
    page.get_by_role("link", name="Add the payers").click()
    axe(page)
    assert_reflows(page)
    shot(page, f"no-payers-{width}")
    page.get_by_role("button", name="Add the usual payers").click()
    expect(page.get_by_text("4 payers were added.")).to_be_visible()
    axe(page)
    page.goto("/")
    expect(page.get_by_role("link", name="Add the payers")).to_have_count(0)
