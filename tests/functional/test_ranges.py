"""Target ranges in a real browser: a template kept, given to a patient by one press, reviewed; on a phone too."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_physician_keeps_a_template_and_a_nurse_gives_it(cast, live_server, page, sign_in, axe, shot):
    sign_in(page, cast.ana)
    page.goto("/")
    page.get_by_role("link", name="Range templates").click()
    axe(page)
    page.get_by_role("link", name="Add a template").first.click()
    page.get_by_label("Name").fill("Hypertension")
    page.get_by_label("Diagnoses that begin with").fill("i10")
    page.get_by_label("At most", exact=True).fill("135")
    page.get_by_label("Diastolic at most").fill("85")
    page.get_by_label("Critical above", exact=True).fill("130")
    page.get_by_role("button", name="Add the template").click()
    said = "Blood pressure: the critical upper limit must be at or above the upper limit, 135"
    expect(page.get_by_role("link", name=said)).to_be_visible()
    axe(page)
    shot(page, "range-template-wrong")
    page.get_by_label("Critical above", exact=True).fill("180")
    page.get_by_role("button", name="Add the template").click()
    expect(page.get_by_role("row", name="Hypertension")).to_contain_text("Critical above 180/– mmHg")
    axe(page)
    shot(page, "range-templates")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_reflows(page)
    shot(page, "range-templates-390")


def test_a_nurse_sets_a_range_by_a_template_and_reviews_another(cast, live_server, page, sign_in, axe, shot):
    factories.range_template(cast.practice)
    factories.range_template(
        cast.practice,
        name="Any",
        diagnosis="",
        measure="heart_rate",
        second_high=None,
        second_critical_high=None,
    )
    sign_in(page, cast.rosa)
    page.goto("/ranges/review/")
    axe(page)
    shot(page, "ranges-to-review")
    page.get_by_role("link", name="Review blood pressure of ROE, Max").click()
    axe(page)
    shot(page, "range-review")
    page.get_by_label("What you looked at").fill("Four weeks of readings with Dr. Rivera.")
    page.get_by_role("button", name="It stays as it is").click()
    expect(page.get_by_role("status").filter(has_text="Range reviewed.")).to_be_visible()
    page.goto(f"/patients/{cast.jane.pk}/")
    expect(page.get_by_role("heading", name="Ranges to review")).to_be_visible()
    axe(page)
    shot(page, "chart-range-review")
    page.goto(f"/patients/{cast.jane.pk}/ranges/new/")
    axe(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_reflows(page)
        shot(page, f"range-new-{width}")
    page.get_by_role("button", name="Set by template Hypertension, blood pressure").click()
    expect(page.get_by_text("Critical above 180/110 mmHg")).to_be_visible()
    axe(page)
    shot(page, "enrollment-ranges-390")
    page.goto("/ranges/review/")
    assert_reflows(page)
    shot(page, "ranges-to-review-390")
