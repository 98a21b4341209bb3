"""Pages and forms as a browser without scripts has them, over HTTP."""

import urllib.error
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore


def cookie_of(user) -> str:
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), "accounts.backends.PasswordBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def send(url: str, cookie: str, body: dict | None = None, *, die: bool = False):
    """(status, location, text), or None when the connection broke."""
    headers = {"Cookie": cookie, **({"X-Die": "1"} if die else {})}
    data = urlencode(body, doseq=True).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=20) as answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", ""), error.read().decode()
    except OSError:
        return None


class FormReader(HTMLParser):
    """The values that a browser would send with a form of a page; the session's, unless another is named by id."""

    def __init__(self, form: str):
        super().__init__()
        self.form = form
        self.found: dict = {}
        self.inside, self.area = False, None

    @classmethod
    def values(cls, page: str, form: str = "session-form") -> dict:
        reader = cls(form)
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form
        elif self.inside and tag == "textarea":
            self.area = given["name"]
            self.found[self.area] = ""
        elif self.inside and tag == "input" and given.get("name") and given["name"] != "discard_reason":
            self._input(given)

    def _input(self, given):
        several = given.get("type") in {"radio", "checkbox"}
        if several or given["name"] == "topics":
            if "checked" in given or not several:
                self.found.setdefault(given["name"], []).append(given.get("value", "on"))
        else:
            self.found[given["name"]] = given.get("value") or ""

    def handle_data(self, data):
        if self.area:
            self.found[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The first line break after the tag is not part of the value.
            self.found[self.area] = self.found[self.area].removeprefix("\n").strip()
            self.area = None
        elif tag == "form":
            self.inside = False
