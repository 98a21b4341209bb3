"""Patients in a browser: enroll, import readings, read the chart; by mouse, by keys, on a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from monitoring.models import Reading
from patients.models import Patient
from tests import factories
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db):
    return make_cast()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).select_option(label=option)


def enroll_ida(page: Page, today) -> None:
    day = today - timedelta(days=20)
    page.get_by_role("link", name="Enroll patient").click()
    page.get_by_label("Family name").fill("Bell")
    page.get_by_label("Given name").fill("Ida")
    page.get_by_label("Date of birth").fill("1951-03-04")
    choose(page, "Sex", "Female")
    page.get_by_label("MRN").fill("T-0100")
    choose(page, "Payer", "Medicare Part B")
    page.get_by_label("Member number").fill("1EG4-TE5-MK73")
    page.get_by_label("Enrolled on").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("Diagnoses").fill("E11")
    page.get_by_label("Systolic at most").fill("130")
    page.get_by_label("Diastolic at most").fill("80")
    choose(page, "Device", "Blood pressure cuff")
    page.get_by_label("Serial number").fill("A-77")
    page.get_by_role("button", name="Enroll patient").click()


def csv_of(today, count: int) -> bytes:
    lines = ["serial,measure,taken_at,value,second_value"]
    for offset in range(count):
        day = today - timedelta(days=offset + 1)
        lines.append(
            f"A-77,blood_pressure,{day:%Y-%m-%d}T08:{offset:02}:00-05:00,{128 + 2 * offset},{78 + offset}"
        )
    return "\n".join(lines).encode()


def take_in(page: Page, content: bytes) -> None:
    page.goto("/readings/import/")
    page.get_by_label("CSV file").set_input_files(
        {"name": "jan.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Look through the file").click()


def test_a_nurse_enrolls_a_patient_and_takes_in_readings(page, sign_in, axe, shot, people):
    cast, today = people, people.practice.today()
    sign_in(page, cast.rosa).goto("/patients/")
    enroll_ida(page, today)

    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page).to_have_title("Error: Enroll patient · RPM Portal")
    axe(page)
    page.get_by_role("link", name="E11 is a heading; choose a full code such as E11.65").click()
    expect(page.get_by_label("Diagnoses")).to_be_focused()
    page.get_by_label("Diagnoses").fill("I10, E11.65")
    shot(page, "enroll")
    page.get_by_role("button", name="Enroll patient").click()

    expect(page.get_by_text("BELL, Ida is enrolled.")).to_be_visible()
    expect(page.locator(".missing")).to_contain_text("consent date")
    ida = Patient.objects.get(mrn="T-0100")

    take_in(page, csv_of(today, 18))
    expect(page.get_by_text("18, of 1 patient")).to_be_visible()
    axe(page)
    shot(page, "import-check")
    page.get_by_role("button", name="Take in these readings").click()
    expect(page.get_by_text("18 readings added, 0 were already here.")).to_be_visible()
    axe(page)
    assert Reading.objects.filter(patient=ida).count() == 18

    page.goto(f"/patients/{ida.pk}/")
    expect(page.get_by_role("figure")).to_contain_text("18 readings on 18 days")
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("figure")).to_contain_text("6 readings on 6 days")
    expect(page.get_by_role("link", name="7 days")).to_be_focused()
    page.get_by_text("Table of these readings").click()
    expect(page.get_by_role("cell", name="Above range").first).to_be_visible()
    axe(page)
    shot(page, "chart")


def test_a_wrong_file_names_its_lines(page, sign_in, axe, people):
    sign_in(page, people.rosa)
    take_in(page, b"serial,measure,taken_at,value\nNONE,weight,2026-01-05T08:00:00,86\n")
    expect(page.get_by_role("row", name="Line 2")).to_contain_text("Has no offset")
    axe(page)
    take_in(page, b"name,color\n")
    expect(page.get_by_role("link", name="The file has a header and no lines below it")).to_be_visible()


def test_the_caseload_is_walked_by_keys(page, sign_in, axe, shot, people):
    cast = people
    factories.readings(cast.max, cast.practice.today(), 1, hour=5, systolic=158)
    sign_in(page, cast.rosa).goto("/patients/")
    page.get_by_label("Name, MRN or date of birth").focus()
    page.keyboard.type("j")
    expect(page.get_by_label("Name, MRN or date of birth")).to_have_value("j")
    page.goto("/patients/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="ROE, Max", exact=True)).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="DOE, Jane", exact=True)).to_be_focused()
    page.keyboard.press("k")
    axe(page)
    shot(page, "caseload")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{cast.max.pk}/")
    page.keyboard.press("s")
    page.wait_for_url("**/sessions/**")


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_scrolls_sideways(open_window, sign_in, axe, shot, people, width):
    cast = people
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=10), 10, systolic=140)
    phone = sign_in(open_window(width, 844, has_touch=True, is_mobile=True), cast.rosa)
    pages = {
        "caseload": "/patients/",
        "chart": f"/patients/{cast.jane.pk}/",
        "readings": f"/patients/{cast.jane.pk}/readings/",
        "enrollment": f"/patients/{cast.jane.pk}/enrollment/",
        "new": "/patients/new/",
        "act": f"/patients/{cast.jane.pk}/care-plan/new/",
        "import": "/readings/import/",
    }
    for name, address in pages.items():
        phone.goto(address)
        phone.wait_for_load_state("networkidle")
        shot(phone, f"{name}-{width}")
        assert_reflows(phone)
        axe(phone)


def test_a_stale_edit_shows_both(page, open_window, sign_in, axe, shot, people):
    cast = people
    address = f"/patients/{cast.jane.pk}/edit/"
    other = sign_in(open_window(), cast.luis)
    for window in (sign_in(page, cast.rosa), other):
        window.goto(address)
    other.get_by_label("Phone").fill("617-555-0111")
    other.get_by_role("button", name="Save changes").click()
    expect(other.get_by_text("Patient saved.")).to_be_visible()
    page.get_by_label("Phone").fill("617-555-0199")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("row", name="Phone")).to_contain_text("617-555-0111")
    expect(page.get_by_label("Phone")).to_have_value("617-555-0199")
    axe(page)
    shot(page, "stale")


def test_without_scripts_a_patient_is_found_and_no_name_gets_into_the_address(open_window, cast, sign_in):
    page = sign_in(open_window(java_script_enabled=False), cast.rosa)
    page.goto("/inbox/")
    page.get_by_label("Find a patient").fill("doe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="DOE, Jane", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="ROE, Max", exact=True)).to_have_count(0)
    assert page.url.endswith("/patients/")
