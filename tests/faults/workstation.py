"""A nurse at work: a browser and a web server of her own."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Playwright, expect

from accounts.models import Membership
from devtools.ports import free_port
from patients.models import Patient
from tests.faults.browser_process import OwnBrowser
from tests.faults.processes import Process, wait_until
from tests.faults.server_log import ServerLog, loading_seconds, true_seconds
from tests.functional.browsing import sign_in
from timelogs.models import Clock, TimeEntry

SERVER = ("gunicorn", "tests.faults.logging_web:application", "-k", "gthread", "-w", "1", "--threads", "4")
SOON = timedelta(seconds=20)
WORDS = ("She feels well. ", "Takes the evening dose. ", "Walks daily. ")


class Workstation:
    """`struck` ends her work: something was killed."""

    def __init__(self, nurse: Membership, folder: Path, playwright: Playwright, rng: random.Random):
        self.nurse, self.folder, self.playwright, self.rng = nurse, folder, playwright, rng
        self.struck, self.browser, port = Event(), None, free_port()
        self.address, self.book = f"http://localhost:{port}", ServerLog(folder / "book")
        where = ("-b", f"127.0.0.1:{port}", "--no-control-socket")
        self.web = Process(*SERVER, *where, BOOK=str(self.book.path))
        self.open_web()

    # ---- What she has ------------------------------------------------------------------------------------

    def open_web(self) -> None:
        self.web.start()
        wait_until(self.web_answers, "the web server did not start")

    def web_answers(self) -> bool:
        try:
            return urlopen(f"{self.address}/healthz", timeout=5).status == 200
        except (URLError, OSError):
            return False

    def open_browser(self) -> None:
        if self.browser is None:
            self.browser = OwnBrowser(self.playwright, self.folder / f"browser-{self.rng.random()}")
            self.browser.context.set_default_timeout(60_000)
            sign_in(self.page, self.nurse, address=self.address)

    @property
    def page(self) -> Page:
        return self.browser.page

    def lose_browser(self) -> None:
        if self.browser is not None:
            self.browser.kill()
            self.browser = None

    def close(self) -> None:
        self.lose_browser()
        self.web.kill()

    def true_seconds(self, since: datetime, until: datetime) -> tuple[float, float]:
        """How long the clock of her last session truly ran, by what came to her server."""
        return true_seconds(self.book.since(since), until=until)

    def loading_seconds(self, since: datetime, until: datetime) -> float:
        return loading_seconds(self.book.since(since), until=until)

    def story(self, since: datetime) -> str:
        """What came to her server, for a failing test's report."""
        return "\n".join(str(visit) for visit in self.book.since(since) if "/static/" not in visit.path)

    # ---- What she does -----------------------------------------------------------------------------------

    def start(self, patient: Patient) -> TimeEntry:
        self.open_browser()
        self.page.goto(f"{self.address}/patients/{patient.pk}/")
        # By key: under a pointer the button moves when the panel above it has been loaded.
        self.page.get_by_role("button", name="Start session").press("Enter", no_wait_after=True)
        hers, asked = TimeEntry.objects.filter(patient=patient), timezone.now()
        try:
            wait_until(hers.exists, "the session did not start")
        except AssertionError as error:
            error.add_note(f"{self.page.url}\n{self.page.inner_text('main')}\n{self.story(asked - SOON)}")
            raise
        # Its page has been sent, and is being loaded; before that a reload would bring the chart back.
        self.page.wait_for_url("**/sessions/*/", wait_until="commit")
        return hers.get()

    def work(self) -> None:
        """Whatever she does, at random, until something is killed."""
        acts = (self.look, self.type, self.take_a_break, self.phone, self.reload)
        while not self.struck.is_set():
            try:
                self.rng.choices(acts, weights=(3, 3, 2, 2, 1))[0]()
            except PlaywrightError:
                self.struck.wait(0.2)

    def linger(self, longest: float) -> None:
        self.struck.wait(self.rng.uniform(0, longest))

    def look(self) -> None:
        self.linger(2)

    def type(self) -> None:
        """A few words and a little longer: the draft is saved a moment after the last letter."""
        self.page.locator("#id_said").press_sequentially(self.rng.choice(WORDS), delay=10, timeout=2000)
        self.linger(1.2)

    def take_a_break(self) -> None:
        for _ in range(2):
            self.page.locator("#clock-toggle").click(timeout=2000)
            self.linger(0.6)

    def phone(self) -> None:
        self.page.locator("#clock-call").click(timeout=2000)
        self.linger(0.6)

    def reload(self) -> None:
        self.page.reload(timeout=5000)

    def come_back(self, entry: TimeEntry, *, since: datetime) -> None:
        """She looks at the page again, which then shows what the server says."""
        self.wait_for_answers(since)
        wait_until(lambda: self.has_looked(entry), "the page did not come back")
        self.wait_for_answers(since)
        state = Clock.objects.get(entry=entry).state
        expect(self.page.locator("#clock")).to_have_attribute("data-state", state)

    def wait_for_answers(self, since: datetime) -> None:
        """What she had just pressed is decided."""
        wait_until(lambda: self.book.is_quiet(since), "the server did not answer what had come")

    def has_looked(self, entry: TimeEntry) -> bool:
        told = ("/heartbeat/", "/live/")
        try:
            with self.page.expect_response(lambda reply: reply.url.endswith(told), timeout=5000):
                self.page.evaluate("dispatchEvent(new Event('focus'))")
            return True
        except PlaywrightError:
            return self.opens_again(entry)

    def opens_again(self, entry: TimeEntry) -> bool:
        """It was being loaded when the server died: an error page, one without its script, or loading still."""
        with suppress(PlaywrightError):
            self.page.goto(f"{self.address}/sessions/{entry.pk}/", timeout=20_000)
        return False

    def pause(self) -> None:
        shown = self.page.locator("#clock")
        if shown.get_attribute("data-state") != "paused":
            self.page.locator("#clock-toggle").click()
        expect(shown).to_have_attribute("data-state", "paused")
