"""What browser tests do to pages: sign in, examine, measure, take pictures."""

import os
import re
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Membership

ROOT = Path(__file__).resolve().parent.parent.parent
AXE_PLACES = (ROOT / "assets/vendor/axe.min.js", ROOT / "node_modules/axe-core/axe.min.js")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def note_faults(page: Page, faults: list[str]) -> None:
    """Every script error and every violation of the Content Security Policy goes into `faults`."""
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )


def sign_in(page: Page, who, *, address: str) -> Page:
    """`who` is a membership or a user."""
    client = Client()
    client.force_login(who.user if isinstance(who, Membership) else who)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    return page


def violations(page: Page) -> list[str]:
    """What axe finds, one line a place."""
    # From the top: where the page was scrolled to, anything may lie half under a bar that stays in sight.
    page.evaluate("window.scrollTo(0, 0)")
    # Evaluated, not inserted as a tag: the page's own policy would rightly refuse an inline script.
    page.evaluate(next(path for path in AXE_PLACES if path.exists()).read_text())
    found = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)["violations"]
    return [
        f"{rule['id']}: {' '.join(node['target'][0].split())} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join([page.url, *found])
    # A link is named by where it leads in words; an address shown instead is a variable that got into the wrong place.
    named = page.locator("a, button").all_inner_texts()
    assert not [text for text in named if text.startswith("/")], f"{page.url} shows an address: {named}"


def assert_reflows(page: Page) -> None:
    """Nothing is wider than the window: no sideways scrolling."""
    wide, window = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"


def telephone(page: Page) -> list[str]:
    """The numbers that are dialled from now on. A headless browser's question about it would take all keys."""
    dialled: list[str] = []
    page.expose_binding("dialled", lambda source, number: dialled.append(number))
    page.add_init_script(
        """addEventListener('click', (e) => {
            const link = e.target.closest?.("a[href^='tel:']");
            if (link) { e.preventDefault(); window.dialled(link.getAttribute('href')); }
        })"""
    )
    return dialled


def focused(page: Page) -> str:
    """`tag#id` of the element that has the focus."""
    return page.evaluate("(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : ''))(document.activeElement)")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(
            path=Path(folder) / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png", full_page=True
        )
