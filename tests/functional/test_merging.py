"""Two records of one person merged and undone, by mouse and by keys, at a desk and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from patients.models import Merge
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows
from tests.integration.patients.merged import second_jane

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db):
    cast = make_cast()
    second_jane(cast)
    return cast


def looked_at(page: Page, axe, shot, name: str) -> None:
    axe(page)
    shot(page, f"merging-{name}")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert_reflows(page)
        shot(page, f"merging-{name}-{width}")
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_lead_nurse_merges_two_records_and_undoes_it(page, sign_in, axe, shot, people):
    sign_in(page, people.lena).goto("/patients/duplicates/")
    looked_at(page, axe, shot, "list")
    page.get_by_role("link", name="Merge… MRN T-0009 and MRN T-0001").or_(
        page.get_by_role("link", name="Merge… MRN T-0001 and MRN T-0009")
    ).click()
    if page.get_by_role("heading", name="Merge MRN T-0001 into MRN T-0009").is_visible():
        looked_at(page, axe, shot, "unsettled")
        page.get_by_role("link", name="The other way round").click()
    expect(page.get_by_role("heading", name="Merge MRN T-0009 into MRN T-0001")).to_be_visible()
    looked_at(page, axe, shot, "side-by-side")
    page.get_by_role("button", name="Merge the records").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    looked_at(page, axe, shot, "asked")
    page.get_by_role("radio", name="Family name: keep Doe").check()
    page.get_by_role("radio", name="Coverage today: keep").check()
    page.get_by_label("How you know that they are one person").fill("Same card and address.")
    page.get_by_role("button", name="Merge the records").press("Enter")
    expect(page.get_by_text("MRN T-0009 is merged into MRN T-0001.")).to_be_visible()
    looked_at(page, axe, shot, "chart")
    page.get_by_role("link", name="Open the earlier record, MRN T-0009").click()
    expect(page.get_by_text("This is an earlier record")).to_be_visible()
    looked_at(page, axe, shot, "earlier")
    page.get_by_role("link", name="Undo the merge…").click()
    looked_at(page, axe, shot, "undo")
    page.get_by_label("Why the merge is undone").fill("Her sister.")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("MRN T-0009 is a record of its own again.")).to_be_visible()
    assert Merge.objects.get().undone_at


def test_an_administrator_says_that_they_are_two_people(page, sign_in, axe, shot, people):
    sign_in(page, people.ade).goto("/patients/duplicates/")
    page.get_by_role("link", name="Not the same person…").first.click()
    looked_at(page, axe, shot, "two-people")
    page.get_by_label("How you know that they are two people").fill("Sisters.")
    page.get_by_role("button", name="They are two people").click()
    expect(page.get_by_text("Remembered: they are two people.")).to_be_visible()


def test_the_other_record_is_found_from_the_chart(page, sign_in, axe, shot, people):
    sign_in(page, people.lena).goto(f"/patients/{people.jane.pk}/enrollment/")
    page.get_by_role("link", name="Merge with another record…").click()
    page.get_by_label("Name, MRN or date of birth of the other record").fill("dow")
    page.get_by_role("button", name="Find", exact=True).click()
    looked_at(page, axe, shot, "find")
    page.get_by_role("link", name="Merge… with MRN T-0009").click()
    expect(page.get_by_role("heading", name="Merge MRN T-0009 into MRN T-0001")).to_be_visible()
