"""Junk in addresses and forms: whatever is sent, the answer is a page or a refusal, never a 500.

Every GET of the authorization table with each kind of junk in every parameter that our views read; every POST with
each field in turn that its page shows wrong in the way its kind can be, beside valid ones; files of any bytes.
"""

import re
from functools import cache
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.architecture.walk import APPS, ROOT, table_of
from tests.integration.test_authorization_matrix import (
    address_of,
    expected_of,
    members,
    methods,
    routes,
    world,  # noqa: F401  a fixture
)
from timelogs.clock import acts as clock

JUNK = (
    "a\0b",
    "x" * 5000,
    "'\"<b>%s{{ 1 }}",
    "-1",
    "9" * 23,
    "²",
    "0001-01-01",
    "9999-12-31",
    "2026-01-01T00:00:00~\0~1~",
    "0001-01-01T00:00:00+14:00~patient~1~",
)
MEASURES = b"serial,measure,taken_at,value,second_value\n"
FILES = (
    b"",
    b"\0",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf",
    b'"',
    MEASURES + b'"',
    MEASURES + b"x," * 300_000,
    MEASURES + b"CUFF-T-0001,blood_pressure,0001-01-01T00:00:00+05:00,120,80",
    MEASURES + b"CUFF-T-0001,blood_pressure,0001-01-01T00:00:00+00:00,120,80",
    MEASURES + b"CUFF-T-0001,blood_pressure,9999-12-31T23:59:59-05:00,120,80",
    MEASURES + b"CUFF-T-0001,blood_pressure,2026-03-01T00:00:00+05:00,1e999999999,80",
    MEASURES + b"CUFF-T-0001,blood_pressure,2026-03-01T00:00:00+05:00,NaN,sNaN",
    MEASURES + b"CUFF-T-0001," + b"m" * 200_000 + b",,,",
)
_READ = re.compile(r"""(?:GET(?:\.get|\.getlist)?[\[(]|asked\.get\()["'](\w+)["']""")
_FIELD = re.compile(r"""<(?:input|select|textarea|button)\b[^>]*?\bname=["']([^"']+)["']""")


