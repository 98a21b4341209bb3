"""The biller's way from the close to the CSV, in a real browser, by pointer, by keyboard and on a phone."""

import csv
import io
from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from billing.models import Claim, ClaimState
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import APRIL_5, close_march, guides_example, minutes_of, work
from tests.integration.timelogs.notes import REVIEW

QUEUE = "/billing/2026-03/queue/"


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def march(live_server, cast):
    """Jane with the guide's example, Max with 22 minutes and no call, Ann with 12 minutes and a call."""
    guides_example(cast)
    factories.readings(cast.max, date(2026, 2, 10), 40)
    minutes_of(cast.max, cast.luis, 1320, **REVIEW)
    ann = factories.patient(cast.practice, "Ames", "Ann", mrn="T-0005", born_on=date(1955, 8, 9))
    factories.enrollment(ann, clinician=cast.ana, taken_by=cast.rosa)
    factories.readings(ann, date(2026, 2, 20), 12)
    minutes_of(ann, cast.lena, 720)
    work()
    return cast


@pytest.fixture
def closed(march):
    close_march(march)
    return march


def test_from_the_month_board_to_the_csv(march, page, sign_in, axe, shot):
    sign_in(page, march.cora)
    page.goto("/billing/2026-03/")
    expect(page.get_by_text("3 patients, calculated from the records as they stand.")).to_be_visible()
    axe(page)
    shot(page, "billing-month-open")
    page.get_by_role("link", name="Close month…").click()
    axe(page)
    shot(page, "billing-close")
    page.get_by_role("button", name="Close the month").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    page.get_by_label("Type the month to confirm").fill("march 2026")
    page.get_by_role("button", name="Close the month").click()
    expect(page.get_by_text("0 of 3 patients decided")).to_be_visible()
    axe(page)
    shot(page, "billing-run")
    work()
    expect(
        page.get_by_text("March 2026 is closed: 2 ready to review, 1 needs attention.").last
    ).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="March 2026 is closed")).to_have_count(1)
    axe(page)
    shot(page, "billing-run-done")

    page.get_by_role("link", name="Review queue").click()
    axe(page)
    shot(page, "billing-queue")
    page.get_by_role("link", name="DOE, Jane", exact=True).click()
    expect(page.get_by_text("22 min signed; 20 needed.").first).to_be_visible()
    page.get_by_text("Why 99457").click()
    axe(page)
    shot(page, "billing-claim")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("approved by Cora Biller")).to_be_visible()
    page.get_by_role("link", name="Review queue").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV: 1 approved claim, 3 lines").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [row["code"] for row in rows] == ["99453", "99454", "99457"]
    page.goto("/billing/2026-03/")
    axe(page)
    shot(page, "billing-month-closed")


def test_the_queue_by_keyboard_alone(closed, page, sign_in):
    sign_in(page, closed.cora)
    page.goto(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("row", name="AMES, Ann").get_by_text("Approved")).to_be_visible()
    expect(page.locator("tr:focus")).to_contain_text("AMES, Ann")
    page.keyboard.press("j")
    expect(page.locator("tr:focus")).to_contain_text("DOE, Jane")
    page.keyboard.press("h")
    expect(page.get_by_label("Why this claim waits")).to_be_focused()
    page.keyboard.type("Waits for the new card.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Held by hand: Waits for the new card.").first).to_be_visible()
    states = dict(Claim.objects.values_list("patient__family_name", "state"))
    assert (states["Ames"], states["Doe"]) == (ClaimState.APPROVED, ClaimState.ON_HOLD)


def test_enter_opens_and_switched_off_letters_do_nothing(closed, page, sign_in, live_server):
    sign_in(page, closed.cora)
    page.context.add_cookies([{"name": "letters", "value": "off", "url": live_server.url}])
    page.goto(QUEUE)
    page.keyboard.press("j")
    assert page.locator("tr:focus").count() == 0
    page.context.clear_cookies(name="letters")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="March 2026 claim")).to_be_visible()


