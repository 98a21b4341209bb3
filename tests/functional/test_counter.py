"""How much is left of a text, beside its field: quiet until it is needed, and nothing is cut."""

import pytest
from playwright.sync_api import expect

from foundation.lengths import WORDS
from tests.functional.browsing import assert_reflows
from tests.functional.test_session import entry, open_page, readings, saved  # noqa: F401
from timelogs.models import TimeEntry

pytestmark = pytest.mark.django_db(transaction=True)

# Asked at one moment: the page may be scrolling.
BETWEEN = "() => id_action_detail.getBoundingClientRect().top - id_said.getBoundingClientRect().top"


def test_the_counter_counts_while_one_types_and_nothing_is_cut(open_page, entry, axe, shot):  # noqa: F811
    page = open_page
    field, counter = page.get_by_label("What was said"), page.locator("#id_said-left")
    expect(counter).to_have_count(0)
    before = page.evaluate(BETWEEN)
    field.focus()
    expect(counter).to_have_text("4,000 left")
    assert page.evaluate(BETWEEN) == before, "Nothing moves when it appears."
    field.fill("Salt.\n𝄞")
    expect(counter).to_have_text("3,993 left")
    assert "id_said-left" in field.get_attribute("aria-describedby")
    page.get_by_label("What you saw in them").focus()
    expect(counter).to_be_hidden()
    field.fill("x" * (WORDS + 12))
    expect(counter).to_have_text("12 too many")
    axe(page)
    shot(page, "counter")
    page.get_by_label("What you saw in them").focus()
    expect(counter).to_be_visible()
    expect(page.locator("#save-state")).to_contain_text("except what could not be read: what was said")
    assert len(field.input_value()) == WORDS + 12
    field.fill("x" * WORDS)
    expect(counter).to_have_text("0 left")
    expect(page.locator("#save-state")).not_to_contain_text("except")
    saved(page)
    assert len(TimeEntry.objects.get(pk=entry.pk).said) == WORDS


def test_it_fits_a_phone(phone, readings, entry, sign_in, axe, shot):  # noqa: F811
    sign_in(phone, readings.rosa)
    phone.goto(f"/sessions/{entry.pk}/")
    phone.get_by_label("What was said").fill("x" * (WORDS + 1))
    expect(phone.locator("#id_said-left")).to_have_text("1 too many")
    axe(phone)
    shot(phone, "counter-phone")
    assert_reflows(phone)
