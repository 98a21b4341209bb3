"""The list of silent patients in a real browser: what was tried is recorded, and one is closed; on a phone too."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalations import acts, silence
from escalations.models import Attempt
from foundation.context import acting
from tests import factories
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_nurse_asks_after_silent_patients(cast, live_server, page, sign_in, axe, shot):
    now = timezone.now()
    cast.max.phone = "555 0142"
    cast.max.save()
    factories.readings(cast.jane, cast.practice.today(now) - timedelta(days=9), 2)
    with acting("system: silent patients"):
        silence.watch(cast.practice, at=now - timedelta(hours=30))
    row = next(each for each in silence.open_ones(cast.practice) if each.patient_id == cast.jane.pk)
    acts.attempt(row, attempt=Attempt.PHONE, words="Rang out.", by=cast.luis, at=now - timedelta(hours=4))
    sign_in(page, cast.rosa)
    page.goto("/")
    page.get_by_role("link", name="Silent patients", exact=True).click()
    axe(page)
    shot(page, "silent")
    page.get_by_role("link", name="Record what was tried for DOE, Jane").click()
    axe(page)
    page.get_by_label("Voicemail").check()
    page.get_by_label("More about it").fill("Asked her to charge the cuff.")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("row", name="DOE, Jane")).to_contain_text("Asked her to charge the cuff.")
    page.set_viewport_size({"width": 390, "height": 900})
    assert_reflows(page)
    axe(page)
    shot(page, "silent-390")
    page.get_by_role("link", name="Close… the silence of ROE, Max").click()
    axe(page)
    page.get_by_label("Paused for 14 days").check()
    page.get_by_label("In a line").fill("Visits his son until the end of the month.")
    shot(page, "silent-close-390")
    page.get_by_role("button", name="Resolve it").click()
    expect(page.get_by_text("ROE, Max")).to_have_count(0)
    page.goto("/escalations/silent/?tried=no")
    expect(page.get_by_text("No silent patient matches.")).to_be_visible()
