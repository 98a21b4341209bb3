"""What follows a signature, in a browser: a closed month refuses to amend and offers the addendum; the attestation."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from foundation.months import midnight, month_of, previous_month
from tests import factories
from tests.factories import saved
from tests.functional.browsing import assert_reflows
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import Addition, Period
from timelogs.signing import addenda

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "The daughter rang: two of the readings were hers. The mean of the others is within the goal."


@pytest.fixture
def closed(cast):
    """Jane's session of the tenth of last month, which is closed by now."""
    month = previous_month(month_of(timezone.now(), tz=cast.practice.tz))
    factories.readings(cast.jane, month, 10)
    starts = midnight(month, tz=cast.practice.tz) + timedelta(days=9, hours=10)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=starts, seconds=720, **CALL)
    period = Period.objects.get(practice=cast.practice, month=month)
    period.state, period.cut_off_at = "closed", entry.signed_at + timedelta(hours=1)
    saved(period)
    return entry


def record(page: Page, entry) -> None:
    page.goto(f"/sessions/{entry.pk}/")


def test_a_closed_month_leads_from_amending_to_an_addendum(page, cast, closed, sign_in, axe, shot):
    record(sign_in(page, cast.rosa), closed)
    page.get_by_role("link", name="Amend").click()
    expect(page.locator("main")).to_contain_text("is closed. You can add an addendum without time")
    axe(page)
    shot(page, "amend-closed-1280")
    page.get_by_role("link", name="Add an addendum").click()
    expect(page.get_by_role("heading", name="What is signed")).to_be_visible()
    axe(page)
    shot(page, "addendum-1280")
    page.get_by_label("Addendum").fill("Forgot this")
    page.get_by_role("button", name="Sign the addendum").click()
    page.get_by_role("link", name="“Forgot this” is no description").click()
    expect(page.get_by_label("Addendum")).to_be_focused()
    expect(page.get_by_label("Addendum")).to_have_value("Forgot this")
    axe(page)
    shot(page, "addendum-wrong-1280")
    page.get_by_label("Addendum").fill(TEXT)
    page.keyboard.press("Control+Enter")
    added = page.get_by_role("region", name="Added after it was signed")
    expect(added).to_contain_text("Addendum by Rosa Nguyen, RN")
    expect(added).to_contain_text(TEXT)
    expect(page.locator(".record")).to_contain_text("Original entry, recorded")

    page.get_by_role("link", name="Attest").click()
    expect(page.locator(".statement")).to_contain_text("I, Rosa Nguyen, RN, attest that the entry of")
    axe(page)
    shot(page, "attest-1280")
    page.get_by_role("button", name="Sign this attestation").dblclick()
    expect(page.locator(".record")).to_contain_text("Attestation of Rosa Nguyen, RN")
    axe(page)
    shot(page, "session-with-additions-1280")
    assert Addition.objects.count() == 2
    page.emulate_media(media="print")
    expect(added).to_be_visible()
    expect(page.locator(".record blockquote")).to_be_visible()
    shot(page, "session-with-additions-print")


def test_on_a_phone_nothing_scrolls_sideways(phone, cast, closed, sign_in, axe, shot):
    long = {"text": "A word without a blank: " + "x" * 300, "at": timezone.now()}
    addenda.add_addendum(closed, by=cast.ana, **long)
    sign_in(phone, cast.rosa)
    for name in ("addendum", "attest", "amend", "void", ""):
        phone.goto(f"/sessions/{closed.pk}/{name}/" if name else f"/sessions/{closed.pk}/")
        shot(phone, f"{name or 'session'}-added-390")
        assert_reflows(phone)
        axe(phone)
    phone.goto("/my/sessions/")
    assert_reflows(phone)
