"""A form that is older than the sign-in: what was typed is shown again, ready to be sent, by its own person alone."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.middleware import person_mark
from patients.models import Patient
from tests.architecture.walk import table_of
from tests.cast import PASSWORD
from tests.integration.test_authorization_matrix import address_of, methods, routes, world  # noqa: F401
from tests.integration.test_fuzz import client_of, form_of, someone

OFFICE_VISIT = "/patients/{}/visits/new/"


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def hidden(page: str) -> list[tuple[str, str]]:
    """The fields of the page's own form, as a browser without scripts sends them."""
    form = re.search(r"<main.*?(<form method=\"post\".*?</form>)", page, re.S)[1]
    return [
        (unescape(n), unescape(v))
        for n, v in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    ]


def visits(cast) -> int:
    return Patient.objects.get(pk=cast.jane.pk).office_visits.count()


def opened(client, cast) -> dict:
    page = client.get(OFFICE_VISIT.format(cast.jane.pk)).content.decode()
    return dict(hidden(page)) | {"visited_on": "2026-01-20"}


def test_after_signing_in_again_the_form_is_shown_to_be_sent_and_is_sent_once(cast, strict):
    strict.force_login(cast.rosa.user)
    old = opened(strict, cast)
    strict.post("/sign-in/", {"username": "rosa@example.test", "password": PASSWORD})
    strict.force_login(cast.rosa.user)
    strict.cookies["csrf"] = "a" * 32
    answer = strict.post(OFFICE_VISIT.format(cast.jane.pk), old)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Send this form again" in page
    assert "signed in as <b>Rosa Nguyen</b>" in page
    assert "2026-01-20" in page
    again = dict(hidden(page))
    assert again["operation_id"] == old["operation_id"]
    assert strict.post(OFFICE_VISIT.format(cast.jane.pk), again).status_code == 303
    assert strict.post(OFFICE_VISIT.format(cast.jane.pk), again).status_code == 303
    assert visits(cast) == 1


def test_a_form_sent_while_signed_out_waits_on_the_page_for_the_next_sign_in(cast, strict):
    strict.force_login(cast.rosa.user)
    old = opened(strict, cast)
    strict.cookies.pop("session")
    answer = strict.post(OFFICE_VISIT.format(cast.jane.pk), old)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You were signed out" in page
    assert dict(hidden(page))["visited_on"] == "2026-01-20"
    strict.force_login(cast.rosa.user)
    assert strict.post(OFFICE_VISIT.format(cast.jane.pk), dict(hidden(page))).status_code == 303
    assert visits(cast) == 1


@pytest.mark.parametrize("by_header", [True, False])
def test_what_one_person_typed_is_not_saved_under_another_name(cast, client, by_header):
    client.force_login(cast.luis.user)
    mark = person_mark(cast.rosa.user)
    fields = opened(client, cast) | ({} if by_header else {"sent_by": mark})
    answer = client.post(
        OFFICE_VISIT.format(cast.jane.pk), fields, headers={"X-Person": mark} if by_header else {}
    )
    assert answer.status_code == 403
    assert answer["X-Other-Person"] == "1"
    assert "Somebody else signed in meanwhile" in answer.content.decode()
    assert visits(cast) == 0


def test_ones_own_mark_is_no_hindrance(cast, client):
    client.force_login(cast.rosa.user)
    fields = opened(client, cast) | {"sent_by": person_mark(cast.rosa.user)}
    assert client.post(OFFICE_VISIT.format(cast.jane.pk), fields).status_code == 303


def test_a_password_is_never_shown_again(db, strict):
    answer = strict.post(
        "/sign-in/", {"username": "rosa@example.test", "password": "secret words", "next": "/"}
    )
    assert answer.status_code == 403
    assert "secret words" not in answer.content.decode()
    assert "Open the form" in answer.content.decode()


def test_after_ones_role_ended_the_page_leads_out(cast, client):
    client.force_login(cast.rosa.user)
    yesterday = timezone.localdate() - timedelta(days=1)
    cast.rosa.starts_on, cast.rosa.ends_on = yesterday - timedelta(days=10), yesterday
    cast.rosa.save()
    answer = client.get("/patients/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You have no role here today" in page
    assert 'action="/sign-out/"' in page
    assert client.post("/sign-out/").status_code == 303


@pytest.mark.parametrize("path", ["//elsewhere.example/patients/", "/\\elsewhere.example/"])
def test_a_link_to_sign_in_never_leads_to_another_host(client, db, path):
    told = client.get(
        "/inbox/bell/", headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{path}"}
    )
    assert told["HX-Redirect"] == "/sign-in/"
    assert (
        "elsewhere"
        not in client.get("/" + path.lstrip("/"), follow=False).headers.get("Location", "").split("?")[0]
    )


def test_a_link_to_sign_in_leads_back_to_our_own_page(client, db):
    told = client.get(
        "/inbox/bell/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?q=x"}
    )
    assert told["HX-Redirect"] == "/sign-in/?next=/inbox/"


def test_every_form_of_the_site_is_shown_again_with_what_was_typed(cast, world):  # noqa: F811
    lost = []
    for route in (r for r in routes() if "POST" in set(methods(r))):
        address, member = address_of(route, world), someone(route, cast)
        typed = form_of(client_of(member), route, address, world) | {"operation_id": str(uuid4())}
        old = Client(enforce_csrf_checks=True)
        old.force_login(member.user)
        answer = old.post(address, typed | {"csrfmiddlewaretoken": "b" * 64})
        again = dict(hidden(answer.content.decode())) if b"Send this form again" in answer.content else {}
        # Passwords are typed again: a page that holds one may stay open on a desk.
        kept = {name: value for name, value in typed.items() if "password" not in name}
        missing = [name for name, value in kept.items() if again.get(name) != value]
        if answer.status_code != 403 or missing or any("password" in name for name in again):
            lost.append(f"{route.name}: {answer.status_code} without {missing}")
    assert not lost, table_of(lost)
