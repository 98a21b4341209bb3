"""The pictures of the guide are made from the pages that they show, so that they cannot age.

Beside each picture lies the structure of its page: what a screen reader is told of it, without ids and moments. That
is compared, not the picture's points, which differ from machine to machine. A page that says something else fails,
until `PICTURES=write ./dev test tests/functional/test_guide_pictures.py` has made both again; then look at them.
"""

import os
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from accounts.practice_policies import set_policy
from patients.papers import record_order, write_care_plan
from patients.services import OrderGiven, PlanGiven
from rpmportal.guide import FOLDER, NAMES, guide
from tests.functional.browsing import ROOT
from tests.integration.billing.months import APRIL_5, NINE, close_march, guides_example
from tests.integration.timelogs.notes import REVIEW, signed_session
from timelogs.note import drafts

WIDTH, HEIGHT, MOST_BYTES = 1000, 640, 40_000
FILES, STRUCTURES = ROOT / "static/guide", FOLDER / "pictures"
# A day and time of recording, an id in an address, and what is made anew for each page.
CHANGING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "ID"),
    (re.compile(r"\b[0-9a-f]{12,}…?"), "DIGEST"),
    (re.compile(r"RPM-\d{6}-\d{6}"), "NUMBER"),
    (re.compile(r"\d{2}-[A-Z][a-z]{2}-\d{4},? \d{2}:\d{2}(:\d{2})?"), "MOMENT"),
    (re.compile(r"\b\d{2}:\d{2}(:\d{2})?\b"), "TIME"),
)
TO_WEBP = """async ([data, quality]) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext("2d").drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({type: "image/webp", quality});
    return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), byte => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@dataclass
class Laid:
    """A practice of invented people in early April: March is closed, some things wait."""

    cast: Any
    claim: Any
    draft: Any
    late: Any


@pytest.fixture
def laid(live_server, cast) -> Laid:
    covers = {"value": ["E11"], "starts_on": date(2026, 1, 1), "payer": "medicare"}
    set_policy(cast.practice, key="covered_diagnoses", why="The plan's list.", **covers)
    guides_example(cast)
    late = signed_session(
        cast.max,
        by=cast.rosa,
        starts_at=NINE + timedelta(hours=2),
        seconds=720,
        at=APRIL_5,
        **REVIEW,
        late_reason="The line was down; written on paper first.",
    )
    close_march(cast)
    at = datetime(2026, 4, 3, 14, tzinfo=UTC)
    draft = drafts.log_past(
        cast.jane, starts_at=at, seconds=900, reason="By phone.", by=cast.rosa, at=APRIL_5
    )
    for minute, episode in enumerate((cast.jane_enrolled, cast.max_enrolled)):
        order = OrderGiven(text="Remote monitoring of weight, every morning.", signed_by=cast.ana)
        record_order(episode, order, by=cast.rosa, at=APRIL_5 - timedelta(minutes=9 - minute))
    plan = PlanGiven(goals="Below 125/75.", actions="Less salt.", effective_on=cast.practice.today())
    write_care_plan(cast.jane_enrolled, plan, by=cast.rosa, at=APRIL_5)
    return Laid(cast, cast.jane.claims.get(), draft, late)


def session(page: Page, laid: Laid) -> None:
    page.goto(f"/sessions/{laid.draft.pk}/")


def chart(page: Page, laid: Laid) -> None:
    page.goto(f"/patients/{laid.cast.jane.pk}/")
    page.wait_for_load_state("networkidle")


def late_session(page: Page, laid: Laid) -> None:
    page.goto(f"/sessions/{laid.late.pk}/")


def to_sign(page: Page, laid: Laid) -> None:
    page.goto("/signatures/")


def queue(page: Page, laid: Laid) -> None:
    page.goto("/billing/2026-03/queue/?state=attention")


def claim(page: Page, laid: Laid) -> None:
    page.goto(f"/claims/{laid.claim.pk}/")


def history(page: Page, laid: Laid) -> None:
    page.goto(f"/history/claim/{laid.claim.pk}/")


def policy(page: Page, laid: Laid) -> None:
    page.goto("/policies/alert_recipients/change/")
    page.get_by_label("The same, and lead nurses").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What it would change")).to_be_in_viewport()


# (the picture's name, whose page, how to get there)
PICTURES = {
    "nurse-session": ("rosa", session),
    "nurse-chart": ("rosa", chart),
    "lead-nurse-late": ("lena", late_session),
    "clinician-to-sign": ("ana", to_sign),
    "biller-queue": ("cora", queue),
    "biller-claim": ("cora", claim),
    "auditor-history": ("omar", history),
    "administrator-preview": ("ade", policy),
}


def structure(page: Page) -> str:
    """What is told of the page's main part, without what is another each time."""
    told = page.locator("main").aria_snapshot()
    for pattern, word in CHANGING:
        told = pattern.sub(word, told)
    return told + "\n"


def write(page: Page, blank: Page, name: str, told: str) -> None:
    png = page.screenshot(animations="disabled", caret="hide")
    for quality in (0.8, 0.7, 0.6, 0.5, 0.4):
        webp = b64decode(blank.evaluate(TO_WEBP, [b64encode(png).decode(), quality]))
        if len(webp) < MOST_BYTES:
            break
    (FILES / f"{name}.webp").write_bytes(webp)
    (STRUCTURES / f"{name}.txt").write_text(told, encoding="utf-8")


def test_every_picture_shows_its_page_as_it_is(laid, open_window, sign_in):
    changed = []
    for name, (who, go) in PICTURES.items():
        page = sign_in(open_window(WIDTH, HEIGHT), getattr(laid.cast, who))
        go(page, laid)
        expect(page.locator("main h1")).to_be_visible()
        told = structure(page)
        if os.environ.get("PICTURES") == "write":
            write(page, open_window(), name, told)
        kept = STRUCTURES / f"{name}.txt"
        if not kept.exists() or kept.read_text(encoding="utf-8") != told:
            changed.append(f"{name}: {first_difference(kept, told)}")
    assert not changed, "\n".join([*changed, "See the head of this file: make the pictures again."])


def first_difference(kept: Path, told: str) -> str:
    before = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    after = told.splitlines()
    lines = zip([*before, *[""] * len(after)], [*after, *[""] * len(before)], strict=False)
    return next((f"{old.strip()!r} is {new.strip()!r} now" for old, new in lines if old != new), "")


def test_the_guide_shows_every_picture_and_says_what_is_on_it():
    shown = [b.picture for n in NAMES for q in guide(n).questions for b in q.answer if b.picture]
    assert {picture.path for picture in shown} == {f"guide/{name}.webp" for name in PICTURES}
    assert (
        {path.stem for path in FILES.iterdir()}
        == {path.stem for path in STRUCTURES.iterdir()}
        == set(PICTURES)
    )
    for picture in shown:
        file = (ROOT / "static" / picture.path).read_bytes()
        assert len(picture.alt) > 30
        assert (file[:4], file[8:12], len(file) < MOST_BYTES) == (b"RIFF", b"WEBP", True)
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pictures_are_seen_in_the_guide(laid, open_window, sign_in, axe, shot, width):
    page = sign_in(open_window(width), laid.cast.cora)
    page.goto("/help/biller/")
    picture = page.get_by_role("img", name="A claim")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth }") == WIDTH
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    shot(page, f"guide-{width}")
