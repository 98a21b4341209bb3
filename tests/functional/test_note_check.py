"""The note check's remarks on the words of a note, as the nurse meets them while she types."""

import pytest
from playwright.sync_api import expect

from tests.functional.browsing import assert_reflows
from tests.functional.test_session import choose, entry, open_page, readings, saved  # noqa: F401
from timelogs.models import Status, TimeEntry

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "Highest 168/101 on Tuesday, goal below 140/90."
REMARKS = ("Check 168/101: it is not among the readings of", "Check “20 minutes”: the contact took 4 min.")


def write(page) -> None:
    """A note in which one number and one length are not what is stored."""
    page.get_by_label("I reviewed these readings").check()
    choose(page, "Who", "Patient")
    choose(page, "How", "Phone")
    page.get_by_label("It took").fill("4")
    page.get_by_label("What you saw in them").fill(WRONG)
    page.get_by_label("What was said").fill("Spoke for 20 minutes; she salts the soup at dinner.")
    page.get_by_label("Reason or detail").fill("Will continue to monitor")
    page.get_by_label("Reason or detail").blur()


def test_remarks_come_and_go_with_the_autosave_and_block_nothing(open_page, entry, axe, shot):  # noqa: F811
    page, check = open_page, open_page.locator("#note-check")
    expect(check).not_to_contain_text("Worth another look")
    write(page)
    for remark in REMARKS:
        expect(check).to_contain_text(remark)
    expect(check).to_contain_text(
        "“Will continue to monitor” says nothing by itself: say what was decided and why."
    )
    expect(page.locator("#announce")).to_have_text("Draft saved. Note check: 3 remarks")
    axe(page)
    shot(page, "note-remarks")
    page.get_by_label("What you saw in them").fill("Highest 158/96 on Tuesday, goal below 140/90.")
    page.get_by_label("What you saw in them").blur()
    expect(check).not_to_contain_text("168/101")
    choose(page, "Topics", "Salt and diet")
    choose(page, "Decision", "No change")
    saved(page)
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()
    assert TimeEntry.objects.get(pk=entry.pk).status == Status.SIGNED


def test_remarks_fit_a_phone(phone, readings, entry, sign_in, axe, shot):  # noqa: F811
    sign_in(phone, readings.rosa)
    phone.goto(f"/sessions/{entry.pk}/")
    write(phone)
    for remark in (*REMARKS, "says nothing by itself"):
        expect(phone.locator("#note-check")).to_contain_text(remark)
    saved(phone)
    assert_reflows(phone)
    axe(phone)
    shot(phone, "note-remarks-390")


def test_the_check_is_quiet_while_a_field_is_typed_in_and_speaks_when_it_is_left(open_page):  # noqa: F811
    page, check = open_page, open_page.locator("#note-check")
    page.get_by_label("I reviewed these readings").check()
    expect(check).to_contain_text("Note check: 2 of 6")
    field = page.get_by_label("What you saw in them")
    field.click()
    page.keyboard.type(WRONG)
    saved(page)
    expect(check).to_contain_text("Note check: 2 of 6")
    expect(check).not_to_contain_text("168/101")
    page.keyboard.press("Tab")
    expect(check).to_contain_text("Check 168/101")
    expect(check).to_contain_text("Note check: 1 of 6")
