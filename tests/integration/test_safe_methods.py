"""No form without its token is taken, and looking at pages changes nothing (AB-08)."""

from uuid import uuid4

from django.test import Client
from django.urls import reverse

from authentication.links import reset_address
from staff import links
from staff.models import Invitation
from tests.architecture.walk import every_route, methods_of, table_of
from tests.digests import changed, digests
from tests.faults.trials import SOAK
from tests.integration import whole_world
from tests.integration.test_authorization_matrix import (
    TABLE,
    members,
)

saved_whole, whole = whole_world.saved_whole, whole_world.whole

# What looking writes, each with its reason.
BY_LOOKING = {
    "audit_accessevent": "each opening of a chart is written down",
    "boards_patientsummary": "figures that changed are brought up to date before a page counts by them",
    "boards_patientmark": "the marks by which it knows which",
    "dispatch_pulse": "`/readyz` writes a row to see whether rows can be written",
    "django_session": "when a person was last there, for the sign-out after 15 minutes",
}


def pages() -> list:
    """Not what programs ask: their addresses take no cookie, so no page can misuse a sign-in, and have a table of their
    own (test_token_matrix.py)."""
    return [route for route in every_route() if not hasattr(route.view, "for_programs")]


def may(route, whole) -> list:
    """Whom the table lets in; nobody, where no sign-in is needed."""
    return whole.may(route) if route.name in TABLE else [None]


def address(route, whole) -> str:
    """Of any route, public ones too."""
    own = {
        "authentication:reset": lambda: reset_address(whole.cast.rosa.user),
        "staff:invitation": lambda: links.address_of(Invitation.objects.get()),
    }
    if route.name in own:
        return own[route.name]()
    return whole.address(route) if route.name in TABLE else reverse(route.name)


def test_no_form_is_taken_without_its_token(whole):
    clients, wrong, asked = {}, [], 0
    posts = [r for r in pages() if "POST" in (methods_of(r) or {"GET", "POST"})]
    before = None
    for route in posts:
        member = may(route, whole)[0]
        if member not in clients:
            clients[member] = Client(enforce_csrf_checks=True, raise_request_exception=False)
            if member:
                clients[member].force_login(member.user)
            before = digests(without=BY_LOOKING)
        answer = clients[member].post(address(route, whole), {"operation_id": str(uuid4())})
        asked += 1
        if answer.status_code != 403:
            wrong.append(f"{route.name}: {answer.status_code}")
    assert asked > 100
    assert not wrong, table_of(wrong)
    assert not changed(before, digests(without=BY_LOOKING))


def test_looking_at_every_page_changes_no_row(whole):
    """Each page by one person who may; by every one in `./dev soak`. What they wrote would be kept here."""
    clients, asked = {}, 0
    for member in [None, *members(whole.cast)]:
        clients[member] = Client(raise_request_exception=False)
        if member:
            clients[member].force_login(member.user)
    before = digests(without=BY_LOOKING)
    looks = [r for r in pages() if "GET" in (methods_of(r) or {"GET"})]
    for route in looks:
        for member in may(route, whole) if SOAK else may(route, whole)[:1]:
            clients[member].get(address(route, whole))
            asked += 1
    assert asked >= len(looks) > 100
    assert not changed(before, digests(without=BY_LOOKING))
