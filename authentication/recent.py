"""Proving again who one is, before what would do most harm at a desk that somebody left."""

from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.contrib.auth import authenticate
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from foundation.htmx import see_other
from foundation.resend import fields_to_resend

PROVED = "proved_at"
PASSWORD, OPENS = "confirm_password", "confirm_opens"


def is_recent(request) -> bool:
    at = parse_datetime(request.session.get(PROVED, ""))
    return at is not None and timezone.now() - at < timedelta(seconds=settings.PROOF_SECONDS)


def recently_signed_in(view):
    """Asks for the password again when it was given too long ago, then goes on: with what was typed, if it was a form.

    Stands below `@requires` and above `@once`.
    """

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if is_recent(request):
            return view(request, *args, **kwargs)
        typed = request.POST.get(PASSWORD)
        if not typed:
            return _ask(request)
        if authenticate(request, username=request.user.email, password=typed) != request.user:
            return _ask(request, wrong=True)
        request.session[PROVED] = timezone.now().isoformat()
        return see_other(request.get_full_path()) if OPENS in request.POST else view(request, *args, **kwargs)

    guarded.asks_again = True
    return guarded


def _ask(request, *, wrong: bool = False):
    """Everything else of the form goes along, so that it is sent by the same press."""
    opens = request.method != "POST" or OPENS in request.POST
    context = {
        "wrong": wrong,
        "opens": opens,
        "fields": [] if opens else fields_to_resend(request),
        "files": list(request.FILES),
    }
    return render(request, "authentication/confirm.html", context, status=422 if wrong else 403)
