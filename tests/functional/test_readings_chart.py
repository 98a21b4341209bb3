"""The chart of readings and the note's readings in a browser: read by keys, on a phone, without scripts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from foundation.context import ActorKind, acting
from monitoring import services
from monitoring.models import Reading
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.functional.test_session import begin
from tests.integration.timelogs.notes import CALL, signed_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def charted(cast):
    """Twenty days of pressure, two of them far out, and a call six days ago."""
    goal = cast.jane.target_ranges.get()
    goal.critical_high = Decimal(180)
    goal.save()
    today = cast.practice.today()
    for offset in range(20):
        systolic = {3: 184, 8: 158, 12: 151}.get(offset, 122 + offset % 7)
        factories.readings(cast.jane, today - timedelta(days=21 - offset), 1, systolic=systolic)
    at = timezone.now() - timedelta(days=6)
    call = {**CALL, "contact_started_at": at + timedelta(minutes=2)}
    signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, **call)
    return cast


def test_the_points_are_read_by_keys(page, sign_in, axe, shot, charted):
    sign_in(page, charted.rosa).goto(f"/patients/{charted.jane.pk}/")
    point = page.get_by_role("slider", name="Read the points")
    expect(point).to_contain_text("mmHg")
    first = point.inner_text()
    point.focus()
    page.keyboard.press("ArrowLeft")
    expect(point).not_to_have_text(first)
    page.keyboard.press("Home")
    expect(point).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(point).to_contain_text("184/78 mmHg · Critical, above range")
    page.keyboard.press("End")
    expect(point).to_have_text(first)
    expect(page.get_by_text("of 16 days with readings").or_(page.get_by_text("16 reached"))).to_be_visible()
    page.get_by_text("Sessions and contacts in these days").click()
    expect(page.get_by_role("link", name="Patient by phone")).to_be_visible()
    axe(page)
    shot(page, "readings-chart")
    page.get_by_role("link", name="90 days").click()
    expect(page.get_by_role("link", name="90 days")).to_be_focused()
    expect(page.get_by_role("slider", name="Read the points")).to_contain_text("mmHg")


def test_on_a_phone(open_window, sign_in, axe, shot, charted):
    phone = sign_in(open_window(390, 844, has_touch=True, is_mobile=True), charted.rosa)
    for name, address in {"chart": "", "table": "readings/?against=out"}.items():
        phone.goto(f"/patients/{charted.jane.pk}/{address}")
        phone.wait_for_load_state("networkidle")
        shot(phone, f"readings-{name}-390")
        assert_reflows(phone)
        axe(phone)


def test_without_scripts_the_table_tells_the_points(open_window, sign_in, charted):
    page = sign_in(open_window(java_script_enabled=False), charted.rosa)
    page.goto(f"/patients/{charted.jane.pk}/")
    expect(page.get_by_role("figure")).to_contain_text("20 readings on 20 days")
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_text("Table of these readings").click()
    expect(page.get_by_role("cell", name="184/78 mmHg")).to_be_visible()


def test_the_table_is_filtered(page, sign_in, axe, shot, charted):
    sign_in(page, charted.rosa).goto(f"/patients/{charted.jane.pk}/readings/")
    page.get_by_label("Against range").select_option("Out of range")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("row")).to_have_count(4)
    axe(page)
    shot(page, "readings-table")


def test_what_came_since_is_shown_and_the_signed_note_shows_both(page, sign_in, axe, shot, charted):
    cast = charted
    entry = begin(cast, ago=timedelta(minutes=3))
    (row,) = factories.readings(cast.jane, cast.practice.today() - timedelta(days=1), 1, systolic=165)
    sign_in(page, cast.rosa).goto(f"/sessions/{entry.pk}/")
    expect(page.get_by_text("1 reading more since you looked")).to_be_visible()
    axe(page)
    shot(page, "session-news")
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_text("1 reading more since you looked")).to_have_count(0)
    expect(page.get_by_text("165/78")).to_be_visible()
    page.get_by_label("I reviewed these readings").check()
    page.get_by_label("No contact").check()
    page.get_by_label("No change").check()
    page.get_by_label("Reason or detail").fill("One value above the goal; measured again tomorrow.")
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()
    with acting(cast.rosa.label, kind=ActorKind.PERSON, actor_id=cast.rosa.user_id):
        services.exclude(
            Reading.objects.get(pk=row.pk), reason="Cuff on the sleeve", by=cast.rosa, at=timezone.now()
        )
    page.reload()
    expect(page.get_by_text("As it is now:")).to_be_visible()
    expect(page.get_by_text("Cuff on the sleeve")).to_be_visible()
    axe(page)
    shot(page, "record-both")
