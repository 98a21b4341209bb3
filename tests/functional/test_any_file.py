"""A nurse takes in an app's file of readings: its columns once, then its good lines, by mouse and by keys."""

import pytest
from playwright.sync_api import Page, expect

from monitoring.models import FileShape, Reading
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)

FILE = (
    "My cuff,exported on,01-20-2026 08:00 AM\n"
    "Date,Time,Systolic,Diastolic,Pulse (bpm),Weight,Symptoms,Event Type\n"
    "03/01/2026,07:14 AM,134,84,71,,-,Reading\n"
    "04/01/2026,07:02 PM,129,79,68,,-,Reading\n"
    "05/01/2026,07:20 AM,131,790,70,,dizzy,Reading\n"
    "05/01/2026,08:00 AM,,,,,Breakfast,Meal\n"
)


@pytest.fixture
def people(transactional_db):
    return make_cast()


def choose(page: Page, content: str = FILE) -> None:
    file = {"name": "cuff.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look through the file").press("Enter")


def looked_at(page: Page, axe, shot, name: str) -> None:
    axe(page)
    shot(page, f"any-file-{name}")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert_reflows(page)
        shot(page, f"any-file-{name}-{width}")
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_nurse_takes_in_the_file_of_an_app(page, sign_in, axe, shot, people):
    sign_in(page, people.rosa).goto("/readings/import/")
    looked_at(page, axe, shot, "choose")
    choose(page)

    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()
    expect(page.get_by_text("can be two days").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Systolic", exact=True)).to_have_value("systolic")
    expect(page.get_by_role("combobox", name="Symptoms", exact=True)).to_have_value("")
    looked_at(page, axe, shot, "columns")
    page.get_by_role("button", name="Look through the file").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looked_at(page, axe, shot, "columns-open")

    page.get_by_label("Dates are written").select_option(label="day, month, year")
    page.get_by_label("Device’s serial number").fill("CUFF-T-0001")
    page.get_by_role("button", name="Look through the file").press("Enter")

    expect(page.get_by_role("heading", name="Check the readings")).to_be_visible()
    expect(page.get_by_role("row", name="Line 5 Diastolic")).to_contain_text(
        "Is not possible: 20 to 200 mmHg are"
    )
    expect(page.get_by_text("03-Jan-2026 07:14 EST").first).to_be_visible()
    expect(page.get_by_text("of kind “Meal”")).to_be_visible()
    looked_at(page, axe, shot, "check")
    page.get_by_role("link", name="Change what the columns mean").click()
    expect(page.get_by_label("Device’s serial number")).to_have_value("CUFF-T-0001")
    expect(page.get_by_text("134/84 mmHg")).to_be_visible()
    looked_at(page, axe, shot, "columns-understood")
    page.get_by_role("button", name="Look through the file").click()
    page.get_by_role("button", name="Take in the 4 good readings").press("Enter")
    expect(page.get_by_text("4 readings added, 0 were already here. 1 left out.")).to_be_visible()
    assert Reading.objects.count() == 4
    assert FileShape.objects.count() == 1

    choose(page, FILE.replace("790", "79"))
    expect(page.get_by_label("Dates are written")).to_have_value("dmy")
    page.get_by_label("Device’s serial number").fill("CUFF-T-0001")
    page.get_by_role("button", name="Look through the file").click()
    expect(
        page.get_by_text("The columns mean what your practice chose for such a file before.")
    ).to_be_visible()
    page.get_by_role("button", name="Take in these readings").click()
    expect(page.get_by_text("2 readings added, 4 were already here.")).to_be_visible()
    looked_at(page, axe, shot, "done")
