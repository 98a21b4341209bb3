"""Every setting of the practice changed by hand in a browser, and its effect seen on the month's export."""

import csv
from datetime import date
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from billing.claims import acts as claim_acts
from billing.models import Claim
from patients.models import Site
from patients.sites import move_patient
from tests import factories
from tests.factories import LONG_AGO, saved
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import APRIL_5, close_march, guides_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def approved(live_server, cast):
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    return cast


def fill(page: Page, **typed: str) -> None:
    for label, value in typed.items():
        page.get_by_label(label.replace("_", " ")).fill(value)


def export(page: Page) -> dict[str, dict[str, str]]:
    page.goto("/billing/2026-03/queue/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    rows = csv.DictReader(Path(download.value.path()).read_text().splitlines())
    return {row["code"]: row for row in rows}


def test_the_identity_changes_from_a_day_on_and_the_claim_says_it(approved, open_window, sign_in, axe, shot):
    page, biller = open_window(), open_window()
    sign_in(page, approved.ade)
    page.goto("/")
    page.get_by_role("link", name="Practice", exact=True).click()
    axe(page)
    page.get_by_role("link", name="Change from a day on").click()
    axe(page)
    page.get_by_label("From which day").fill("2026-03-12")
    fill(page, Name="Maple Medical Group", NPI="1234567890", Tax_id="123456789", Reason="We became a group.")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("link", name="pass its check digit")).to_be_visible()
    axe(page)
    shot(page, "identity-wrong")
    fill(page, NPI="1245319599")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("1 claim not exported yet will say this identity.")).to_be_visible()
    axe(page)
    shot(page, "identity-look")
    sign_in(biller, approved.cora)
    assert {row["practice_npi"] for row in export(biller).values()} == {"1234567893"}
    page.get_by_role("button", name="Show what would change").click()
    number = approved.jane.claims.get().number
    expect(page.get_by_text(f"Exported before: {number}.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(
        page.get_by_role("status").filter(has_text="From 12-Mar-2026 claims say this identity")
    ).to_be_visible()
    axe(page)
    shot(page, "practice")
    rows = export(biller)
    # By the claim's last date of service, the 31st: 99454's window ended on the 11th.
    assert {row["practice_npi"] for row in rows.values()} == {"1245319599"}
    assert (rows["99457"]["practice_name"], rows["99457"]["practice_tax_id"]) == (
        "Maple Medical Group",
        "12-3456789",
    )


def test_sites_are_added_and_ended_and_the_claim_says_their_place(approved, open_window, sign_in, axe, shot):
    page, biller, nurse = open_window(), open_window(), open_window()
    for window, who in ((page, approved.ade), (biller, approved.cora), (nurse, approved.rosa)):
        sign_in(window, who)
    for name, place in (("Office", "11"), ("Hospital clinic", "22")):
        page.goto("/practice/")
        page.get_by_role("link", name="Add a site").click()
        axe(page)
        fill(page, Name_of_the_site=name, First_day="2026-01-01", Reason="We work there.")
        page.get_by_label("Place of service").select_option(place)
        shot(page, f"site-new-{place}")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").filter(has_text=f"{name} is saved.")).to_be_visible()
    axe(page)
    shot(page, "practice-sites")
    nurse.goto(f"/patients/{approved.jane.pk}/enrollment/")
    nurse.get_by_role("link", name="Change site").click()
    axe(nurse)
    nurse.get_by_label("Site").select_option("Hospital clinic")
    nurse.get_by_label("From which day").fill("2026-03-20")
    shot(nurse, "site-change")
    nurse.get_by_role("button", name="Save the site").click()
    expect(nurse.get_by_role("status").filter(has_text="Site saved.")).to_be_visible()
    rows = export(biller)
    assert {code: row["place_of_service"] for code, row in rows.items()} == {
        "99453": "11",
        "99454": "11",
        "99457": "22",
    }
    page.get_by_role("link", name="End Hospital clinic").click()
    expect(page.get_by_text("1 patient is cared for there today.")).to_be_visible()
    axe(page)
    fill(page, Reason="The contract ended.")
    page.get_by_role("button", name="End the site").click()
    expect(page.get_by_text("1 patient is at Hospital clinic on 05-Apr-2026 or later.").first).to_be_visible()
    axe(page)
    shot(page, "site-end-refused")
    page.get_by_label("Its patients go on at").select_option("Office")
    page.get_by_role("button", name="End the site").click()
    expect(page.get_by_role("status").filter(has_text="Hospital clinic ends on 05-Apr-2026.")).to_be_visible()


def test_a_wrong_zone_is_corrected_and_stays_once_something_was_measured(cast, page, sign_in, axe, shot):
    sign_in(page, cast.ade)
    page.goto("/practice/")
    page.get_by_role("link", name="Change name or time zone").click()
    page.get_by_label("Time zone").select_option("America/Chicago")
    fill(page, Reason="Typed wrongly.")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("America/Chicago")).to_be_visible()
    factories.readings(cast.jane, date(2026, 3, 1), 1)
    page.get_by_role("link", name="Change name or time zone").click()
    expect(
        page.get_by_text("The time zone stays America/Chicago: readings have been recorded")
    ).to_be_visible()
    axe(page)
    shot(page, "zone-stays")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_reflow_and_are_read_by_role(approved, open_window, sign_in, axe, shot, width):
    own = {"practice": approved.practice, "why": "Opened.", "starts_on": LONG_AGO}
    office = saved(Site(name="Office", place_of_service="11", main=True, **own))
    clinic = saved(Site(name="Clinic by the river", place_of_service="22", **own))
    move_patient(approved.max, clinic, starts_on=date(2026, 3, 20), by=approved.rosa, at=APRIL_5)
    nurse, biller, admin = open_window(width), open_window(width), open_window(width)
    sign_in(nurse, approved.rosa)
    sign_in(biller, approved.cora)
    sign_in(admin, approved.ade)
    for window, where, name in (
        (nurse, f"/patients/?site={clinic.pk}", "caseload-site"),
        (nurse, "/patients/new/", "enroll-site"),
        (biller, f"/billing/2026-03/queue/?site={office.pk}&state=", "queue-site"),
        (biller, f"/claims/{approved.jane.claims.get().pk}/", "claim-place"),
        (biller, "/practice/", "practice-read"),
        (admin, "/practice/", "practice-edit"),
        (admin, "/practice/identity/", "identity"),
        (admin, f"/practice/sites/{clinic.pk}/", "site"),
    ):
        window.goto(where)
        axe(window)
        assert_reflows(window)
        shot(window, f"{name}-{width}")