def test_a_claim_that_changed_meanwhile_is_not_approved_from_the_queue(closed, page, sign_in):
    from billing.claims import acts as claim_acts

    sign_in(page, closed.cora)
    page.goto(QUEUE)
    claim = Claim.objects.get(patient=closed.jane)
    claim_acts.hold(
        claim, reason="Waits for the new card.", version=claim.version, by=closed.cora, at=APRIL_5
    )
    page.get_by_role("button", name="Approve DOE, Jane").click()
    row = page.locator("[data-row]", has_text="DOE, Jane")
    expect(row.get_by_role("alert")).to_contain_text(
        "This claim changed while you were looking. It was not approved."
    )
    expect(row.get_by_text("On hold")).to_be_visible()


def test_a_reason_on_the_board_is_one_click_from_its_claims(closed, page, sign_in):
    sign_in(page, closed.cora)
    page.goto("/billing/2026-03/")
    page.get_by_role("link", name="No live contact with the patient or caregiver in the month").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("ROE, Max")


def test_the_auditor_sees_the_claim_and_no_way_to_act(closed, page, sign_in, axe):
    sign_in(page, closed.omar)
    page.goto(QUEUE)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    page.get_by_role("link", name="DOE, Jane", exact=True).click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("button", name="Hold")).to_have_count(0)
    axe(page)
    page.get_by_role("link", name="History", exact=True).last.click()
    expect(page.get_by_role("heading", name="Claim")).to_be_visible()


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_scrolls_sideways(closed, open_window, sign_in, axe, shot, width):
    phone = sign_in(open_window(width, 844, has_touch=True, is_mobile=True), closed.cora)
    claim, held = Claim.objects.get(patient=closed.jane), Claim.objects.get(patient=closed.max)
    for name, url in {
        "month": "/billing/2026-03/",
        "month-open": "/billing/2026-02/",
        "close": "/billing/2026-02/close/",
        "queue": QUEUE,
        "queue-any": QUEUE + "?state=",
        "queue-empty": "/billing/2026-02/queue/",
        "claim": f"/claims/{claim.pk}/",
        "claim-held": f"/claims/{held.pk}/",
        "run": f"/billing/runs/{claim.selection.run_id}/",
    }.items():
        phone.goto(url)
        assert_reflows(phone)
        axe(phone)
        shot(phone, f"billing-{name}-{width}")


def test_the_administrator_reopens_a_month(closed, page, sign_in, axe, shot):
    sign_in(page, closed.ade)
    page.goto("/billing/closed/")
    axe(page)
    page.get_by_role("link", name="Re-open March 2026…").click()
    page.get_by_label("Why it must be re-opened").fill("A late call is missing.")
    page.get_by_label("Type the month to confirm").fill("March 2026")
    axe(page)
    shot(page, "billing-reopen")
    page.get_by_role("button", name="Re-open the month").click()
    expect(page.get_by_text("No month is closed.")).to_be_visible()


def test_the_counts_above_the_queue_follow_each_approval(closed, page, sign_in):
    sign_in(page, closed.cora)
    page.goto(QUEUE)
    tabs = page.get_by_role("navigation", name="Claims by state")
    expect(tabs.get_by_role("link", name="Approved")).to_contain_text("0")
    expect(page.get_by_text("Nothing approved to export yet")).to_be_visible()
    page.get_by_role("button", name="Approve DOE, Jane").click()
    expect(tabs.get_by_role("link", name="Approved")).to_contain_text("1")
    expect(tabs.get_by_role("link", name="Ready")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="Export CSV: 1 approved claim, 3 lines")).to_be_visible()
    expect(page.get_by_role("navigation", name="Claims by state")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_word_as_long_as_a_page_widens_none(closed, open_window, sign_in, width):
    from billing.claims import acts as claim_acts

    claim = Claim.objects.get(patient=closed.jane)
    claim_acts.hold(claim, reason="x" * 490, version=claim.version, by=closed.cora, at=APRIL_5)
    window = sign_in(open_window(width, 844), closed.cora)
    for url in (f"/claims/{claim.pk}/", QUEUE + "?state=on_hold", "/billing/2026-03/"):
        window.goto(url)
        assert_reflows(window)
    sign_in(window, closed.omar)
    for url in ("/history/", f"/history/claim/{claim.pk}/"):
        window.goto(url)
        assert_reflows(window)
