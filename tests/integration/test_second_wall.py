"""Every address once more, from the other practice, with each filter by practice taken out of each query.

What is left is the database's own wall. Nothing of the first practice is seen, found, counted or changed.
"""

import re
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

import accounts.middleware
from foundation.practice_scope import every_practice
from tests.architecture.walk import table_of
from tests.integration import test_authorization_matrix as matrix
from tests.integration.test_authorization_matrix import TABLE, Visitor, address_of, methods, routes, strangers

# The fixture, by the name under which tests ask for it.
world = matrix.world
BY_PRACTICE = re.compile(r"""(?:"?\w+"?\.)"?practice_id"? (?:= %s|IN \(%s\))|(?<![\w."])practice_id = %s""")
# What an address may hold that is nobody's row.
FREE = {"month", "model", "key", "name"}
# Its people are of the page itself, and have the names of ours.
INVENTED = "styleguide"
SIGNS = ("maple test practice", "rosa nguyen", "luis ortiz", "ana rivera", "doe, jane", "roe, max", "t-0002")


class WithoutFilters:
    """Each condition `practice_id = …` of each statement becomes true. Counts them."""

    def __init__(self):
        self.removed = 0

    def __call__(self, execute, sql, params, many, context):
        if isinstance(sql, str) and not sql.startswith("INSERT"):
            sql, removed = BY_PRACTICE.subn("(%s::uuid IS NOT NULL)", sql)
            self.removed += removed
        return execute(sql, params, many, context)


@pytest.fixture
def without_filters(world):
    """Not before the world is made: its own statements keep their filters."""
    removing = WithoutFilters()
    with connection.execute_wrapper(removing):
        yield removing
    assert removing.removed


def rows_of(practice) -> dict[str, str]:
    """table → a digest of all its rows of this practice."""
    with every_practice(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relkind = 'r' AND a.attname = 'practice_id' ORDER BY 1"""
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            # Joined in Python's text, so that nobody takes the condition out.
            where = f"practice_id IN ('{practice.pk}')"
            cursor.execute(
                f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t WHERE {where}'
            )
            found[table] = cursor.fetchone()[0]
    return found


def answer_of(visitor: Visitor, method: str, address: str, **fields) -> tuple[int, str]:
    """The status and the whole answer; what it did is taken back."""
    mark = transaction.savepoint()
    if method == "POST":
        answer = visitor.client.post(address, {**visitor.form(), **fields})
    else:
        answer = visitor.client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    transaction.savepoint_rollback(mark)
    return answer.status_code, body.decode(errors="replace")


def signs_in(body: str, world: dict) -> list[str]:
    ids = [str(world[name]) for name in ("patient_id", "entry_id", "claim_id", "row_id", "signed_id")]
    return [sign for sign in (*SIGNS, *ids) if sign in body.lower()]


def test_another_practices_rows_are_still_not_there(cast, world, without_filters):
    """The same answers as with the filters, and nothing of the others in them."""
    wrong = []
    visitors = [Visitor(m) for m in strangers(cast)]
    for route in (r for r in routes() if set(r.places) - FREE):
        for visitor in visitors:
            want = 404 if visitor.member.role in TABLE[route.name].roles else 403
            for method in methods(route):
                status, body = answer_of(visitor, method, address_of(route, world))
                if status != want or (
                    method == "GET" and signs_in(without_address(body, route, world), world)
                ):
                    wrong.append(f"{route.name} {method} by {visitor}: {status} instead of {want}")
    assert not wrong, table_of(wrong)


def without_address(body: str, route, world: dict) -> str:
    return body.replace(address_of(route, world), "")


def test_lists_and_searches_show_nothing_of_the_others(cast, world, without_filters):
    """Pages without an id of their own, asked for the others' patients by name and by id."""
    wrong, answered = [], Counter()
    visitors = [Visitor(m) for m in strangers(cast)]
    asked_for = f"?q=doe&patient={world['patient_id']}&show=left"
    for route in (r for r in routes() if not set(r.places) - FREE and r.name != INVENTED):
        for visitor in visitors:
            for method, query in (("GET", ""), ("GET", asked_for), ("POST", "")):
                if method not in methods(route):
                    continue
                status, body = answer_of(visitor, method, address_of(route, world) + query, q="doe")
                answered[status] += 1
                # A form that is filled in again says what it was asked.
                told = body.replace(str(world["patient_id"]), "") if query else body
                if found := signs_in(told, world):
                    wrong.append(f"{route.name} {method} {query} by {visitor} ({status}): {', '.join(found)}")
    assert answered[200] > 100
    assert not answered[500], answered
    assert not wrong, table_of(sorted(set(wrong)))


def test_nothing_of_the_others_is_changed(cast, world, without_filters):
    before = rows_of(cast.practice)
    for visitor in [Visitor(m) for m in strangers(cast)]:
        for route in (r for r in routes() if "POST" in methods(r)):
            visitor.client.post(address_of(route, world), {**visitor.form(), **ids_of(world)})
    after = rows_of(cast.practice)
    changed = [table for table in before if before[table] != after[table]]
    assert sum(digest is not None for digest in before.values()) > 30
    assert not changed, table_of(changed)


def ids_of(world: dict) -> dict:
    """Each id of the others once more in the body, under every name that an address calls it."""
    return {
        **{name: str(value) for name, value in world.items()},
        **{name.removesuffix("_id"): str(value) for name, value in world.items() if name.endswith("_id")},
        "practice": str(uuid_of_others(world)),
    }


def uuid_of_others(world: dict):
    with every_practice(), connection.cursor() as cursor:
        cursor.execute(f"SELECT practice_id FROM patients_patient WHERE id = '{world['patient_id']}'")
        return cursor.fetchone()[0]


def test_without_either_wall_they_would_be_seen(cast, world, without_filters, monkeypatch):
    """That the tests above could fail: the filters are really gone, and it is the second wall that holds."""
    monkeypatch.setattr(accounts.middleware, "in_practice", lambda practice: every_practice())
    client = Client()
    client.force_login(cast.dan.user)
    with transaction.atomic():
        page = client.post(reverse("caseload"), {"q": "oe"}).content.decode()
        # Without walls its figures would be those of another practice's patients, too.
        transaction.set_rollback(True)
    assert "DOE, Jane" in page
    assert "NOE, Nora" in page
