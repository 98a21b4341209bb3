"""A lock that somebody else holds, as a nurse meets it; and the page that tells an administrator how the system is."""

import re
from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from dispatch import checks, pulse
from tests.faults.processes import database_url
from tests.functional.browsing import assert_reflows
from tests.functional.sessions import saved, shows, start, toggle
from tests.integration.timelogs.notes import CALL
from timelogs.models import Status, TimeEntry
from timelogs.note import drafts

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "She takes the evening dose at eight."


@pytest.fixture(autouse=True)
def impatient():
    """The server's connections wait for a lock no longer than a second."""
    options = connections.settings["default"]["OPTIONS"]
    before = options["options"]
    options["options"] = f"{before} -c lock_timeout=1s"
    yield
    options["options"] = before


@pytest.fixture
def held():
    """Somebody holds every session's row until `held.rollback()`."""
    with psycopg.connect(database_url(owner=True)) as other:
        other.execute("SELECT 1 FROM timelogs_timeentry FOR UPDATE")
        yield other


@pytest.fixture
def at_work(page, cast, sign_in) -> TimeEntry:
    sign_in(page, cast.rosa)
    return start(page, cast.jane)


def test_what_is_typed_meanwhile_waits_in_the_page_and_arrives(page, at_work, held):
    page.locator("#id_said").fill(SAID)
    expect(page.locator("#save-state")).to_contain_text("Not saved since")
    toggle(page)
    expect(page.locator("#save-state")).to_contain_text("Busy. Nothing is lost. Press again")
    expect(page.locator("#id_said")).to_have_value(SAID)
    held.rollback()
    saved(page)
    assert TimeEntry.objects.get(pk=at_work.pk).said == SAID
    toggle(page)
    shows(page, "paused")


@pytest.fixture
def noted(page, cast, sign_in) -> TimeEntry:
    """A note that lacks nothing, on the screen."""
    at = timezone.now()
    entry = drafts.log_past(
        cast.jane,
        starts_at=at - timedelta(minutes=11),
        seconds=660,
        reason="Logged later.",
        by=cast.rosa,
        at=at,
    )
    drafts.save_draft(entry, note=CALL, version=None, by=cast.rosa, at=at)
    sign_in(page, cast.rosa).goto(f"/sessions/{entry.pk}/")
    return entry


@pytest.mark.parametrize("width", [1280, 390])
def test_the_busy_page_signs_what_was_sent_when_it_is_sent_again(page, noted, held, axe, shot, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("#sign").click()
    expect(page.get_by_role("heading", name="Busy. Nothing is lost. Try again")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"busy-{width}")
    assert TimeEntry.objects.get(pk=noted.pk).status == Status.DRAFT
    held.rollback()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page).not_to_have_title(re.compile("Busy"))
    assert TimeEntry.objects.get(pk=noted.pk).status == Status.SIGNED


@pytest.mark.parametrize("width", [1280, 390])
def test_an_administrator_reads_how_the_system_is(page, cast, sign_in, axe, shot, width):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, cast.ade).goto("/status/")
    expect(page.get_by_text("Silent")).to_have_count(2)
    axe(page)
    assert_reflows(page)
    shot(page, f"status-silent-{width}")
    for name in ("beat", "relay"):
        pulse.note(name, at=timezone.now())
    checks.check(at=timezone.now())
    page.reload()
    expect(page.get_by_text("All sound")).to_be_visible()
    axe(page)
    shot(page, f"status-sound-{width}")
