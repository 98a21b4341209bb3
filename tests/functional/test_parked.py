"""Parked readings in a browser: seen, tried again after the device was given, discarded; on a telephone too."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from foundation.context import acting
from monitoring.models import Reading
from monitoring.readings.incoming import Incoming
from monitoring.readings.taking import take
from tests.functional.browsing import assert_accessible, assert_reflows
from tests.integration.monitoring.test_taking import give_scale

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def parked(cast):
    start = datetime(2026, 1, 5, 13, 12, tzinfo=UTC)
    weights = [
        Incoming("weight", Decimal(85), start + timedelta(days=i), serial="SCALE-9", original="187.4 [lb_av]")
        for i in range(3)
    ]
    typed = Incoming("glucose", Decimal("115.3"), start, source="typed", mrn="T-9999", original="6.4 mmol/L")
    with acting("system: test"):
        told = {"entrance": "hub", "sender": "Cellular hub", "at": start + timedelta(days=4)}
        take([*weights, typed], practice=cast.practice, **told)
    return cast


def seen(page: Page, shot, name: str) -> None:
    assert_accessible(page)
    shot(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_reflows(page)
    shot(page, f"{name}-390")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_device_is_given_and_its_parked_values_are_tried_again(parked, page, sign_in, shot, live_server):
    sign_in(page, parked.rosa)
    page.goto(live_server.url + reverse("monitoring:readings_import"))
    page.get_by_role("link", name="Parked readings").click()
    seen(page, shot, "parked")
    page.get_by_role("link", name="Look at the values of SCALE-9").click()
    expect(page.get_by_text("sent as 187.4 lb").first).to_be_visible()
    seen(page, shot, "parked-group")
    give_scale(parked, "SCALE-9", date(2026, 1, 1))
    page.get_by_role("button", name="Retry all 3").click()
    expect(page.get_by_text("3 taken in.")).to_be_visible()
    assert Reading.objects.filter(patient=parked.jane, measure="weight").count() == 3
    page.get_by_role("link", name="Look at the values of T-9999").click()
    page.get_by_role("link", name="Discard…").first.click()
    page.get_by_label("Reason").fill("A patient of another practice")
    seen(page, shot, "parked-discard")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("1 discarded.")).to_be_visible()
    seen(page, shot, "parked-settled")


def test_a_typed_reading_is_corrected(parked, page, sign_in, shot, live_server):
    moment = datetime(2026, 1, 6, 13, tzinfo=UTC)
    value = Incoming("glucose", Decimal("115.3"), moment, source="typed", mrn="T-0001", original="6.4 mmol/L")
    with acting("system: test"):
        take([value], practice=parked.practice, entrance="typed", sender="", at=moment)
    sign_in(page, parked.rosa)
    page.goto(live_server.url + reverse("monitoring:readings", args=[parked.jane.pk]))
    expect(page.get_by_text("sent as 6.4 mmol/L")).to_be_visible()
    seen(page, shot, "readings")
    page.get_by_role("link", name="Correct").click()
    page.get_by_label("Glucose").fill("151")
    page.get_by_label("Reason").fill("Read wrong")
    seen(page, shot, "correct")
    page.get_by_role("button", name="Correct reading").click()
    expect(page.get_by_text("The reading is corrected.")).to_be_visible()
