"""Signing in through the real form."""

import pytest
from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.functional.browsing import assert_reflows


def fill(page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_sign_in_page_is_accessible_and_fits(width, open_window, axe, shot, db):
    page = open_window(width)
    page.goto("/sign-in/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    axe(page)
    assert_reflows(page)
    shot(page, f"sign-in-{width}")


def test_signing_in_leads_back_to_the_page_one_wanted(page, cast):
    page.goto("/inbox/")
    fill(page, "rosa@example.test", PASSWORD)
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_a_password_can_be_pasted(page, cast):
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill("rosa@example.test")
    page.evaluate(
        """text => { const field = document.querySelector('[type=password]'); field.focus();
            const data = new DataTransfer(); data.setData('text/plain', text);
            if (field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, cancelable: true})))
              document.execCommand('insertText', false, text); }""",
        PASSWORD,
    )
    expect(page.get_by_label("Password")).to_have_value(PASSWORD)


def test_a_wrong_password_is_said_at_the_top_with_the_focus_there(page, cast, axe, shot):
    page.goto("/sign-in/")
    fill(page, "rosa@example.test", "not this one")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_text("The e-mail address or the password is not right.")).to_have_count(1)
    assert page.title().startswith("Error: ")
    axe(page)
    shot(page, "sign-in-wrong")


def test_each_line_of_the_error_summary_leads_into_its_field(page, cast, axe):
    page.goto("/sign-in/")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Enter your password.").click()
    expect(page.get_by_label("Password")).to_be_focused()
    axe(page)


def test_after_five_wrong_tries_the_page_says_for_how_long_it_is_closed(page, cast, axe, shot):
    page.goto("/sign-in/")
    for _ in range(5):
        page.goto("/sign-in/")
        fill(page, "rosa@example.test", "not this one")
    expect(page.get_by_role("heading", name="Sign-in is closed for 15 minutes")).to_be_visible()
    axe(page)
    shot(page, "locked-out")
