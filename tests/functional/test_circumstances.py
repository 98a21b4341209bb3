"""What else goes on with a patient, in a browser: a service elsewhere, an operation, a stay, an office visit."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from patients.models import InstitutionStay, OfficeVisit, OtherService, SurgicalGlobal
from tests import factories
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "The cuff follows his hypertension; the operation was on the knee."


@pytest.fixture
def people(transactional_db):
    return make_cast()


def enrollment(page: Page, patient) -> None:
    page.goto(f"/patients/{patient.pk}/enrollment/")


def fill_service(page: Page, code: str, day) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_label("Date of service").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("Another practice or supplier").check()
    page.get_by_role("button", name="Record service").click()


def test_a_nurse_records_what_else_goes_on(page, sign_in, axe, shot, people):
    cast, today = people, people.practice.today()
    page.set_viewport_size({"width": 1280, "height": 900})
    enrollment(sign_in(page, cast.rosa), cast.jane)
    panel = page.get_by_role("region", name="Also going on")
    expect(panel).to_contain_text("No other service, operation or stay recorded.")
    shot(page, "going-on-empty-1280")

    panel.get_by_role("link", name="Record another service").click()
    page.get_by_text("Codes that matter to remote monitoring").click()
    axe(page)
    shot(page, "service-1280")
    page.get_by_label("Note").fill("Told by the daughter.")
    fill_service(page, "98976-59", today)
    page.get_by_role("link", name="Code must be 5 characters without modifier").click()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    expect(page.get_by_label("Note")).to_have_value("Told by the daughter.")
    axe(page)
    shot(page, "service-wrong-1280")
    fill_service(page, "98976", today)
    expect(page.get_by_text("Service recorded.")).to_be_visible()

    panel.get_by_role("link", name="Record a surgical period").click()
    page.get_by_label("Code of the operation").fill("27447")
    page.get_by_label("First day").fill(f"{today - timedelta(days=20):%Y-%m-%d}")
    page.get_by_label("Last day").fill(f"{today + timedelta(days=71):%Y-%m-%d}")
    page.get_by_label("The practitioner who bills monitoring").check()
    axe(page)
    shot(page, "surgery-1280")
    page.get_by_role("button", name="Record period").click()
    expect(panel).to_contain_text("Not attested that the monitoring is for something else")
    expect(panel.get_by_role("link", name="Attest")).to_have_count(0)

    panel.get_by_role("link", name="Record a stay").click()
    page.get_by_role("combobox", name="Where").select_option(label="Hospital")
    page.get_by_label("Admitted on").fill(f"{today - timedelta(days=20):%Y-%m-%d}")
    axe(page)
    shot(page, "stay-1280")
    page.get_by_role("button", name="Record stay").click()
    panel.get_by_role("link", name="Discharged").click()
    page.get_by_label("Discharged on").fill(f"{today - timedelta(days=17):%Y-%m-%d}")
    page.get_by_role("button", name="Record discharge").click()
    expect(page.get_by_text("Discharge recorded.")).to_be_visible()

    panel.get_by_role("link", name="Withdraw 98976").click()
    page.get_by_label("Reason").fill("Another patient's.")
    axe(page)
    shot(page, "service-withdraw-1280")
    page.get_by_role("button", name="Withdraw service").click()
    expect(panel.locator("s")).to_contain_text("98976")
    axe(page)
    shot(page, "going-on-1280")
    assert OtherService.objects.get().withdrawn
    assert InstitutionStay.objects.get().discharged_on == today - timedelta(days=17)


def test_a_physician_attests(page, sign_in, axe, shot, people):
    cast = people
    factories.going_on(cast.jane, cast.practice.today() - timedelta(days=5))
    enrollment(sign_in(page, cast.ana), cast.jane)
    page.get_by_role("link", name="Attest").click()
    page.get_by_label("Why the monitoring is for something else").fill(WHY)
    axe(page)
    shot(page, "attest-1280")
    page.get_by_role("button", name="Attest").click()
    panel = page.get_by_role("region", name="Also going on")
    expect(panel).to_contain_text("by Ana Rivera, MD")
    expect(panel).to_contain_text(WHY)
    axe(page)
    assert SurgicalGlobal.objects.get().attested_by == cast.ana


def test_a_visit_of_today_is_recorded_and_withdrawn(page, sign_in, axe, shot, people):
    cast, today = people, people.practice.today()
    enrollment(sign_in(page, cast.rosa), cast.jane)
    page.get_by_role("link", name="Record a visit").click()
    page.get_by_label("Day of the office visit").fill(f"{today:%Y-%m-%d}")
    axe(page)
    shot(page, "visit-1280")
    page.get_by_role("button", name="Record visit").click()
    expect(page.get_by_text("Office visit recorded.")).to_be_visible()
    page.get_by_role("link", name="Withdraw visit of").click()
    page.get_by_label("Reason").fill("Was cancelled.")
    shot(page, "visit-withdraw-1280")
    page.get_by_role("button", name="Withdraw visit").click()
    expect(page.get_by_text("Office visit withdrawn. It stays in the record.")).to_be_visible()
    assert OfficeVisit.objects.get().withdrawn


def test_on_a_phone_nothing_scrolls_sideways(open_window, sign_in, axe, shot, people):
    cast = people
    rows = factories.going_on(cast.jane, cast.practice.today() - timedelta(days=5))
    phone = sign_in(open_window(390, 844, has_touch=True, is_mobile=True), cast.ana)
    for name, path in {
        "enrollment": "enrollment/",
        "service": "other-services/new/",
        "surgery": "surgery/new/",
        "attest": f"surgery/{rows['surgery'].pk}/attest/",
        "stay": "stays/new/",
        "discharge": f"stays/{rows['stay'].pk}/discharge/",
        "visit": "visits/new/",
    }.items():
        phone.goto(f"/patients/{cast.jane.pk}/{path}")
        if name == "service":
            phone.get_by_text("Codes that matter to remote monitoring").click()
        shot(phone, f"{name}-390")
        assert_reflows(phone)
        axe(phone)
