"""How much may come, from whom; refused before it is read."""

import json
import re
from io import BytesIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from authentication.tokens.access import BODY_LIMIT

NOBODY = uuid4()
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


class Unread:
    """A body that must not be touched."""

    def read(self, *args):
        raise AssertionError("The body was read.")

    readline = read


def post(client, path: str, length: int):
    """Announces a length; what comes is empty."""
    announced = {"CONTENT_TYPE": PARTS if "import" in path else FORM, "CONTENT_LENGTH": str(length)}
    return client.generic("POST", path, **announced, **{"wsgi.input": BytesIO()})


@pytest.fixture
def nurse(cast):
    client = Client()
    client.force_login(cast.user("rosa"))
    return client


def limits():
    return {
        "anonymous": settings.BODY_LIMIT_ANONYMOUS,
        "signed in": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "file": settings.BODY_LIMIT_FILES,
    }


@pytest.mark.parametrize("who", ["anonymous", "signed in", "file"])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_the_announced_length_decides(who, beyond, cast, client):
    if who != "anonymous":
        client.force_login(cast.user("rosa"))
    path = reverse("monitoring:readings_import") if who == "file" else "/sign-in/"
    answer = post(client, path, limits()[who] + beyond)
    assert (answer.status_code == 413) == (beyond > 0)
    if beyond > 0:
        assert "Nothing was saved" in answer.content.decode()
        assert "what you typed is still there" in answer.content.decode()


@pytest.mark.parametrize("kind", [FORM, PARTS])
def test_nothing_of_it_is_read(kind, cast):
    """150 MB to the sign-in page, from nobody we know."""
    client = Client(enforce_csrf_checks=True)
    body = {"wsgi.input": Unread(), "CONTENT_TYPE": kind}
    assert client.generic("POST", "/sign-in/", **body, CONTENT_LENGTH="150000000").status_code == 413
    with pytest.raises(AssertionError, match="was read"):
        Client().generic("POST", "/sign-in/", **body, CONTENT_LENGTH="100")


def test_a_made_up_session_is_nobody(cast):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert post(client, "/sign-in/", settings.BODY_LIMIT_ANONYMOUS + 1).status_code == 413


def test_a_body_without_a_length_is_refused(client, db):
    answer = client.generic("POST", "/sign-in/", b"x", FORM, HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411


@pytest.mark.parametrize("length", ["", "nonsense", "-5"])
def test_a_strange_length_is_no_body(length, client, db):
    assert client.generic("POST", "/sign-in/", b"", FORM, CONTENT_LENGTH=length).status_code < 500


def test_only_these_pages_take_files():
    """Another view with a file says so by `@takes_files`, and gets a place in deploy/nginx.conf."""
    taking = {name for name, view in named_views() if getattr(view, "takes_files", False)}
    with_ids = {
        "patients:attachment_new": [NOBODY],
        "patients:order_scan": [NOBODY] * 2,
        "patients:plan_scan": [NOBODY] * 2,
    }
    without = {"monitoring:readings_import", "intake:bring_in"}
    assert taking == {*without, *with_ids}
    assert all(f"location = {reverse(name)} " in nginx() for name in without)
    pattern = re.search(r'location ~ "([^"]+)" \{\s+client_max_body_size 6m', nginx())[1]
    assert all(re.match(pattern, reverse(name, args=ids)) for name, ids in with_ids.items())


def named_views():
    def walk(patterns, prefix=""):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from walk(pattern.url_patterns, inner)
            elif pattern.name:
                yield prefix + pattern.name, pattern.callback

    return walk(get_resolver().url_patterns)


def nginx() -> str:
    return (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()


def test_the_proxy_lets_through_what_the_application_takes():
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 1024 * 1024
    assert settings.BODY_LIMIT_FILES == 6 * 1024 * 1024
    assert nginx().count("client_max_body_size") == 5
    assert "location ~ ^/fhir(?:/|$) {\n            client_max_body_size 2m;" in nginx()
    assert BODY_LIMIT == 2 * 1024 * 1024
    assert max(settings.HL7_MAX_BYTES, settings.HUB_MAX_BYTES) <= 1024 * 1024, "The proxy's usual limit."


def test_the_proxys_own_answers_to_programs_are_in_fhir():
    for name in ("fhir-413.json", "fhir-503.json"):
        told = (settings.BASE_DIR / "deploy" / "pages" / name).read_text()
        assert json.loads(told)["resourceType"] == "OperationOutcome"


def test_too_many_fields_are_refused(client, db):
    fields = {f"f{n}": "x" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)}
    assert client.post("/sign-in/", fields).status_code == 200
    assert client.post("/sign-in/", {**fields, "more": "x"}).status_code == 400


def test_too_many_files_are_refused(nurse):
    files = {f"file{n}": SimpleUploadedFile("a.csv", b"x") for n in range(2)}
    assert nurse.post(reverse("monitoring:readings_import"), files).status_code == 400


def test_long_fields_beside_a_file_are_refused_in_words(nurse):
    """Within the file page's limit, but the text in it is past the one for text."""
    long = {"why": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    answer = nurse.post(reverse("monitoring:readings_import"), long)
    assert answer.status_code == 413
    assert "Nothing was saved" in answer.content.decode()
