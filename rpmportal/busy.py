"""What a page answers when the database is busy or away: 503, nothing lost, and the same form to be sent again."""

import logging

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template import loader
from psycopg.errors import ReadOnlySqlTransaction

from accounts.middleware import is_background
from foundation.context import request_reference
from foundation.resend import fields_to_resend, must_be_given_again
from rpmportal.crashes import where

log = logging.getLogger(__name__)
RETRY_AFTER = 5


class BusyMiddleware:
    """A lock that was not had in time, a statement past its limit, a deadlock, a connection that broke."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_busy(exception):
            return None
        log.warning("Busy: %s", where(exception))
        return busy_answer(request)


def is_busy(error: BaseException | None) -> bool:
    """Whether the same may go well a little later. A standby takes nothing in until it has become the server."""
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, ReadOnlySqlTransaction)
    return isinstance(error, OperationalError | InterfaceError)


def busy_answer(request) -> HttpResponse:
    """As JSON, as a part of a page, or as a page: whichever was asked for. Drawn without asking the database."""
    answer = _for_script(request) or _page(request)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def _for_script(request) -> HttpResponse | None:
    """What was typed stays in the page, whose script tries again or says so."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"busy": True, "retry_after": RETRY_AFTER}, status=503)
    if request.headers.get("HX-Request") == "true" or is_background(request):
        return HttpResponse(loader.render_to_string("_busy.html"), status=503)
    return None


def _page(request) -> HttpResponse:
    """What was sent can be sent again: its operation id makes it happen once."""
    context = {
        "reference": request_reference(),
        "address": request.get_full_path(),
        "fields": fields_to_resend(request) if request.method == "POST" else None,
        "again": must_be_given_again(request),
        "csrf_token": get_token(request),
    }
    return HttpResponse(loader.render_to_string("busy.html", context), status=503)