@cache
def parameters() -> tuple[str, ...]:
    """Every name that a view reads from the address, and the fields of the forms that are filled from it."""
    text = "".join(path.read_text() for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    filters = {"since", "until", "who", "patient", "record", "field", "action", "reason", "request", "kind"}
    paging = {
        "page",
        "older",
        "newer",
        "before",
        "first",
        "second",
        "all",
        "month",
        "measure",
        "days",
        "next",
    }
    return tuple(sorted(set(_READ.findall(text)) | filters | paging))


# What makes the forms valid, so that one wrong field reaches the service and not only the form.
GIVEN = {
    "family_name": "Poe", "given_name": "Ann", "born_on": "1950-01-01", "mrn": "T-0099", "sex": "F",
    "payer": "medicare", "plan_name": "Medicare B", "coverage_on": "2026-01-01", "member_id": "",
    "consent_on": "2026-01-01", "method": "verbal", "wording": "2025-01",
    "reason": "Because.", "revoked_on": "2026-03-20",
    "order_on": "2026-01-01", "text": "Monitoring of the blood pressure at home.", "effective_on": "2026-03-20",
    "goals": "Below.", "actions": "Measure.",
    "measure": "blood_pressure", "low": "90", "high": "140", "second_low": "50", "second_high": "90",
    "starts_on": "2026-03-20", "visited_on": "2026-03-20", "kind": "scale", "serial": "S-77", "device_on": "2026-03-20",
    "ends_on": "2026-03-20", "ended_on": "2026-03-20", "setup_on": "2026-03-20", "note": "Taught.", "diagnoses": "I10",
    "day": "2026-03-20", "starts": "10:00", "minutes": "12", "month": "2026-03", "discard_reason": "Twice.",
    "answer": "keep", "gap": "1", "leave": "", "fix": "",
    "on": "1", "version": "1", "value": "7", "why": "Agreed.",
    "code": "98976", "service_on": "2026-03-20", "billed_by": "elsewhere", "procedure_code": "27447", "ours": "yes",
    "attestation": "Another illness.", "stay_kind": "hospital",
    "admitted_on": "2026-02-20", "discharged_on": "2026-02-23",
}  # fmt: skip
DATES, TEXTS, NUMBERS = ("0001-01-01", "9999-12-31"), ("\0", "x" * 5000), ("9" * 30,)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
NOTES = {"timelogs:session_sign"}
CLOCK = {
    "session_claim_gap": {"gap", "leave"},
    "session_idle_answer": {"answer"},
    "session_on_call": {"on"},
    "session_fix": {"fix"},
    "session_discard": {"discard_reason", "version"},
}


def form_of(client, route, address: str, world) -> dict:  # noqa: F811
    """The fields that the page shows where the form is sent from, filled in; a clock's from the session's page."""
    page = client.get(address).content.decode().partition("<main")[2]
    names = set(_FIELD.findall(page))
    if not names and "entry_id" in route.places:
        names = set(CLOCK.get(route.name.partition(":")[2], {"version"}))
        if route.name in NOTES:
            session = client.get(reverse("timelogs:session", args=[world["entry_id"]])).content.decode()
            names |= set(_FIELD.findall(session.partition("<main")[2]))
    shown = dict(re.findall(r"""<input\b[^>]*?\bname="([^"]+)"[^>]*?\bvalue="([^"]*)\"""", page))
    people = dict(
        re.findall(r"""<select\b[^>]*?\bname="([^"]+)".*?<option value="([^"]{36})\"""", page, re.S)
    )
    return {
        name: GIVEN.get(name) or people.get(name) or shown.get(name, "")
        for name in names - {"csrfmiddlewaretoken"}
    }


def wrong_for(name: str, value: str) -> tuple[str, ...]:
    """Junk of the kind that this field could let through: for a date one that nobody can calculate with."""
    if _DATE.match(value) or name.endswith(("_on", "_from", "_until")):
        return DATES
    return NUMBERS if value.isdecimal() or name == "version" else TEXTS


def someone(route, cast):
    """The first person whom the table lets in."""
    return next(m for m in members(cast) if expected_of(route, m, cast) == "answer")


def client_of(member) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(member.user)
    return client


def sent(client, method: str, address: str, data=None, **more) -> int:
    """The status; what the request wrote is taken back."""
    mark = transaction.savepoint()
    answer = getattr(client, method)(address, data or {}, **more)
    broken = connection.needs_rollback
    connection.needs_rollback = False
    transaction.savepoint_rollback(mark)
    return 500 if broken and answer.status_code < 400 else answer.status_code


def test_junk_in_an_address_is_no_fault_of_ours(cast, world):  # noqa: F811
    found = []
    for route in (r for r in routes() if "GET" in set(methods(r))):
        address = address_of(route, world)
        client = client_of(someone(route, cast))
        for junk in JUNK:
            if (status := sent(client, "get", address, dict.fromkeys(parameters(), junk))) >= 500:
                found.append(f"{route.name} with {junk[:40]!r}: {status}")
    assert not found, table_of(found)


def test_junk_in_a_form_is_no_fault_of_ours(cast, world):  # noqa: F811
    found = []
    for route in (r for r in routes() if "POST" in set(methods(r))):
        address = address_of(route, world)
        client = client_of(someone(route, cast))
        form = form_of(client, route, address, world)
        for name in [n for n in form if n != "operation_id"]:
            for wrong in wrong_for(name, form[name]):
                data = {**form, name: wrong, "operation_id": str(uuid4())}
                status = sent(client, "post", address, data)
                if status >= 500:
                    found.append(f"{route.name} with {name} = {wrong[:30]!r}: {status}")
    assert not found, table_of(found)


@pytest.mark.parametrize("content", FILES, ids=lambda content: repr(content[-50:]))
def test_a_file_of_readings_may_be_anything(cast, content):
    client = client_of(cast.rosa)
    data = {"operation_id": str(uuid4()), "file": SimpleUploadedFile("a\0b.csv", content)}
    address = reverse("monitoring:readings_import")
    assert sent(client, "post", address, data) in {303, 422}


@pytest.mark.parametrize("email", ["a" * 290 + "@example.test", "a\0b@example.test"])
def test_a_sign_in_may_hold_anything(cast, email):
    client = Client(raise_request_exception=False)
    assert (
        sent(client, "post", reverse("authentication:sign_in"), {"username": email, "password": "x"}) == 200
    )


@pytest.mark.parametrize("who", ["rosa", None])
def test_a_page_that_htmx_names_may_be_no_address(cast, who):
    client = client_of(cast.rosa) if who else Client(raise_request_exception=False)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    address = reverse("timelogs:clock_pill")
    if who:
        clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    assert sent(client, "get", address, headers=headers) == (200 if who else 401)
