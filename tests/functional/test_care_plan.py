"""From a session to the plan's next version, to the signature, and back on the record. In a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from patients.papers import write_care_plan
from patients.services import PlanGiven
from tests.functional.browsing import assert_reflows
from tests.functional.sessions import start
from tests.rows import signs_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reviewed(live_server, cast):
    """Jane's plan is to be reviewed in ten days."""
    today = cast.practice.today()
    plan = PlanGiven(
        goals="Below 130/80 by spring.",
        actions="Measure twice a day.",
        targets={"systolic_high": 130, "diastolic_high": 80},
        effective_on=today,
        review_by=today + timedelta(days=10),
    )
    write_care_plan(cast.jane_enrolled, plan, by=cast.ana, at=timezone.now())
    return cast


@pytest.mark.parametrize("width", [1280, 320])
def test_a_session_opens_the_next_version_which_is_signed(width, reviewed, open_window, sign_in, axe, shot):
    page = sign_in(open_window(width), reviewed.rosa)
    page.goto("/patients/?show=review")
    expect(page.get_by_text("Care plan: Review by").first).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"plan-caseload-{width}")
    start(page, reviewed.jane)
    line = page.locator("#plan-now-summary")
    expect(line).to_contain_text("Care plan, version 2")
    shot(page, f"plan-session-{width}")
    line.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#plan-now").get_by_text("Measure twice a day.")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"plan-session-open-{width}")
    page.get_by_role("link", name="Next version of the plan…").press("Enter")
    expect(page.get_by_label("Systolic at most, mmHg")).to_have_value("130")
    axe(page)
    assert_reflows(page)
    shot(page, f"plan-form-{width}")
    page.get_by_label("Systolic at most, mmHg").fill("300")
    page.get_by_label("Medicines").fill("Amlodipine 5 mg in the evening.")
    page.get_by_role("button", name="Save this version").press("Enter")
    expect(page.get_by_role("link", name="Systolic must be between 50 and 260 mmHg")).to_be_visible()
    expect(page.get_by_label("Medicines")).to_have_value("Amlodipine 5 mg in the evening.")
    axe(page)
    page.get_by_label("Systolic at most, mmHg").fill("125")
    page.get_by_role("button", name="Save this version").click()
    expect(page.get_by_text("A new version of the care plan waits for the signature")).to_be_visible()
    signs_all(reviewed.ana)
    page.reload()
    expect(page.get_by_text("Care plan version 3 comes from this session.")).to_be_visible()
    page.goto(f"/patients/{reviewed.jane.pk}/enrollment/")
    expect(page.get_by_text("Systolic: at most 125 mmHg, before at most 130 mmHg.")).to_be_visible()
    expect(page.get_by_role("link", name="from a session")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"plan-record-{width}")
    page.get_by_role("link", name="Print plan version 3").click()
    axe(page)
    assert_reflows(page)
    shot(page, f"plan-print-{width}")
