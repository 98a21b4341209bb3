"""What every answer carries: no caching of what a person saw, a strict policy, closed cookies."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "manifest-src 'self'",
}


@pytest.mark.parametrize("path", ["/inbox/", "/styleguide/", "/no/such/page/", "/history/", "/session/left/"])
def test_nothing_a_signed_in_person_saw_is_stored(path, cast, client):
    client.force_login(cast.user("rosa"))
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/no/such/page/", "/inbox/"])
def test_the_policy_allows_our_own_files_and_nothing_inline(path, db, client):
    policy = {part.strip() for part in client.get(path)["Content-Security-Policy"].split(";")}
    assert policy == POLICY


def test_no_answer_may_be_framed_sniffed_or_leak_its_address(db, client):
    answer = client.get("/sign-in/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(cast, client):
    client.post("/sign-in/", {"username": "rosa@example.test", "password": "correct horse battery"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]


def test_with_https_cookies_are_secure_and_bound_to_the_host():
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"]
    names += ["SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT"]
    script = f"import json; from rpmportal import settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HTTPS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [True, True, "__Host-session", "__Host-csrf", 31536000, True]


def test_signing_out_clears_what_the_browser_kept(cast, client):
    client.force_login(cast.user("rosa"))
    answer = client.post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/inbox/").status_code == 302
