"""The reports in a real browser: from the navigation to the rows behind a number, by keyboard; on a phone too."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import MARCH, close_march, guides_example
from tests.integration.reports.test_figures import TRIED, at, patients, worked
from tests.integration.timelogs.notes import CALL

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("program", "time", "not_counted", "further", "unusual", "reaching")


@pytest.fixture
def month(cast):
    guides_example(cast)
    for number, patient in enumerate(patients(cast, 4)):
        worked(patient, cast.luis, at(3 + number, 10 + number), 600 + 420 * number, CALL)
        worked(patient, cast.lena, at(9 + number, 10), 300, TRIED)
    worked(cast.max, cast.ana, at(4, 22), 2100, CALL, at=at(20, 9))
    close_march(cast)


@pytest.mark.usefixtures("month")
def test_a_biller_reads_every_report(cast, live_server, page, sign_in, axe, shot):
    sign_in(page, cast.cora)
    page.goto("/")
    page.get_by_role("link", name="Reports", exact=True).click()
    axe(page)
    shot(page, "reports")
    for name in PAGES:
        page.goto(reverse(f"reports:{name}", args=[MARCH]))
        axe(page)
        shot(page, f"report-{name}")
    page.goto(reverse("reports:forecast"))
    axe(page)
    shot(page, "report-forecast")
    page.goto(reverse("reports:time", args=[MARCH]))
    page.get_by_role("row", name="Luis Ortiz").get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Luis Ortiz, counted")).to_be_visible()
    axe(page)
    shot(page, "report-sessions")
    page.goto(reverse("reports:time", args=[MARCH]))
    page.get_by_label("From").select_option("2026-02")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="February 2026 to March 2026")).to_be_visible()
    axe(page)
    shot(page, "report-time-range")
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{reverse('reports:time', args=[MARCH])}?from=2026-02")
    assert_reflows(page)
    shot(page, "report-time-range-390")
    page.goto(reverse("billing:duties", args=[MARCH]))
    assert_reflows(page)
    shot(page, "report-duties-390")
    for name in PAGES:
        page.goto(reverse(f"reports:{name}", args=[MARCH]))
        assert_reflows(page)
        shot(page, f"report-{name}-390")
    axe(page)
    page.goto(f"{reverse('reports:members', args=[MARCH])}?what=enrolled")
    assert_reflows(page)
    axe(page)
    shot(page, "report-members-390")
