"""No answer leads to another host, whatever the request says of where it came from or wants to go (AB-16)."""

from itertools import cycle
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from tests.architecture.walk import table_of
from tests.cast import PASSWORD
from tests.faults.trials import some_of
from tests.integration import whole_world
from tests.integration.redirects import PAYLOADS, leads_away
from tests.integration.test_authorization_matrix import methods, routes
from tests.integration.test_fuzz import form_of

saved_whole, whole = whole_world.saved_whole, whole_world.whole
PART = some_of(PAYLOADS, part=len(PAYLOADS) // 30)


def targets(answer) -> list[str]:
    names = (
        "Location",
        "HX-Redirect",
        "HX-Location",
        "HX-Push-Url",
        "HX-Replace-Url",
        "Refresh",
        "Content-Location",
    )
    return [answer[name] for name in names if name in answer]


def header(payload: str) -> str:
    """As WSGI hands on what a client sent: a server refuses line ends, and knows latin-1 alone."""
    return payload.replace("\r", "").replace("\n", "").encode().decode("latin-1")


def hostile(payload: str) -> dict:
    names = (
        "HTTP_REFERER",
        "HTTP_HX_CURRENT_URL",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_ORIGIN",
        "HTTP_X_ORIGINAL_URL",
    )
    return {name: header(payload) for name in names}


def away(answer) -> list[str]:
    return [f"{answer.status_code} {target[:80]!r}" for target in targets(answer) if leads_away(target)]


def test_the_ways_are_many_and_each_leads_away():
    assert len(PAYLOADS) >= 300
    assert len(PART) >= 30
    assert all(
        map(leads_away, ("//evil.example", "/\\evil.example", "javascript:alert(1)", "\thttps:evil.example"))
    )
    assert not any(
        map(leads_away, ("/", "/inbox/", "/sign-in/?next=/inbox/", "?page=2", "http://testserver/inbox/"))
    )


@pytest.mark.parametrize("word", ["home", "accounts", "javascript%3Aalert(1)", "inbox/"])
def test_a_word_is_no_page_to_go_on_to(cast, client, word):
    given = {"username": "rosa@example.test", "password": PASSWORD, "next": word}
    assert client.post("/sign-in/", given).url == "/"


def test_a_sign_in_leads_to_pages_of_ours(cast):
    wrong = []
    for payload in PART:
        for address, typed in (("/sign-in/", {"next": payload}), ("/sign-in/?" + _query(payload), {})):
            mark = transaction.savepoint()
            given = {"username": "rosa@example.test", "password": PASSWORD, **typed}
            client = Client()
            answer = client.post(address, given, **hostile(payload))
            assert answer.status_code == 302
            wrong += away(answer) + away(client.get(address, **hostile(payload)))
            transaction.savepoint_rollback(mark)
    assert not wrong, table_of(wrong)


def _query(payload: str) -> str:
    return urlencode({"next": payload.encode("utf-8", "replace")})


def test_who_is_sent_to_sign_in_is_sent_to_ours(client, db):
    wrong = []
    for payload in PAYLOADS:
        for more in ({}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_X_BACKGROUND": "1"}):
            answer = client.get("/inbox/", **hostile(payload), **more)
            assert answer.status_code in {302, 401}
            wrong += away(answer)
    assert not wrong, table_of(wrong)


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/%2f..", "/\\evil.example/", "/%5cevil.example/"]
)
def test_an_address_that_begins_as_another_host_is_not_repeated(client, db, path):
    answer = client.generic("GET", "/x/", PATH_INFO=path)
    assert answer.status_code in {302, 404}
    assert not away(answer)


def test_another_host_in_the_request_is_refused(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.rosa.user)
    for host in (
        "evil.example",
        "testserver.evil.example",
        "testserver@evil.example",
        "testserver:80@evil.example",
    ):
        assert client.get("/inbox/", headers={"Host": host}).status_code == 400, host


def test_no_address_leads_away(whole):
    """Each with a form that is taken where there is one, and one way after the other in every place at once."""
    wrong, taken, ways = [], 0, cycle(PAYLOADS)
    clients = {}
    for route in some_of(list(routes()), part=4):
        member = whole.may(route)[0]
        if member.pk not in clients:
            clients[member.pk] = Client(raise_request_exception=False)
            clients[member.pk].force_login(member.user)
        client, address = clients[member.pk], whole.address(route)
        for method in methods(route):
            payload = next(ways)
            places = dict.fromkeys(("next", "then", "back", "url", "return", "redirect"), payload)
            mark = transaction.savepoint()
            if method == "POST":
                form = form_of(client, route, address, whole.ids)
                fields = {**places, **form, "operation_id": str(uuid4())}
                answer = client.post(f"{address}?{_query(payload)}", fields, **hostile(payload))
            else:
                answer = client.get(address, places, **hostile(payload))
            transaction.savepoint_rollback(mark)
            taken += 300 <= answer.status_code < 400
            wrong += [f"{route.name} {method}: {found}" for found in away(answer)]
    assert taken > 5
    assert not wrong, table_of(wrong)
