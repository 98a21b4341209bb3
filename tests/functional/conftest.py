"""A real Chromium on the real pages. It is never skipped: without a browser these tests fail and say how to get one."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.functional import browsing

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "No Chromium was found, so browser tests cannot run. Install one (apt-get install chromium), "
    "or set CHROMIUM to the path of one."
)
# A shared machine of two cores is slow at times; a test that is wrong fails after this long too.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """The path of the browser; fails with a sentence where there is none."""
    if sentence := os.environ.get("CHROMIUM_MISSING"):
        pytest.fail(sentence, pytrace=False)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return path or pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="session")
def playwright():
    # Playwright's loop runs in this thread; Django would refuse its own queries there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright):
    opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield opened
    opened.close()


@pytest.fixture
def open_window(browser, live_server):
    """Opens windows of their own (cookies apart); at the end none may have met a script error or a CSP violation."""
    contexts, faults = [], []

    def open_one(width: int = 1280, height: int = 900, **options) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="en-US",
            timezone_id="America/New_York",
            **options,
        )
        context.set_default_timeout(45_000)
        contexts.append(context)
        page = context.new_page()
        browsing.note_faults(page, faults)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_window) -> Page:
    """A desktop window, 1280 wide."""
    return open_window()


@pytest.fixture
def phone(open_window) -> Page:
    """A phone, 390 wide, touched instead of clicked."""
    return open_window(390, 844, has_touch=True, is_mobile=True)


@pytest.fixture
def sign_in(live_server):
    """`sign_in(page, cast.rosa)`: signed in by session cookie. The form itself has its own test."""
    return partial(browsing.sign_in, address=live_server.url)


@pytest.fixture
def axe():
    """`axe(page)`: no violation of WCAG 2.2 AA that a machine can find, and no target too small."""
    return browsing.assert_accessible


@pytest.fixture
def shot():
    """`shot(page, "caseload")`: a picture in the folder that the environment's SHOTS names, if it does."""
    return browsing.shot
