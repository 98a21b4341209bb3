"""Signing in through the real form."""

import re

import pytest
from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.functional.browsing import assert_reflows
from timelogs.models import TimeEntry


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


def signs_in_again(open_tab, email: str = "rosa@example.test") -> None:
    """In another tab of the same browser: out, and in by the real form."""
    open_tab.goto("/inbox/")
    open_tab.locator("summary", has_text="Rosa").click()
    open_tab.get_by_role("button", name="Sign out").click()
    fill(open_tab, email, PASSWORD)
    expect(open_tab.locator("nav.shell-nav")).to_be_visible()
    open_tab.close()


@pytest.fixture
def draft(page, cast):
    """Rosa's open draft, signed in by the real form."""
    page.goto(f"/patients/{cast.jane.pk}/")
    fill(page, "rosa@example.test", PASSWORD)
    page.get_by_role("button", name="Start session").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    return page


def test_a_draft_goes_on_saving_after_signing_in_again_in_another_tab(draft):
    signs_in_again(draft.context.new_page())
    draft.get_by_label("What was said").fill("She feels well and walks daily.")
    expect(draft.locator("#save-state")).to_contain_text("Saved")
    draft.get_by_role("button", name="Keep as draft").click()
    expect(draft).to_have_url(re.compile("/patients/|/my/sessions/"))
    assert TimeEntry.objects.get().said == "She feels well and walks daily."


def test_a_draft_of_a_person_who_was_signed_out_says_so_once_and_goes_on_after_the_next_sign_in(draft):
    tab = draft.context.new_page()
    tab.goto("/inbox/")
    tab.locator("summary", has_text="Rosa").click()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_label("E-mail")).to_be_visible()
    draft.get_by_label("What was said").fill("She feels well.")
    link = draft.locator("#save-state a")
    expect(link).to_be_visible()
    # Leaving the field must not redraw the link under the pointer: the first click counts.
    with draft.context.expect_page() as opened:
        link.click()
    fill(opened.value, "rosa@example.test", PASSWORD)
    expect(opened.value.locator("nav.shell-nav")).to_be_visible()
    opened.value.close()
    draft.bring_to_front()
    draft.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(draft.locator("#save-state")).to_contain_text("Saved")
    assert TimeEntry.objects.get().said == "She feels well."


def test_what_one_typed_is_not_saved_under_the_next_persons_name(draft):
    signs_in_again(draft.context.new_page(), "luis@example.test")
    draft.get_by_label("What was said").fill("She feels well.")
    expect(draft.locator("#save-state")).to_contain_text("somebody else signed in")
    assert draft.get_by_label("What was said").input_value() == "She feels well."
    assert TimeEntry.objects.get().said == ""


def test_any_form_is_sent_after_signing_in_again_in_another_tab(draft, cast):
    draft.goto(f"/patients/{cast.jane.pk}/visits/new/")
    signs_in_again(draft.context.new_page())
    draft.locator("main input[type=date]").fill("2026-01-20")
    draft.locator("main form button[type=submit]").first.click()
    expect(draft).to_have_url(re.compile("/enrollment/$"))
