"""N-07: nothing on a nurse's pages speaks of money, of codes or of what a month comes to in units.

Every address of the matrix that a nurse may open, asked as she would; new routes are in it by themselves.
"""

import re
from html import unescape

import pytest

from accounts.permissions import Role
from tests.architecture.walk import table_of
from tests.integration.test_authorization_matrix import TABLE, Visitor, address_of, methods, routes, world_of

CODES = "99091|99445|99453|99454|99457|99458|99470"
MONEY = re.compile(
    rf"[$€£¢]|\b(?:USD|dollars?|cents|fees?|revenue|money|reimburse\w*|{CODES}|units|\d+ unit|expected amount)\b",
    re.I,
)
# Words that a page may say all the same, and why.
MAY_SAY = {
    "staff:roles": (r"money", "that a nurse sees none"),
    "patients:other_service_new": (CODES, "the form records what others bill, by its code; never our own"),
}
# What is not shown: scripts, and values of hidden fields.
UNSEEN = re.compile(r"<script\b.*?</script>|<input type=\"hidden\"[^>]*>", re.S)
TAGS = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|value|data-label)="([^"]*)"')


def seen(html: str) -> str:
    """The words of a page: its text, and what is read to who cannot see it."""
    shown = UNSEEN.sub(" ", html)
    return unescape(" ".join([*SPOKEN.findall(shown), TAGS.sub(" ", shown)]))


def found_in(html: str) -> list[str]:
    text = seen(html)
    return [" ".join(text[max(0, m.start() - 40) : m.end() + 20].split()) for m in MONEY.finditer(text)]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>20 min</p>", 0),
        ("<p>$47</p>", 1),
        ("<p>2 units</p>", 1),
        ("<b>99457</b>", 1),
        ("<p>99457123</p>", 0),
        ("<p>the unit of a weight</p>", 0),
        ('<a aria-label="Expected amount">', 1),
        ("<script>fee()</script>", 0),
        ("<p>community</p>", 0),
    ],
)
def test_what_would_be_found(html, found):
    assert len(found_in(html)) == found


def test_no_page_of_a_nurse_speaks_of_money_or_units(cast):
    world = world_of(cast)
    nurse, wrong, pages = Visitor(cast.rosa), [], 0
    for route in (each for each in routes() if Role.NURSE in TABLE[each.name].roles):
        if "GET" not in methods(route):
            continue
        answer = nurse.client.get(address_of(route, world), follow=True)
        if "text/html" not in answer.get("Content-Type", ""):
            continue
        pages += 1
        html = answer.content.decode()
        if route.name in MAY_SAY:
            html = re.sub(MAY_SAY[route.name][0], "", html)
        wrong += [f"{route.name}: {words}" for words in found_in(html)]
    assert not wrong, table_of(wrong)
    assert pages > 60
