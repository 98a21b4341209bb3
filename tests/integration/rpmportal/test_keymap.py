"""The list of keys under `?`: the page's own first, and no key of another role."""

import re

import pytest
from django.urls import reverse

from rpmportal.keymap import BY_PAGE, Key
from tests.architecture.walk import every_route
from tests.integration.rpmportal.test_navigation import page


def titles(client, address: str) -> list[str]:
    groups = re.search(
        r'<div class="key-groups">(.*?)</div>\s*<div class="dialog-foot"', page(client, address), re.DOTALL
    )[1]
    return re.findall(r"<h3[^>]*>([^<]+?)\s*(?:<span|</h3>)", groups)


CARE = [
    "Everywhere",
    "In the find window",
    "Caseload",
    "Chart",
    "Escalation",
    "Session being written",
    "My sessions",
]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("rosa", [*CARE, "Amendment and addendum", "History of a record"]),
        ("cora", [*CARE[:3], "Review queue", "Claim", "History of a record"]),
        ("omar", [*CARE[:3], "Review queue", "History of a record"]),
        ("ade", CARE[:2]),
    ],
)
def test_each_role_reads_of_its_own_keys(client, cast, who, expected):
    client.force_login(cast.user(who))
    assert titles(client, "/styleguide/") == expected


def test_the_keys_of_the_page_come_first(client, cast):
    client.force_login(cast.rosa.user)
    assert titles(client, "/patients/")[:2] == ["Caseload", "Everywhere"]
    assert titles(client, reverse("chart", args=[cast.jane.pk]))[:2] == ["Chart", "Everywhere"]
    assert titles(client, reverse("timelogs:my_sessions"))[:2] == ["My sessions", "Everywhere"]


def test_a_reader_is_told_of_no_key_that_acts(client, cast):
    client.force_login(cast.omar.user)
    text = page(client)
    for act in ("Start a", "Log a past", "Approve", "Hold", "To the running clock"):
        assert f"<dd>{act}" not in text


def test_every_page_named_is_a_page():
    names = {route.name for route in every_route()}
    assert {route for group in BY_PAGE for route in group.routes} <= names


def test_keys_are_printed_one_by_one():
    assert Key("/ or Ctrl+K", "").parts == [(True, "/"), (False, "or"), (True, "Ctrl"), (True, "K")]
    assert Key("1 to 8", "").parts == [(True, "1"), (False, "to"), (True, "8")]


def test_the_history_link_of_a_record_is_the_one_the_key_presses(client, cast):
    client.force_login(cast.rosa.user)
    for address in (reverse("chart", args=[cast.jane.pk]), f"/patients/{cast.jane.pk}/readings/"):
        assert len(re.findall(r"<a [^>]*data-history\b", page(client, address))) == 1
