"""A clinician reads and signs what others wrote; a paper is attached and downloaded. In a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from patients import signing
from patients.attachments import attach
from patients.models import Attachment, CarePlan, Order
from patients.papers import record_order, write_care_plan
from patients.services import OrderGiven, PlanGiven, end_enrollment
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(live_server, cast):
    at = timezone.now()
    for episode in (cast.jane_enrolled, cast.max_enrolled):
        given = OrderGiven(text="Remote monitoring of weight, every morning.", signed_by=cast.ana)
        record_order(episode, given, by=cast.rosa, at=at)
    plan = PlanGiven(
        goals="Below 125/75.", actions="Less salt; evening dose.", effective_on=cast.practice.today()
    )
    write_care_plan(cast.jane_enrolled, plan, by=cast.rosa, at=at)
    return cast


@pytest.mark.parametrize("width", [1280, 320])
def test_several_are_signed_after_reading_each(width, waiting, open_window, sign_in, axe, shot):
    page = sign_in(open_window(width), waiting.ana)
    page.goto("/inbox/")
    expect(page.get_by_text("order to sign, written by Rosa Nguyen, RN").first).to_be_visible()
    page.goto("/signatures/")
    expect(page.get_by_text("Not read", exact=True)).to_have_count(3)
    axe(page)
    assert_reflows(page)
    shot(page, f"to-sign-{width}")
    page.get_by_role("link", name="Read the care plan").click()
    expect(page.get_by_text("Goals: added “Below 125/75.”; no longer “Below 130/80.”")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"to-sign-plan-{width}")
    page.get_by_role("link", name="All that waits").click()
    page.get_by_role("link", name="Read the order of DOE, Jane").click()
    page.get_by_role("link", name="All that waits").click()
    expect(page.get_by_role("checkbox")).to_have_count(2)
    shot(page, f"to-sign-read-{width}")
    page.get_by_role("button", name="Sign what is ticked").press("Enter")
    expect(page.get_by_text("2 papers signed.")).to_be_visible()
    assert CarePlan.objects.filter(enrollment=waiting.jane_enrolled).count() == 2
    assert Order.objects.filter(enrollment=waiting.jane_enrolled).count() == 2
    page.get_by_role("link", name="Read the order of ROE, Max").click()
    page.get_by_role("link", name="Return unsigned…").click()
    axe(page)
    page.get_by_label("Reason").fill("He has no scale.")
    page.get_by_role("button", name="Return it").click()
    expect(page.get_by_text("Nothing waits for your signature.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_paper_is_attached_and_comes_back_as_a_download(width, waiting, open_window, sign_in, axe, shot):
    page = sign_in(open_window(width), waiting.rosa)
    page.goto(f"/patients/{waiting.jane.pk}/enrollment/")
    axe(page)
    assert_reflows(page)
    page.get_by_role("link", name="Attach a paper").click()
    axe(page)
    page.get_by_label("Title").fill("Consent form")
    page.get_by_label("File").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    )
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("link", name="The file is no PDF, PNG or JPEG")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Consent form")
    axe(page)
    shot(page, f"attach-wrong-{width}")
    page.get_by_label("File").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_text("The paper is attached.")).to_be_visible()
    shot(page, f"enrollment-papers-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Consent form").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7"
    assert Attachment.objects.get().title == "Consent form"


@pytest.mark.parametrize("width", [1280, 320])
def test_the_papers_to_print_fit_and_are_accessible(width, waiting, open_window, sign_in, axe, shot):
    page = sign_in(open_window(width), waiting.omar)
    chart = f"/patients/{waiting.jane.pk}"
    order, plan = waiting.jane_enrolled.orders.get(), waiting.jane_enrolled.care_plans.get()
    for address in (f"/orders/{order.pk}/print/", f"/care-plan/{plan.pk}/print/", "/consents/print/"):
        page.goto(chart + address)
        axe(page)
        assert_reflows(page)
        shot(page, f"print{address.split('/')[1]}-{width}")
    page.emulate_media(media="print")
    expect(page.get_by_text("Back to the record")).to_be_hidden()
    expect(page.locator("nav.shell-nav")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto("/roles/")
    axe(page)
    assert_reflows(page)
    shot(page, f"roles-{width}")


@pytest.mark.parametrize("width", [1280, 320])
def test_what_was_recorded_in_error_is_taken_back(width, waiting, open_window, sign_in, axe, shot):
    at, today = timezone.now(), waiting.practice.today()
    given = OrderGiven(text="Monitoring of weight, from paper.", signed_by=waiting.ana, signed_on=today)
    order = record_order(waiting.jane_enrolled, given, by=waiting.rosa, at=at)
    scan = attach(waiting.jane, b"%PDF-1.7", kind="order", title="Scan of Max", by=waiting.rosa, at=at)
    signing.add_scan(order, scan, by=waiting.rosa, at=at)
    page = sign_in(open_window(width), waiting.rosa)
    page.goto(f"/patients/{waiting.jane.pk}/enrollment/")
    page.get_by_role("link", name="This scan is wrong").press("Enter")
    expect(page.get_by_role("heading", name="This scan is wrong: “Scan of Max”")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"wrong-scan-{width}")
    page.get_by_label("Reason").fill("It is another patient's.")
    page.get_by_role("button", name="Withdraw the scan").press("Enter")
    expect(page.get_by_text("The paper is withdrawn. It stays on the record.")).to_be_visible()
    expect(page.get_by_role("link", name="Attach the scan of the order")).to_be_visible()
    page.get_by_role("link", name=f"Withdraw the order of {today:%d-%b-%Y}").press("Enter")
    axe(page)
    assert_reflows(page)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("link", name="Give the reason")).to_be_visible()
    page.get_by_label("Reason").fill("Wrong date.")
    shot(page, f"wrong-order-{width}")
    page.get_by_role("button", name="Withdraw").press("Enter")
    expect(page.get_by_text("Withdrawn: Wrong date.")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"taken-back-{width}")


@pytest.mark.parametrize("width", [1280, 320])
def test_what_waits_after_the_enrollment_ended_is_returned(width, waiting, open_window, sign_in, axe, shot):
    page = sign_in(open_window(width), waiting.ana)
    page.goto("/signatures/")
    page.get_by_role("link", name="Read the order of ROE, Max").click()
    day = waiting.practice.today()
    end_enrollment(
        waiting.max_enrolled, ended_on=day, reason="Moved away.", by=waiting.rosa, at=timezone.now()
    )
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Order of ROE, Max: The enrollment ended meanwhile.").first).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"to-sign-ended-{width}")
    page.get_by_role("link", name="Read the order of ROE, Max").click()
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    axe(page)
    shot(page, f"to-sign-ended-paper-{width}")
    page.get_by_role("link", name="Return unsigned…").press("Enter")
    page.get_by_label("Reason").fill("No longer enrolled.")
    page.get_by_role("button", name="Return it").press("Enter")
    expect(page.get_by_text("Returned.")).to_be_visible()
