"""Each request: its reference, its person and practice, its signature, its time limit."""

from contextlib import nullcontext
from datetime import timedelta
from urllib.parse import quote, urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Membership
from accounts.signals import signing_out
from foundation.context import ActorKind, acting, in_request
from foundation.practice_scope import in_practice, nowhere, of_person
from foundation.resend import fields_to_resend

SEEN, STARTED = "last_input_at", "signed_in_at"
# The session row is written at most this often; the limit is exact to this.
SEEN_STEP = timedelta(seconds=20)


class RequestIdMiddleware:
    """Gives the request its id, which history rows, log lines and error pages repeat, and the moment it came.

    Until somebody is known, and after, it sees no practice's rows.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id, request.received_at = uuid4(), timezone.now()
        with in_request(request.request_id), nowhere():
            response = self.get_response(request)
        response["X-Request-Id"] = request.request_id.hex
        return response


def is_background(request) -> bool:
    """A poll that no person asked for: it must not keep a session alive."""
    return request.headers.get("X-Background") == "1"


class IdleSignOutMiddleware:
    """Signs out after 15 minutes without a person's doing, and after 12 hours whatever she does.

    Background polling does not extend the first.

    The clock's heartbeat says in `X-Input: 1` that there was input; *On call* counts as input too.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now = timezone.now()
            seen = parse_datetime(request.session.get(SEEN, "")) or now
            started = parse_datetime(request.session.get(STARTED, "")) or now
            if now - seen >= timedelta(seconds=settings.IDLE_SIGN_OUT_SECONDS):
                sign_out(request, reason="idle", at=seen)
            elif now - started >= timedelta(seconds=settings.SESSION_COOKIE_AGE):
                sign_out(request, reason="12 hours", at=now)
            else:
                self._note(request, seen, now)
        return self.get_response(request)

    @staticmethod
    def _note(request, seen, now):
        if is_background(request) and request.headers.get("X-Input") != "1":
            return
        if SEEN not in request.session or now - seen >= SEEN_STEP:
            request.session[SEEN] = now.isoformat()


def sign_out(request, *, reason: str, at) -> None:
    """End the session; the floors above are told first, so that a running clock is paused."""
    membership = membership_of(request)
    practice = membership.practice if membership else None
    with acting(str(request.user), kind=ActorKind.PERSON, actor_id=request.user.pk):
        signing_out.send(sender=None, user=request.user, practice=practice, at=at, reason=reason)
    logout(request)


def membership_of(request) -> Membership | None:
    """The membership in effect today: the one chosen in this session, else the first."""
    if not request.user.is_authenticated:
        return None
    memberships = (
        Membership.objects.filter(user=request.user).at(timezone.now()).select_related("practice", "user")
    )
    chosen = request.session.get("practice")
    with of_person(request.user.pk):
        rows = sorted(memberships, key=lambda m: (str(m.practice_id) != chosen, m.practice.name))
    return rows[0] if rows else None


class ActingMiddleware:
    """Sets `request.membership` and `request.practice`, signs every write of the request, and lets it see the rows of
    that practice only."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.membership = membership_of(request)
        request.practice = request.membership.practice if request.membership else None
        person = request.user if request.user.is_authenticated else None
        label = (
            request.membership.label if request.membership else (person.name if person else "not signed in")
        )
        kind = ActorKind.PERSON if person else ActorKind.SYSTEM
        with (
            acting(label, kind=kind, actor_id=person.pk if person else None, request_id=request.request_id),
            of_person(person.pk) if person else nowhere(),
            in_practice(request.practice) if request.practice else nullcontext(),
        ):
            return self.get_response(request)


def person_mark(user) -> str:
    """Says whose page it is, to compare with who is signed in when it is sent; tells nothing else."""
    return salted_hmac("person", str(user.pk)).hexdigest()[:24]


class SamePersonMiddleware:
    """What one person typed is not saved under the name of another who signed in on the same computer meanwhile.

    Scripts send the mark of the page's person; forms without scripts hold a token that ends with the sign-in.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, *view):
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        mark = request.headers.get("X-Person") or request.POST.get("sent_by") or ""
        if not mark or constant_time_compare(mark, person_mark(request.user)):
            return None
        page = render(request, "other_person.html", {"person": request.user.name}, status=403)
        page["X-Other-Person"] = "1"
        return page


def signed_out_form(request, fields: list[tuple[str, str]]) -> HttpResponse:
    """The form that came after the sign-in ended. Its words are in it and not shown: anybody may sit there by now."""
    return render(
        request, "signed_out_form.html", {"fields": fields, "files": list(request.FILES)}, status=403
    )


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page needs a sign-in unless its view is marked public. htmx is told to leave for the sign-in page.

    A form that is sent after the sign-in ended is shown again, ready to be sent after the next one.
    """

    def handle_no_permission(self, request, view_func):
        if request.headers.get("HX-Request") == "true" or is_background(request):
            page = _path_of(request.headers.get("HX-Current-URL", ""))
            return HttpResponse(status=401, headers={"HX-Redirect": self._sign_in(view_func, page)})
        if request.method == "POST" and (fields := fields_to_resend(request)):
            return signed_out_form(request, fields)
        return HttpResponseRedirect(self._sign_in(view_func, request.path))

    def _sign_in(self, view_func, path: str) -> str:
        """The sign-in page that leads back to the path: without its query, which may hold a patient's name."""
        url = resolve_url(self.get_login_url(view_func))
        # `//elsewhere.example/` is a path by its looks, and another host to a browser.
        ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        return f"{url}?{REDIRECT_FIELD_NAME}={quote(path)}" if ours else url


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


class NoStoreMiddleware:
    """Nothing that a signed-in person saw stays in a cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            add_never_cache_headers(response)
        return response
