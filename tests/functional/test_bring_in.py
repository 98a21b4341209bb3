"""Patients of another system, brought in by mouse and by keys, at a desk and on the smallest window."""

import pytest
from playwright.sync_api import Page, expect

from intake.models import PatientImport
from patients.models import Patient
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows
from tests.integration.intake.files import work

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """Patient ID;Patient;DOB;Gender;Mobile;Notes
T-0001;Doe, Jane;05/12/1948;Female;555 0100;
T-0002;Roe, Max;02/01/1944;Male;;
N-1;"Bell, Ida";3/14/1951;F;555 0101;moved
N-2;Doe, Janet;5/12/1948;F;;
N-3;Cole;1950-01-02;F;;
N-4;Peña, Ana;1/2/50;F;;
""".encode("cp1252")


@pytest.fixture
def people(transactional_db):
    return make_cast()


def choose_file(page: Page) -> None:
    page.get_by_label("CSV file").set_input_files(
        {"name": "export.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    page.get_by_role("button", name="Look at the file").click()


def looked_at(page: Page, axe, shot, name: str) -> None:
    axe(page)
    shot(page, f"bring-in-{name}")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert_reflows(page)
        shot(page, f"bring-in-{name}-{width}")
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def compare(page: Page, row: int, decision: str, reason: str) -> None:
    page.get_by_role("link", name=f"Compare row {row}").click()
    page.get_by_role("radio", name=decision).check()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Save the decision").click()


def test_a_nurse_brings_in_the_patients_of_another_system(page, sign_in, axe, shot, people):
    sign_in(page, people.rosa).goto("/patients/")
    page.get_by_role("link", name="Bring in patients…").press("Enter")
    looked_at(page, axe, shot, "file")
    choose_file(page)

    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()
    expect(page.get_by_text("it was read as Windows-1252")).to_be_visible()
    expect(page.get_by_role("combobox", name="Mobile")).to_have_value("phone")
    expect(page.get_by_role("combobox", name="Notes")).to_have_value("")
    looked_at(page, axe, shot, "columns")
    page.get_by_role("combobox", name="DOB").select_option(label="Do not take in")
    page.get_by_role("button", name="Match the rows").click()
    expect(page.get_by_text("No column gives: Date of birth. Choose one for each")).to_be_visible()
    axe(page)
    page.get_by_role("combobox", name="DOB").select_option(label="Date of birth")
    page.get_by_role("button", name="Match the rows").press("Enter")

    expect(page.get_by_text("2 of 6 rows can be taken in.")).to_be_visible()
    expect(page.get_by_role("heading", name="Likely doubles")).to_be_visible()
    looked_at(page, axe, shot, "doubles")
    page.get_by_role("link", name="Compare row 5").click()
    looked_at(page, axe, shot, "double")
    page.get_by_role("link", name="Likely doubles").click()
    compare(page, 5, "Another person: take in as new", "Her twin sister.")
    expect(page.get_by_text("Row 5: another person: take in as new.")).to_be_visible()

    page.get_by_role("link", name="Different").click()
    page.get_by_role("link", name="Compare row 2").click()
    expect(page.get_by_role("checkbox", name="Take over Phone")).to_be_checked()
    looked_at(page, axe, shot, "different")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("link", name="Choose what to do")).to_be_visible()
    page.get_by_role("link", name="Choose what to do").click()
    page.get_by_role("radio", name="Take over from the file").check()
    page.get_by_label("Reason").fill("She told them.")
    axe(page)
    page.get_by_role("button", name="Save the decision").click()

    page.get_by_role("link", name="With errors").click()
    expect(page.get_by_role("row", name="Row 6")).to_contain_text("Write the family name, a comma")
    expect(page.get_by_role("row", name="Row 7")).to_contain_text("Write the year with four digits")
    looked_at(page, axe, shot, "errors")

    page.get_by_role("button", name="Take in the good rows").click()
    expect(page.get_by_text("0 of 4 rows taken in")).to_be_visible()
    looked_at(page, axe, shot, "taking")
    work()
    expect(page.locator(".run-words")).to_contain_text(
        "2 new, 1 changed, 1 already here. 2 rows wait for you."
    )
    looked_at(page, axe, shot, "taken")
    page.get_by_role("link", name="Look at the rest").click()
    page.get_by_role("button", name="Leave out the rest").click()
    expect(page.get_by_text("The rest of the file is left out.")).to_be_visible()
    looked_at(page, axe, shot, "files")
    page.goto(f"/patients/bring-in/{PatientImport.objects.get().pk}/")
    expect(page.get_by_role("row", name="BELL, Ida")).to_contain_text("New patient")
    looked_at(page, axe, shot, "result")
    people.jane.refresh_from_db()
    assert people.jane.phone == "555 0100"
    assert Patient.objects.filter(mrn__in=["N-1", "N-2"]).count() == 2
