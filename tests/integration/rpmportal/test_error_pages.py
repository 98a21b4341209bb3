"""What went wrong, what is safe, where to go, a reference. Nothing of what was being handled."""

import pytest
from django.test import Client

from foundation.refusals import Refused
from rpmportal.error_reporting import OneLineFormatter


@pytest.fixture
def broken(settings, cast):
    settings.ROOT_URLCONF = "tests.integration.rpmportal.broken_urls"
    client = Client(raise_request_exception=False)
    client.force_login(cast.user("rosa"))
    return client


def said(caplog) -> str:
    """The log as our formatter writes it."""
    return "\n".join(OneLineFormatter().format(record) for record in caplog.records)


def test_a_failure_shows_its_reference_and_no_detail(broken, caplog):
    answer = broken.get("/breaks/")
    page, log = answer.content.decode(), said(caplog)
    assert answer.status_code == 500
    assert answer["X-Request-Id"][:8].upper() in page
    assert "was not saved" in page
    for secret in ("DOE", "1948", "ValueError", "Traceback", "breaks()"):
        assert secret not in page
    assert "ValueError at rpmportal/broken_urls.py" in log
    assert "DOE" not in log


def test_a_page_that_is_not_there_does_not_repeat_its_address(broken):
    answer = broken.get("/patients/no-such-DOE-jane/")
    assert answer.status_code == 404
    assert "DOE" not in answer.content.decode()
    assert "urlconf" not in answer.content.decode().lower()


def test_the_wrong_role_is_told_which_role_and_where_to_go(cast, client):
    client.force_login(cast.user("ade"))
    answer = client.get("/patients/")
    assert answer.status_code == 403
    assert "Your role (administrator) cannot see charts" in answer.content.decode()
    assert "Reference" in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_words(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.user("rosa"))
    answer = client.post("/sign-out/")
    assert answer.status_code == 403
    assert "Send this form again" in answer.content.decode()
    assert "nothing was changed" in answer.content.decode()


def test_a_strange_host_is_refused_without_echoing_it(db, client):
    answer = client.get("/sign-in/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize(
    ("htmx", "template"), [("false", "refused.html"), ("true", "components/_refusal.html")]
)
def test_a_refusal_says_its_sentence_as_a_page_or_as_a_part(htmx, template, cast, client, monkeypatch):
    def refuses(*args, **kwargs):
        raise Refused("December 2025 is closed.")

    monkeypatch.setattr("dispatch.inbox.page_of", refuses)
    client.force_login(cast.user("rosa"))
    answer = client.get("/inbox/", headers={"HX-Request": htmx})
    assert answer.status_code == 422
    assert template in [used.name for used in answer.templates]
    assert "December 2025 is closed." in answer.content.decode()
