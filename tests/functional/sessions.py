"""Sessions in the browser: starting one, reading its clock, and letting time pass."""

import re
import time
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import Patient
from timelogs.clock import acts as clock
from timelogs.models import Clock, TimeEntry, TimeSegment

# A beat comes every five seconds; on a busy machine it takes up to two there, back, and onto the screen.
A_BEAT = 7_000
# So short that even a beat of the page which was on its way during two of them comes within the lost limit.
STEP = 20


def start(page: Page, patient: Patient) -> TimeEntry:
    """By the button on the chart, as a nurse does."""
    page.goto(f"/patients/{patient.pk}/")
    page.get_by_role("button", name="Start session").click()
    expect(page.get_by_role("heading", name=re.compile(f"^Session .* with {patient}$"))).to_be_visible()
    return TimeEntry.objects.get(pk=page.url.rstrip("/").rpartition("/")[2])


def shows(page: Page, state: str, *, within: int = 20_000) -> None:
    expect(page.locator("#clock")).to_have_attribute("data-state", state, timeout=within)


def toggle(page: Page) -> None:
    page.locator("#clock-toggle").click()


def look_at(page: Page) -> None:
    """She comes back to the window: the page asks the server how the clock stands."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def went_silent(page: Page, entry: TimeEntry) -> None:
    """Six minutes without input. No beat is on its way that would write down what was before."""
    page.wait_for_load_state("networkidle")
    Clock.objects.filter(entry=entry).update(input_at=timezone.now() - timedelta(minutes=6))


def digits(page: Page) -> int:
    """Seconds on the page's clock."""
    seconds = 0
    for part in page.locator(".clock-digits").inner_text().split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text(re.compile(r"Saved \d\d:\d\d:\d\d"), timeout=20_000)


def seconds_of(entry: TimeEntry, **which) -> float:
    """Exact seconds that stand, of one kind of evidence or of all."""
    spans = TimeSegment.objects.filter(entry=entry, standing=True, **which).values_list("during", flat=True)
    return sum((span.upper - span.lower for span in spans), timedelta()).total_seconds()


class RealTime:
    """Time passes as it does."""

    def passes(self, seconds: float, *, at: TimeEntry | None = None) -> None:
        time.sleep(seconds)


class SetClock:
    """The server's clock is set on instead. Where a page lies open (`at` a session) its beats are given."""

    def __init__(self, traveller):
        self.traveller = traveller

    def passes(self, seconds: float, *, at: TimeEntry | None = None) -> None:
        while seconds > 0:
            self.traveller.shift(timedelta(seconds=min(STEP, seconds)))
            seconds -= STEP
            if at:
                clock.heartbeat(at.pk, had_input=False, by=at.author, at=timezone.now())
